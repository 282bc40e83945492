package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What callouts tied to live flows, by flow and callout. Safe for use by many threads. */
final class FlowContexts {

    /** One context and who hears of its end. */
    private record Tied(Layer layer, CalloutSlot.Registration callout, long context) {

        void end() {
            FwpsFlowDeleteFn0 flowDeleteFn = callout.flowDeleteFn();
            if (flowDeleteFn != null) {
                flowDeleteFn.flowDeleted(layer, callout.id(), context);
            }
        }
    }

    private final ConcurrentHashMap<Long, Map<Integer, Tied>> flows = new ConcurrentHashMap<>();

    /** Ties a context to a flow; false if the callout has one there. */
    boolean tie(long flowId, Layer layer, CalloutSlot.Registration callout, long context) {
        return flows.computeIfAbsent(flowId, flow -> new ConcurrentHashMap<>())
                        .putIfAbsent(callout.id(), new Tied(layer, callout, context))
                == null;
    }

    /** Takes a callout's context away; false if it has none there. */
    boolean untie(long flowId, int calloutId) {
        Map<Integer, Tied> tied = flows.get(flowId);
        Tied gone = tied == null ? null : tied.remove(calloutId);
        if (gone == null) {
            return false;
        }
        gone.end();
        return true;
    }

    /** A flow has ended. */
    void flowEnded(long flowId) {
        Map<Integer, Tied> tied = flows.isEmpty() ? null : flows.remove(flowId);
        if (tied != null) {
            tied.values().forEach(Tied::end);
        }
    }

    /** Whether a callout has a context on any flow. */
    boolean isUsed(int calloutId) {
        return flows.values().stream().anyMatch(tied -> tied.containsKey(calloutId));
    }
}
