package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.wfp.FwpsCallout0;
import io.github.wfpsim.wfp.FwpsCallout1;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Registers a driver's callouts and ties their contexts to flows (WFP-32, WFP-35). */
final class DriverCallouts {

    private final FilterEngine engine;
    private final DriverObjects objects;

    DriverCallouts(FilterEngine engine, DriverObjects objects) {
        this.engine = engine;
        this.objects = objects;
    }

    NtStatus register(FwpsCallout1 callout, @Nullable Out<Integer> calloutId) {
        return register(
                "FwpsCalloutRegister1",
                callout.calloutKey(),
                id -> new CalloutSlot.Registration(
                        id,
                        objects,
                        callout.classifyFn(),
                        null,
                        callout.notifyFn(),
                        callout.flowDeleteFn(),
                        new RunningCalls(engine.waits()),
                        new AtomicInteger()),
                calloutId);
    }

    NtStatus register(FwpsCallout0 callout, @Nullable Out<Integer> calloutId) {
        return register(
                "FwpsCalloutRegister0",
                callout.calloutKey(),
                id -> new CalloutSlot.Registration(
                        id,
                        objects,
                        null,
                        callout.classifyFn(),
                        null,
                        null,
                        new RunningCalls(engine.waits()),
                        new AtomicInteger()),
                calloutId);
    }

    private NtStatus register(
            String function, UUID key, IntFunction<CalloutSlot.Registration> withId, @Nullable Out<Integer> calloutId) {
        if (!engine.irql().allows(Irql.PASSIVE_LEVEL, function)) {
            return NtStatus.STATUS_UNSUCCESSFUL;
        }
        objects.requireLoaded(function);
        CalloutSlot slot = engine.callouts().slotFor(key);
        int id = (int) engine.handles().next();
        CalloutSlot.Registration registration = withId.apply(id);
        objects.add(registration, slot);
        if (!slot.fill(registration)) {
            objects.remove(registration);
            return NtStatus.STATUS_FWP_ALREADY_EXISTS;
        }
        objects.stayIfLoaded(function, () -> {
            slot.clear(registration);
            objects.remove(registration);
        });
        if (calloutId != null) {
            calloutId.set(id);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    NtStatus unregister(int calloutId) {
        if (!engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsCalloutUnregisterById0")) {
            return NtStatus.STATUS_UNSUCCESSFUL;
        }
        return engine.callouts().isLeaving(calloutId)
                ? NtStatus.STATUS_FWP_IN_USE
                : unregister(engine.callouts().find(calloutId));
    }

    NtStatus unregister(UUID calloutKey) {
        return engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsCalloutUnregisterByKey0")
                ? unregister(engine.callouts().find(calloutKey))
                : NtStatus.STATUS_UNSUCCESSFUL;
    }

    private NtStatus unregister(@Nullable CalloutSlot slot) {
        CalloutSlot.Registration registration = slot == null ? null : slot.registration();
        if (slot == null || registration == null) {
            return slot != null && slot.leaving() != null
                    ? NtStatus.STATUS_FWP_IN_USE
                    : NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND;
        }
        // A thread inside the callout's own function cannot wait for that to return.
        if (registration.contexts().get() > 0 || registration.running().isRunningOnThisThread()) {
            return NtStatus.STATUS_DEVICE_BUSY;
        }
        NtStatus cleared = slot.clearAndAwait(registration);
        if (cleared.isSuccess()) {
            registration.owner().remove(registration);
            engine.flowContexts().endAllOf(registration.id());
            registration.awaitNoContext("callout {" + slot.key() + "}");
        }
        return cleared;
    }

    NtStatus tie(long flowId, Layer layer, int calloutId, long flowContext) {
        CalloutSlot slot = engine.callouts().find(calloutId);
        CalloutSlot.Registration callout = slot == null ? null : slot.registration();
        if (callout == null) {
            return NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND;
        }
        if (flowContext == 0 || callout.flowDeleteFn() == null) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return engine.flowContexts().tie(flowId, layer, callout, flowContext);
    }

    NtStatus untie(long flowId, Layer layer, int calloutId) {
        return engine.flowContexts().untie(flowId, layer, calloutId);
    }
}
