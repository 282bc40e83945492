package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.Fwps;
import org.jspecify.annotations.Nullable;

/** A driver's classify handles, and the layer data that it acquires and applies through them (WFP-42 to WFP-47). */
final class DriverClassifications {

    private final FilterEngine engine;
    private final DriverObjects objects;

    DriverClassifications(FilterEngine engine, DriverObjects objects) {
        this.engine = engine;
        this.objects = objects;
    }

    NtStatus acquire(@Nullable CalloutTurn turn, int flags, Out<ClassifyHandle> classifyHandle) {
        if (turn == null || flags != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (turn.isOver()) {
            turn.refuseStale("FwpsAcquireClassifyHandle0", "classify context used");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        objects.requireLoaded("FwpsAcquireClassifyHandle0");
        HeldClassification handle = new HeldClassification(engine.handles().next(), turn, objects);
        objects.add(handle);
        objects.stayIfLoaded("FwpsAcquireClassifyHandle0", () -> objects.remove(handle));
        classifyHandle.set(handle);
        return NtStatus.STATUS_SUCCESS;
    }

    void release(HeldClassification handle) {
        if (!handle.release()) {
            handle.live().fault(Fault.CLASSIFY_HANDLE_MISUSE, objects.driver(), handle + " released again");
            return;
        }
        if (!handle.isGone()) {
            // The pend holds a reference: what was acquired can be applied still.
            return;
        }
        handle.owner().remove(handle);
        if (handle.giveBack() != null) {
            handle.live()
                    .fault(Fault.APPLY_MISSING, objects.driver(), handle + " while its layer data was not applied");
        }
    }

    NtStatus acquireWritable(
            HeldClassification handle,
            long filterId,
            int flags,
            Out<Object> writableLayerData,
            @Nullable ClassifyOut classifyOut) {
        LiveRequest live = handle.live();
        if (isDead(handle, "acquire", Fault.CLASSIFY_HANDLE_MISUSE)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (flags != 0 || handle.isUsedForAnother(filterId, "acquire", objects.driver())) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        RequestVersion copy = live.writableCopy(filterId);
        if (copy == null || !handle.acquire(copy)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        writableLayerData.set(LentRequest.of(handle.turn(), copy));
        if (classifyOut != null) {
            classifyOut.setActionType(ActionType.FWP_ACTION_BLOCK);
            classifyOut.clearWriteRight();
        }
        return NtStatus.STATUS_SUCCESS;
    }

    void apply(HeldClassification handle, Object modifiedLayerData, int flags) {
        LiveRequest live = handle.live();
        if (isDead(handle, "apply", Fault.APPLY_MISUSE)) {
            return;
        }
        RequestVersion acquired = handle.acquired();
        if (acquired == null || !(modifiedLayerData instanceof LentRequest<?> lent) || lent.version() != acquired) {
            String misuse = acquired == null
                    ? "applied without an acquire, or twice"
                    : "applied another object than was acquired";
            live.fault(Fault.APPLY_MISUSE, objects.driver(), misuse);
            return;
        }
        if (handle.giveBack() == null) {
            live.fault(Fault.APPLY_MISUSE, objects.driver(), "applied twice");
            return;
        }
        if ((flags & Fwps.FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS) != 0) {
            watch(handle, acquired);
        }
        checkApplyInPlace(handle);
        if (acquired instanceof ConnectVersion connect) {
            try (FaultScope scope = engine.verifier().enter()) {
                engine.redirection().apply(live, connect, objects.driver());
            }
        } else if (acquired instanceof BindVersion bind) {
            engine.bindRedirection().apply(live, bind, objects.driver());
        }
    }

    private void watch(HeldClassification handle, RequestVersion acquired) {
        LiveRequest live = handle.live();
        live.watch(acquired.modifierFilterId());
        if (!handle.wasPended()) {
            engine.verifier()
                    .diagnose(
                            live.question().subject(),
                            Diagnostic.REAUTHORIZE_FLAG_INLINE,
                            objects.driver(),
                            "FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS has a defined effect after a pend only");
        }
    }

    /** On Windows 7 the steps after a pend belong to a worker (WFP-63). */
    private void checkApplyInPlace(HeldClassification handle) {
        boolean inPlace = handle.wasPended() && handle.turn().isInsideOnThisThread();
        if (inPlace && !engine.options().windowsVersion().isAtLeast(WindowsVersion.WINDOWS_8)) {
            handle.live()
                    .fault(Fault.PEND_MISUSE, objects.driver(), handle + " pended and applied inside one classifyFn");
        }
    }

    /** What is not held any more cannot be changed: nothing is done, and a fault says so. */
    private boolean isDead(HeldClassification handle, String use, Fault late) {
        String why = handle.whyDead();
        if (why == null) {
            return false;
        }
        handle.live()
                .fault(
                        handle.isGone() ? Fault.CLASSIFY_HANDLE_MISUSE : late,
                        objects.driver(),
                        handle + ", a handle " + why + ", was used to " + use + ": it is dead, nothing changes");
        return true;
    }
}
