package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyFn0;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.CompletionHandle;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.IncomingValues;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A callout's turn in a round: the call of its classifyFn, and what its classify-out means for arbitration. While it is
 * pended, the round waits. It is what classify context and completion handle stand for. Its own monitor guards the pends,
 * and is not held while classifyFn runs.
 *
 * <p>All that WFP lends to the callout lives as long as the turn: until classifyFn returns or, if it has pended, until the
 * last pend is completed (WFP-19). Classify-out goes when classifyFn returns.
 */
final class CalloutTurn implements ClassifyContext, CompletionHandle, Loan, RunningCall {

    /** Where classifyFn is, for which of its own calls may hold the round. */
    private enum Phase {
        RUNNING,
        /** Runs, and has pended. */
        PENDED,
        OVER
    }

    private static final AtomicReferenceFieldUpdater<CalloutTurn, Phase> PHASE =
            AtomicReferenceFieldUpdater.newUpdater(CalloutTurn.class, Phase.class, "phase");

    private static final AtomicIntegerFieldUpdater<CalloutTurn> WRITABLE_OUT =
            AtomicIntegerFieldUpdater.newUpdater(CalloutTurn.class, "writableOut");

    private final FilterEngine engine;
    private final FilterRound round;
    private final LiveRequest live;
    private final InstalledFilter filter;
    private final boolean mayWrite;
    private final ActionType standing;
    /** Null if nobody has it registered. */
    private CalloutSlot.@Nullable Registration callout;

    private volatile Phase phase = Phase.OVER;
    private Instant since = Instant.EPOCH;
    private boolean threw;
    private volatile int pends;
    private boolean completedByItself;
    private boolean suspended;
    private volatile boolean wasPended;
    private volatile boolean anew;

    /** The thread that runs classifyFn, while it does. */
    private volatile @Nullable Thread runner;

    /** What stood before the call, so that the edits of a classifyFn that throws can be undone. */
    private @Nullable Object before;

    /** 1 while a writable copy is out. */
    private volatile int writableOut;

    private @Nullable LentOut given;
    private @Nullable ClassifyOut written;

    CalloutTurn(FilterEngine engine, FilterRound round, InstalledFilter filter, boolean mayWrite, ActionType standing) {
        this.engine = engine;
        this.round = round;
        this.live = round.live();
        this.filter = filter;
        this.mayWrite = mayWrite;
        this.standing = standing;
        this.callout = usable(engine.callouts().registered(filter.definition().calloutKey()));
    }

    private CalloutSlot.@Nullable Registration usable(CalloutSlot.@Nullable Registration registered) {
        if (registered == null || registered.classifyFn1() != null || !isRedirectLayer()) {
            return registered;
        }
        live.fault(
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
        CalloutSlot.Registration registered = callout;
        if (registered == null) {
            return;
        }
        runner = Thread.currentThread();
        int place = registered.running().enter(this);
        if (place == RunningCalls.CLOSED) {
            runner = null;
            callout = null;
            return;
        }
        try {
            run(registered);
        } finally {
            runner = null;
            registered.running().leave(place);
            if (registered.flowDeleteFn() != null) {
                engine.flowContexts().classifyReturned();
            }
        }
    }

    private void run(CalloutSlot.Registration registered) {
        LentOut out = new LentOut(this, mayWrite ? ActionType.FWPS_RIGHT_ACTION_WRITE : 0);
        given = out;
        written = out;
        phase = Phase.RUNNING;
        before = live.mark();
        Irql level = engine.irql().replace(engine.options().classifyIrql());
        try {
            threw = !invoke(registered, out);
        } finally {
            engine.irql().replace(level);
        }
    }

    /** What a classifyFn had applied that threw is undone, also what it applied later: "no change" (WFP-38). */
    void undoIfThrown() {
        if (threw) {
            List<Long> gone = live.rollBack(Objects.requireNonNull(before, "the callout was called"));
            gone.forEach(engine.contexts()::free);
        }
    }

    // Whatever a callout throws, an assertion of a test included, has to reach the caller as a fault.
    @SuppressWarnings("CatchingThrowable")
    private boolean invoke(CalloutSlot.Registration registered, ClassifyOut out) {
        IncomingValues values = new LentValues(this, live.values());
        FwpsFilter lent = new LentFilter(this, filter.asSeenByCallouts());
        IncomingMetadataValues metadata = new LentMetadata(this, engine.metadataOf(live));
        try {
            ClassifyFn1 classifyFn1 = registered.classifyFn1();
            ClassifyFn0 classifyFn0 = registered.classifyFn0();
            if (classifyFn1 != null) {
                classifyFn1.classify(values, metadata, null, this, lent, 0, out);
            } else if (classifyFn0 != null) {
                classifyFn0.classify(values, metadata, null, lent, 0, out);
            }
            return true;
        } catch (OutOfMemoryError | InternalError | UnknownError fatal) {
            throw fatal;
        } catch (Throwable thrown) {
            engine.verifier()
                    .fault(
                            live.question().subject(),
                            Fault.CALLOUT_THREW,
                            registered.owner().driver(),
                            "classifyFn threw " + thrown,
                            thrown);
            return false;
        }
    }

    // ---- layer data

    /** Claims the one writable copy that can be out at a time. */
    boolean takeWritable() {
        return writableOut == 0 && WRITABLE_OUT.compareAndSet(this, 0, 1);
    }

    void giveWritable() {
        writableOut = 0;
    }

    // ---- what is lent

    /** Whether classifyFn has returned, and with it classify-out is gone. */
    boolean hasReturned() {
        return phase == Phase.OVER;
    }

    /** Whether all that was lent is gone: classifyFn has returned, and no pend holds the round any more (WFP-19). */
    @Override
    public boolean isOver() {
        return phase == Phase.OVER && pends == 0;
    }

    /** Raises the fault for something that was lent and is used after the turn; always false. */
    @Override
    public boolean refuseStale(String object, String use) {
        live.fault(
                Fault.STALE_REFERENCE,
                object,
                use + " by " + driver() + " after its classification was over: "
                        + (wasPended ? "it was completed" : "classifyFn had returned without a pend"));
        return false;
    }

    /** As {@link #refuseStale}, for what goes with classifyFn's return already. */
    boolean refuseStaleOut(String object, String use) {
        live.fault(
                Fault.STALE_REFERENCE,
                object,
                use + " by " + driver() + " after classifyFn had returned: what decides later is a copy");
        return false;
    }

    /** As {@link #refuseStale}, for what WFP frees when a flow ends. */
    boolean refuseFreed(String object) {
        live.fault(
                Fault.STALE_REFERENCE,
                object,
                "read by " + driver() + " after WFP had freed it: the redirected connection is gone");
        return false;
    }

    /** Whether the list of a connect request's versions ends with the one that no callout has touched (WFP-55). */
    boolean showsUnmodifiedRequest() {
        return engine.options().has(Deviation.UNMODIFIED_CONNECT_REQUEST_AS_PREVIOUS_VERSION);
    }

    @Override
    public @Nullable Thread runner() {
        return runner;
    }

    @Override
    public boolean isAbout(long flowId) {
        return live.question().flowId() == flowId;
    }

    // ---- deciding later

    /** Whether the calling thread is inside classifyFn. */
    boolean isInsideOnThisThread() {
        return runner == Thread.currentThread();
    }

    boolean mayWrite() {
        return mayWrite;
    }

    /** Holds the round; false outside classifyFn. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // Changed by holders of the monitor only.
    boolean pend() {
        synchronized (this) {
            if (phase == Phase.OVER
                    || (phase == Phase.RUNNING && !PHASE.compareAndSet(this, Phase.RUNNING, Phase.PENDED))) {
                return false;
            }
            pends++;
            wasPended = true;
        }
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.ClassifyPended(
                            live.question().subject(),
                            live.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver()));
        }
        return true;
    }

    /** Notes that the callout may not hold the round, and why. */
    void pendRefused(String why) {
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.PendRefused(
                            live.question().subject(),
                            live.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver(),
                            why));
        }
    }

    /** Takes one hold back; the last one lets the round go on. A null classify-out asks for a fresh classification. */
    void complete(@Nullable ClassifyOut out) {
        traceCompletion(out);
        takeBack(out);
    }

    /** Takes a hold back for a driver that was unloaded before it completed. */
    void endPend(@Nullable ClassifyOut out) {
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.PendEnded(
                            live.question().subject(),
                            live.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver()));
        }
        takeBack(out);
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // Changed by holders of the monitor only.
    private void takeBack(@Nullable ClassifyOut out) {
        boolean goOn;
        synchronized (this) {
            pends--;
            completedByItself |= isInsideOnThisThread();
            if (out == null) {
                anew = true;
            } else {
                written = out;
            }
            goOn = pends == 0 && suspended;
            suspended &= !goOn;
        }
        if (goOn) {
            round.resume();
        }
    }

    private void traceCompletion(@Nullable ClassifyOut out) {
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.ClassifyCompleted(
                            live.question().subject(),
                            live.values().layer(),
                            filter.id(),
                            filter.definition().name(),
                            driver(),
                            out == null ? null : out.actionType()));
        }
    }

    /** Ends the turn of a classifyFn that has not pended; false if it has. Takes no lock. */
    boolean endUnpended() {
        return phase == Phase.OVER || PHASE.compareAndSet(this, Phase.RUNNING, Phase.OVER);
    }

    /**
     * Ends classifyFn's turn after a pend; true if the callout holds the round. From here on another thread may go on with
     * it.
     */
    boolean suspend() {
        adviseBlock();
        synchronized (this) {
            phase = Phase.OVER;
            suspended = pends > 0;
            since = engine.clock().now();
            return suspended;
        }
    }

    /** The pages have the callout write block when it pends; nothing depends on it (WFP-59). */
    private void adviseBlock() {
        LentOut out = Objects.requireNonNull(given, "classifyFn was called");
        boolean atPlaceThatAsks =
                live.values().layer().isRedirectLayer() || live.values().layer().canPendOperation();
        if (atPlaceThatAsks && !threw && !completedByItself && out.actionAtReturn() != ActionType.FWP_ACTION_BLOCK) {
            engine.verifier()
                    .diagnose(
                            live.question().subject(),
                            Diagnostic.PENDED_WITHOUT_BLOCK,
                            driver(),
                            filter + " was pended with " + out.actionAtReturn() + ", not with FWP_ACTION_BLOCK");
        }
    }

    /** Whether the completion asked for a fresh classification. */
    boolean asksAnew() {
        return anew;
    }

    // ---- deciding

    /** What the turn means for its sub-layer; null if it leaves the decision to the next filter. */
    Arbitration.@Nullable Decision decision() {
        if (callout == null) {
            return undecidedCallout();
        }
        if (threw) {
            boolean blocks = live.values().layer().isAuthorizationLayer();
            boolean veto = !mayWrite && standing == ActionType.FWP_ACTION_PERMIT;
            if (!blocks) {
                return null;
            }
            return veto ? Arbitration.Decision.VETO : Arbitration.Decision.HARD_BLOCK;
        }
        ClassifyOut out = written;
        if (out instanceof LentOut lent) {
            return judge(callout, lent.actionAtReturn(), lent.rightsAtReturn());
        }
        return out == null ? null : judge(callout, out.actionType(), out.rights());
    }

    /** WFP-33: until the callout registers, inspection is skipped and everything else blocks. */
    private Arbitration.@Nullable Decision undecidedCallout() {
        Filter definition = filter.definition();
        if (definition.flags().contains(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)) {
            return Arbitration.Decision.SOFT_PERMIT;
        }
        return definition.action() == ActionType.FWP_ACTION_CALLOUT_INSPECTION ? null : Arbitration.Decision.HARD_BLOCK;
    }

    private Arbitration.@Nullable Decision judge(CalloutSlot.Registration registered, ActionType action, int rights) {
        if (action != ActionType.FWP_ACTION_PERMIT && action != ActionType.FWP_ACTION_BLOCK) {
            return null;
        }
        if (filter.definition().action() == ActionType.FWP_ACTION_CALLOUT_INSPECTION) {
            reportDecisionOfInspector(registered, action);
            return null;
        }
        if (mayWrite) {
            boolean hardByFlag = filter.definition().flags().contains(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT);
            boolean rightGivenUp = (rights & ActionType.FWPS_RIGHT_ACTION_WRITE) == 0;
            return Arbitration.Decision.of(action, hardByFlag || rightGivenUp);
        }
        boolean veto = action == ActionType.FWP_ACTION_BLOCK && standing == ActionType.FWP_ACTION_PERMIT;
        // Writing what stands already changes nothing: a second redirecting callout has to do it after its acquire.
        if (!veto && action != standing) {
            live.fault(
                    Fault.ACTION_WRITTEN_WITHOUT_RIGHT,
                    registered.owner().driver(),
                    action + " was written against a hard " + standing);
        }
        return veto ? Arbitration.Decision.VETO : null;
    }

    /** An inspection callout decides nothing; at the redirect layers acquiring layer data writes for it (WFP-28). */
    private void reportDecisionOfInspector(CalloutSlot.Registration registered, ActionType action) {
        if (!isRedirectLayer()) {
            live.fault(
                    Fault.ACTION_WRITTEN_WITHOUT_RIGHT,
                    registered.owner().driver(),
                    action + " was written by the callout of an FWP_ACTION_CALLOUT_INSPECTION filter");
        }
    }

    private boolean isRedirectLayer() {
        return live.values().layer().isRedirectLayer();
    }

    LiveRequest live() {
        return live;
    }

    /** Names question, filter, callout and driver, for reports. */
    String where() {
        return live.values().layer() + " of " + live.question().subject() + ", " + filter + ", callout {"
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
