package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What callouts tied to live flows, by flow, callout and layer. Safe for use by many threads. */
final class FlowContexts {

    /** A callout may have one context at each layer. */
    private record Place(int calloutId, Layer layer) {}

    /** One context and who hears of its end. */
    private record Tied(Layer layer, CalloutSlot.Registration callout, long context) {

        void end() {
            FwpsFlowDeleteFn0 flowDeleteFn = callout.flowDeleteFn();
            if (flowDeleteFn != null) {
                flowDeleteFn.flowDeleted(layer, callout.id(), context);
            }
        }
    }

    private final ConcurrentHashMap<Long, Map<Place, Tied>> flows = new ConcurrentHashMap<>();

    /** Ties a context to a flow; false if the callout has one at that layer. */
    boolean tie(long flowId, Layer layer, CalloutSlot.Registration callout, long context) {
        return flows.computeIfAbsent(flowId, flow -> new ConcurrentHashMap<>())
                        .putIfAbsent(new Place(callout.id(), layer), new Tied(layer, callout, context))
                == null;
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

    /** A flow has ended. */
    void flowEnded(long flowId) {
        Map<Place, Tied> tied = flows.isEmpty() ? null : flows.remove(flowId);
        if (tied != null) {
            tied.values().forEach(Tied::end);
        }
    }

    /** Whether a callout has a context on any flow. */
    boolean isUsed(int calloutId) {
        return flows.values().stream()
                .flatMap(tied -> tied.keySet().stream())
                .anyMatch(place -> place.calloutId() == calloutId);
    }
}
