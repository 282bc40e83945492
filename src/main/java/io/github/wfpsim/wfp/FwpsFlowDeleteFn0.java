package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;

/**
 * A callout's flow deletion function, FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0. Implemented by users; called once for each
 * context, on the thread that ends the flow or takes the context away, with no lock of the simulator held. What it
 * throws is fault CALLOUT_THREW, and stops nothing.
 *
 * <p>Source: FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0. Requirement: WFP-32.
 */
@FunctionalInterface
public interface FwpsFlowDeleteFn0 {

    /**
     * Hears that a flow's context is gone.
     *
     * @param layerId the layer that it was tied to
     * @param calloutId run-time id of the callout
     * @param flowContext the context
     */
    void flowDeleted(Layer layerId, int calloutId, long flowContext);
}
