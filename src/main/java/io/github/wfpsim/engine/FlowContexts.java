package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.wfp.FwpsFlowDeleteFn0;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;

/** What callouts tied to live flows, by flow, callout and layer. Safe for use by many threads. */
final class FlowContexts {

    /** A callout may have one context at each layer. */
    private record Place(int calloutId, Layer layer) {}

    /** One context and who hears of its end. */
    private record Tied(Layer layer, CalloutSlot.Registration callout, long context) {

        void end() {
            FwpsFlowDeleteFn0 flowDeleteFn = callout.flowDeleteFn();
            if (flowDeleteFn != null) {
                callout.owner().call("flowDeleteFn", () -> {
                    flowDeleteFn.flowDeleted(layer, callout.id(), context);
                    return true;
                });
            }
        }
    }

    private final ConcurrentHashMap<Long, Map<Place, Tied>> flows = new ConcurrentHashMap<>();
    private volatile LongPredicate living = flow -> false;

    /** Registers who knows which flows live. Called once, by the stack. */
    void livingAre(LongPredicate isLive) {
        this.living = isLive;
    }

    /** Ties a context to a flow that lives and has none of the callout at that layer. */
    NtStatus tie(long flowId, Layer layer, CalloutSlot.Registration callout, long context) {
        if (!living.test(flowId)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        Map<Place, Tied> contexts = flows.computeIfAbsent(flowId, flow -> new ConcurrentHashMap<>());
        Place place = new Place(callout.id(), layer);
        Tied tied = new Tied(layer, callout, context);
        if (contexts.putIfAbsent(place, tied) != null) {
            return NtStatus.STATUS_OBJECT_NAME_EXISTS;
        }
        // Ended by another thread meanwhile, which may not have seen the context: nobody would hear of its end.
        boolean stays = living.test(flowId) || !contexts.remove(place, tied);
        return stays ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_INVALID_PARAMETER;
    }

    /** Takes a callout's context away; false if it has none there. */
    boolean untie(long flowId, Layer layer, int calloutId) {
        Map<Place, Tied> tied = flows.get(flowId);
        Tied gone = tied == null ? null : tied.remove(new Place(calloutId, layer));
        if (gone == null) {
            return false;
        }
        gone.end();
        return true;
    }

    /** A flow has ended; its callouts hear of it with no lock held. */
    void flowEnded(long flowId) {
        Map<Place, Tied> tied = flows.remove(flowId);
        if (tied != null) {
            tied.forEach((place, context) -> {
                if (tied.remove(place, context)) {
                    context.end();
                }
            });
        }
    }

    /** Whether no flow has contexts. */
    boolean isEmpty() {
        return flows.isEmpty();
    }

    /** Whether a callout has a context on any flow. */
    boolean isUsed(int calloutId) {
        return flows.values().stream()
                .flatMap(tied -> tied.keySet().stream())
                .anyMatch(place -> place.calloutId() == calloutId);
    }

    /** Drops the contexts of a callout whose driver has gone without hearing of their end. */
    void forget(int calloutId) {
        flows.values().forEach(tied -> tied.keySet().removeIf(place -> place.calloutId() == calloutId));
    }
}
