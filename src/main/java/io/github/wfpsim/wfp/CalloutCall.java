package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.verifier.Fault;
import org.jspecify.annotations.Nullable;

/** One call of a callout's classifyFn, and what its classify-out means for arbitration. */
final class CalloutCall {

    private final FilterEngine engine;
    private final ClassifySession session;
    private final InstalledFilter filter;

    CalloutCall(FilterEngine engine, ClassifySession session, InstalledFilter filter) {
        this.engine = engine;
        this.session = session;
        this.filter = filter;
    }

    Arbitration.@Nullable Decision decide(Arbitration arbitration, boolean hardByFlag) {
        CalloutSlot slot = filter.callout();
        CalloutSlot.Registration callout = slot == null ? null : slot.registration();
        if (callout != null && callout.classifyFn1() == null && isRedirectLayer()) {
            session.fault(
                    Fault.CALLOUT_VERSION_TOO_OLD,
                    callout.owner().driver(),
                    "a version-0 callout has no classify context to redirect with");
            callout = null;
        }
        return callout == null ? undecidedCallout() : call(callout, arbitration, hardByFlag);
    }

    /** WFP-33: until the callout registers, inspection is skipped and everything else blocks. */
    private Arbitration.@Nullable Decision undecidedCallout() {
        Filter definition = filter.definition();
        if (definition.flags().contains(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)) {
            return new Arbitration.Decision(ActionType.FWP_ACTION_PERMIT, false, false);
        }
        return definition.action() == ActionType.FWP_ACTION_CALLOUT_INSPECTION
                ? null
                : new Arbitration.Decision(ActionType.FWP_ACTION_BLOCK, true, false);
    }

    private Arbitration.@Nullable Decision call(
            CalloutSlot.Registration callout, Arbitration arbitration, boolean hardByFlag) {
        boolean mayWrite = arbitration.mayWrite();
        ActionType standing = arbitration.standingAction();
        ClassifyOut out =
                new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, mayWrite ? ActionType.FWPS_RIGHT_ACTION_WRITE : 0);
        Object before = session.mark();
        if (!invoke(callout, out)) {
            // What it had applied is undone: "no change" (WFP-38).
            session.rollBack(before).forEach(engine.contexts()::free);
            boolean blocks = session.input().values().layer().isAuthorizationLayer();
            return blocks
                    ? new Arbitration.Decision(
                            ActionType.FWP_ACTION_BLOCK, true, standing == ActionType.FWP_ACTION_PERMIT && !mayWrite)
                    : null;
        }
        ActionType written = out.actionType();
        if (written != ActionType.FWP_ACTION_PERMIT && written != ActionType.FWP_ACTION_BLOCK) {
            return null;
        }
        if (filter.definition().action() == ActionType.FWP_ACTION_CALLOUT_INSPECTION) {
            reportDecisionOfInspector(callout, written);
            return null;
        }
        if (mayWrite) {
            return new Arbitration.Decision(written, hardByFlag || !out.canWrite(), false);
        }
        boolean veto = written == ActionType.FWP_ACTION_BLOCK && standing == ActionType.FWP_ACTION_PERMIT;
        // Writing what stands already changes nothing: a second redirecting callout has to do it after its acquire.
        if (!veto && written != standing) {
            session.fault(
                    Fault.ACTION_WRITTEN_WITHOUT_RIGHT,
                    callout.owner().driver(),
                    written + " was written against a hard " + standing);
        }
        return veto ? new Arbitration.Decision(written, true, true) : null;
    }

    /** An inspection callout decides nothing; at the redirect layers acquiring layer data writes for it (WFP-28). */
    private void reportDecisionOfInspector(CalloutSlot.Registration callout, ActionType written) {
        if (!isRedirectLayer()) {
            session.fault(
                    Fault.ACTION_WRITTEN_WITHOUT_RIGHT,
                    callout.owner().driver(),
                    written + " was written by the callout of an FWP_ACTION_CALLOUT_INSPECTION filter");
        }
    }

    /** Runs the callout with no lock held; false if it threw (WFP-38). */
    private boolean invoke(CalloutSlot.Registration callout, ClassifyOut out) {
        boolean[] returned = new boolean[1];
        engine.irql().runAt(engine.options().classifyIrql(), () -> returned[0] = run(callout, out));
        return returned[0];
    }

    // Whatever a callout throws, an assertion of a test included, has to reach the caller as a fault.
    @SuppressWarnings("CatchingThrowable")
    private boolean run(CalloutSlot.Registration callout, ClassifyOut out) {
        IncomingValues values = session.input().values();
        IncomingMetadataValues metadata = new IncomingMetadataValues(session, engine.metadataOf(session));
        try {
            ClassifyFn1 classifyFn1 = callout.classifyFn1();
            ClassifyFn0 classifyFn0 = callout.classifyFn0();
            if (classifyFn1 != null) {
                classifyFn1.classify(
                        values, metadata, null, new ClassifyContext(session), filter.asSeenByCallouts(), 0, out);
            } else if (classifyFn0 != null) {
                classifyFn0.classify(values, metadata, null, filter.asSeenByCallouts(), 0, out);
            }
            return true;
        } catch (VirtualMachineError fatal) {
            throw fatal;
        } catch (Throwable thrown) {
            engine.verifier()
                    .fault(
                            session.input().subject(),
                            Fault.CALLOUT_THREW,
                            callout.owner().driver(),
                            "classifyFn threw " + thrown,
                            thrown);
            return false;
        }
    }

    private boolean isRedirectLayer() {
        return session.input().values().layer().isRedirectLayer();
    }
}
