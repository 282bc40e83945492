package io.github.wfpsim.engine;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.CompletionContext;
import org.jspecify.annotations.Nullable;

/** A driver's decisions that come later: classifications and operations, pended and completed (WFP-58 to WFP-67, WFP-73). */
final class DriverPends {

    private final FilterEngine engine;
    private final DriverObjects objects;

    DriverPends(FilterEngine engine, DriverObjects objects) {
        this.engine = engine;
        this.objects = objects;
    }

    NtStatus pend(HeldClassification handle, long filterId, int flags, ClassifyOut classifyOut) {
        LiveRequest live = handle.live();
        CalloutTurn turn = handle.turn();
        if (handle.isGone()) {
            live.fault(Fault.CLASSIFY_HANDLE_MISUSE, objects.driver(), handle + " used to pend");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (flags != 0 || handle.isUsedForAnother(filterId, "pend", objects.driver())) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (!live.values().layer().canPendClassify()) {
            turn.pendRefused(
                    live.values().layer().canPendOperation()
                            ? "use FwpsPendOperation0 at this layer"
                            : "nothing can be pended at this layer");
            return NtStatus.STATUS_FWP_CANNOT_PEND;
        }
        if (!handle.pend()) {
            live.fault(Fault.PEND_MISUSE, objects.driver(), handle + " pended again");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (!turn.mayWrite()) {
            engine.verifier()
                    .diagnose(
                            live.question().subject(),
                            Diagnostic.PENDED_WITHOUT_RIGHT,
                            objects.driver(),
                            turn.filter() + " was pended without FWPS_RIGHT_ACTION_WRITE: its decision can only veto");
        }
        if (!turn.pend()) {
            handle.unpend();
            live.fault(Fault.PEND_MISUSE, objects.driver(), handle + " pended outside classifyFn");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        DriverObjects.goOnUnlessLoaded(handle);
        return NtStatus.STATUS_SUCCESS;
    }

    void complete(HeldClassification handle, @Nullable ClassifyOut classifyOut) {
        LiveRequest live = handle.live();
        if (!handle.complete()) {
            live.fault(Fault.COMPLETE_MISUSE, objects.driver(), handle + " completed without a pend, or twice");
            return;
        }
        try (FaultScope scope = engine.verifier().enter()) {
            ClassifyOut decision =
                    classifyOut == null ? null : new ClassifyOut(classifyOut.actionType(), classifyOut.rights());
            boolean unapplied = handle.giveBack() != null;
            if (handle.isGone()) {
                handle.owner().remove(handle);
            }
            handle.turn().complete(decision);
            reportUnapplied(handle, unapplied);
        }
    }

    private void reportUnapplied(HeldClassification handle, boolean unapplied) {
        LiveRequest live = handle.live();
        if (unapplied) {
            live.fault(
                    Fault.APPLY_MISSING, objects.driver(), handle + " completed while its layer data was not applied");
        }
    }

    NtStatus pend(CalloutTurn turn, Out<CompletionContext> completionContext) {
        objects.requireLoaded("FwpsPendOperation0");
        if (turn.isOver()) {
            turn.refuseStale("FwpsPendOperation0", "completion handle used");
            return NtStatus.STATUS_FWP_CANNOT_PEND;
        }
        boolean again = turn.live().isReauthorization();
        if (again || !turn.pend()) {
            turn.pendRefused(again ? "this is a re-authorization" : "classifyFn has returned");
            return NtStatus.STATUS_FWP_CANNOT_PEND;
        }
        HeldOperation operation = new HeldOperation(engine.handles().next(), turn, objects);
        objects.add(operation);
        completionContext.set(operation);
        if (!objects.isLoaded() && operation.complete()) {
            // Unloaded by another thread meanwhile, which did not see the context: nobody would complete it.
            objects.remove(operation);
            turn.endPend(null);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    void complete(HeldOperation operation) {
        if (!operation.complete()) {
            operation.turn().live().fault(Fault.COMPLETE_MISUSE, objects.driver(), operation + " completed twice");
            return;
        }
        operation.owner().remove(operation);
        operation.turn().complete(null);
    }
}
