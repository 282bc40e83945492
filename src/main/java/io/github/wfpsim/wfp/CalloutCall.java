package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One call of a callout's classifyFn, and what its classify-out means for arbitration. While a callout holds the call
 * pended, the pass waits. Its own monitor guards the pends, and is not held while classifyFn runs.
 */
final class CalloutCall {

    /** Where classifyFn is, for which of its own calls may hold the pass. */
    private enum Turn {
        RUNNING,
        /** Runs, and has pended. */
        PENDED,
        OVER
    }

    private static final AtomicReferenceFieldUpdater<CalloutCall, Turn> TURN =
            AtomicReferenceFieldUpdater.newUpdater(CalloutCall.class, Turn.class, "turn");

    private final FilterEngine engine;
    private final ClassifyPass pass;
    private final ClassifySession session;
    private final InstalledFilter filter;
    private final boolean mayWrite;
    private final ActionType standing;
    private final CalloutSlot.@Nullable Registration callout;

    private volatile Turn turn = Turn.OVER;
    private Instant since = Instant.EPOCH;
    private boolean threw;
    private int pends;
    private boolean mustClearRight;
    private boolean suspended;
    private volatile boolean anew;
    private @Nullable ClassifyOut given;
    private @Nullable ClassifyOut written;

    CalloutCall(FilterEngine engine, ClassifyPass pass, InstalledFilter filter, boolean mayWrite, ActionType standing) {
        this.engine = engine;
        this.pass = pass;
        this.session = pass.session();
        this.filter = filter;
        this.mayWrite = mayWrite;
        this.standing = standing;
        this.callout = usable(engine.callouts().registered(filter.definition().calloutKey()));
    }

    private CalloutSlot.@Nullable Registration usable(CalloutSlot.@Nullable Registration registered) {
        if (registered == null || registered.classifyFn1() != null || !isRedirectLayer()) {
            return registered;
        }
        session.fault(
                Fault.CALLOUT_VERSION_TOO_OLD,
                registered.owner().driver(),
                "a version-0 callout has no classify context to redirect with");
        return null;
    }

    InstalledFilter filter() {
        return filter;
    }

    String driver() {
        return callout == null ? "" : callout.owner().driver();
    }

    /** Calls the callout, if there is one, with no lock held. */
    void run() {
        if (callout == null) {
            return;
        }
        ClassifyOut out =
                new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, mayWrite ? ActionType.FWPS_RIGHT_ACTION_WRITE : 0);
        given = out;
        written = out;
        turn = Turn.RUNNING;
        Object before = session.mark();
        Irql level = engine.irql().replace(engine.options().classifyIrql());
        try {
            threw = !invoke(callout, out);
        } finally {
            engine.irql().replace(level);
        }
        if (threw) {
            // What it had applied is undone: "no change" (WFP-38).
            List<Long> gone = session.rollBack(before);
            gone.forEach(engine.contexts()::free);
        }
    }

    // Whatever a callout throws, an assertion of a test included, has to reach the caller as a fault.
    @SuppressWarnings("CatchingThrowable")
    private boolean invoke(CalloutSlot.Registration registered, ClassifyOut out) {
        IncomingValues values = session.values();
        IncomingMetadataValues metadata = new IncomingMetadataValues(this, engine.metadataOf(session));
        try {
            ClassifyFn1 classifyFn1 = registered.classifyFn1();
            ClassifyFn0 classifyFn0 = registered.classifyFn0();
            if (classifyFn1 != null) {
                classifyFn1.classify(
                        values, metadata, null, new ClassifyContext(this), filter.asSeenByCallouts(), 0, out);
            } else if (classifyFn0 != null) {
                classifyFn0.classify(values, metadata, null, filter.asSeenByCallouts(), 0, out);
            }
            return true;
        } catch (OutOfMemoryError | InternalError | UnknownError fatal) {
            throw fatal;
        } catch (Throwable thrown) {
            engine.verifier()
                    .fault(
                            session.input().subject(),
                            Fault.CALLOUT_THREW,
                            registered.owner().driver(),
                            "classifyFn threw " + thrown,
                            thrown);
            return false;
        }
    }

    // ---- deciding later

    /** Whether classifyFn runs now, which is when it may pend. */
    boolean isInside() {
        return turn != Turn.OVER;
    }

    boolean mayWrite() {
        return mayWrite;
    }

    /** Holds the pass; false outside classifyFn. */
    boolean pend(boolean clearsRight) {
        synchronized (this) {
            if (turn == Turn.OVER || (turn == Turn.RUNNING && !TURN.compareAndSet(this, Turn.RUNNING, Turn.PENDED))) {
                return false;
            }
            pends++;
            mustClearRight |= clearsRight;
        }
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.ClassifyPended(
                            session.input().subject(),
                            session.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver()));
        }
        return true;
    }

    /** Notes that the callout may not hold the pass, and why. */
    void pendRefused(String why) {
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.PendRefused(
                            session.input().subject(),
                            session.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver(),
                            why));
        }
    }

    /** Takes one hold back; the last one lets the pass go on. A null classify-out asks for a fresh classification. */
    void complete(@Nullable ClassifyOut out) {
        traceCompletion(out);
        takeBack(out);
    }

    /** Takes a hold back for a driver that was unloaded before it completed. */
    void endPend(@Nullable ClassifyOut out) {
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.PendEnded(
                            session.input().subject(),
                            session.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver()));
        }
        takeBack(out);
    }

    private void takeBack(@Nullable ClassifyOut out) {
        boolean goOn;
        synchronized (this) {
            pends--;
            if (out == null) {
                anew = true;
            } else {
                written = out;
            }
            goOn = pends == 0 && suspended;
            suspended &= !goOn;
        }
        if (goOn) {
            pass.resume();
        }
    }

    private void traceCompletion(@Nullable ClassifyOut out) {
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.ClassifyCompleted(
                            session.input().subject(),
                            session.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver(),
                            out == null ? null : out.actionType()));
        }
    }

    /** Ends the turn of a classifyFn that has not pended; false if it has. Takes no lock. */
    boolean endUnpended() {
        return turn == Turn.OVER || TURN.compareAndSet(this, Turn.RUNNING, Turn.OVER);
    }

    /** Ends classifyFn's turn after a pend; true if the callout holds the pass. */
    boolean suspend() {
        ClassifyOut out = given; // a first pend of two may have been completed by now, with another one
        boolean holds;
        boolean judged;
        synchronized (this) {
            turn = Turn.OVER;
            judged = !anew;
            holds = pends > 0;
            suspended = holds;
            since = engine.clock().now();
        }
        if (!holds) {
            return false;
        }
        if (judged && out != null && !threw) {
            checkPended(out);
        }
        return true;
    }

    /** The callout itself writes block and, for FwpsPendClassify0, clears the write right (WFP-59). */
    private void checkPended(ClassifyOut out) {
        if (out.actionType() != ActionType.FWP_ACTION_BLOCK || (mustClearRight && out.canWrite())) {
            session.fault(
                    Fault.PENDED_WITHOUT_BLOCK,
                    driver(),
                    filter + " was pended with " + out + ", not with FWP_ACTION_BLOCK"
                            + (mustClearRight ? " and the write right cleared" : ""));
        }
    }

    /** Whether the completion asked for a fresh classification. */
    boolean asksAnew() {
        return anew;
    }

    // ---- deciding

    /** What the call means for its sub-layer; null if it leaves the decision to the next filter. */
    Arbitration.@Nullable Decision decision() {
        if (callout == null) {
            return undecidedCallout();
        }
        if (threw) {
            boolean blocks = session.values().layer().isAuthorizationLayer();
            boolean veto = !mayWrite && standing == ActionType.FWP_ACTION_PERMIT;
            if (!blocks) {
                return null;
            }
            return veto ? Arbitration.Decision.VETO : Arbitration.Decision.HARD_BLOCK;
        }
        ClassifyOut out = written;
        return out == null ? null : judge(callout, out);
    }

    /** WFP-33: until the callout registers, inspection is skipped and everything else blocks. */
    private Arbitration.@Nullable Decision undecidedCallout() {
        Filter definition = filter.definition();
        if (definition.flags().contains(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)) {
            return Arbitration.Decision.SOFT_PERMIT;
        }
        return definition.action() == ActionType.FWP_ACTION_CALLOUT_INSPECTION ? null : Arbitration.Decision.HARD_BLOCK;
    }

    private Arbitration.@Nullable Decision judge(CalloutSlot.Registration registered, ClassifyOut out) {
        ActionType action = out.actionType();
        if (action != ActionType.FWP_ACTION_PERMIT && action != ActionType.FWP_ACTION_BLOCK) {
            return null;
        }
        if (filter.definition().action() == ActionType.FWP_ACTION_CALLOUT_INSPECTION) {
            reportDecisionOfInspector(registered, action);
            return null;
        }
        if (mayWrite) {
            boolean hardByFlag = filter.definition().flags().contains(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT);
            return Arbitration.Decision.of(action, hardByFlag || !out.canWrite());
        }
        boolean veto = action == ActionType.FWP_ACTION_BLOCK && standing == ActionType.FWP_ACTION_PERMIT;
        // Writing what stands already changes nothing: a second redirecting callout has to do it after its acquire.
        if (!veto && action != standing) {
            session.fault(
                    Fault.ACTION_WRITTEN_WITHOUT_RIGHT,
                    registered.owner().driver(),
                    action + " was written against a hard " + standing);
        }
        return veto ? Arbitration.Decision.VETO : null;
    }

    /** An inspection callout decides nothing; at the redirect layers acquiring layer data writes for it (WFP-28). */
    private void reportDecisionOfInspector(CalloutSlot.Registration registered, ActionType action) {
        if (!isRedirectLayer()) {
            session.fault(
                    Fault.ACTION_WRITTEN_WITHOUT_RIGHT,
                    registered.owner().driver(),
                    action + " was written by the callout of an FWP_ACTION_CALLOUT_INSPECTION filter");
        }
    }

    private boolean isRedirectLayer() {
        return session.values().layer().isRedirectLayer();
    }

    ClassifySession session() {
        return session;
    }

    /** Names question, filter, callout and driver, for reports. */
    String where() {
        return session.values().layer() + " of " + session.input().subject() + ", " + filter + ", callout {"
                + filter.definition().calloutKey() + "} of " + driver();
    }

    /** Says who holds what since when, for reports. */
    @Override
    public String toString() {
        Duration held;
        synchronized (this) {
            held = Duration.between(since, engine.clock().now());
        }
        return where() + (held.isZero() ? "" : ", for " + held.toMillis() + " ms of virtual time");
    }
}
