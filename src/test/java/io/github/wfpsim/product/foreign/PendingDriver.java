package io.github.wfpsim.product.foreign;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.SubLayer;
import java.util.Objects;
import java.util.UUID;

/** Another vendor, who pends each CONNECT_REDIRECT, leaves the request as it is, and completes. */
final class PendingDriver {

    /** A sub-layer above the universal one. */
    static final int ABOVE = 0xFFFF;

    /** A sub-layer below all others. */
    static final int BELOW = 1;

    private PendingDriver() {}

    static void load(WfpSim sim, AddressFamily family, int weight, Workers workers) {
        UUID key = UUID.randomUUID();
        SubLayer subLayer = new SubLayer(UUID.randomUUID(), "pending", weight);
        sim.fwpm().fwpmSubLayerAdd0(subLayer);
        KernelDriver driver = sim.loadDriver("pending.sys");
        driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            Out<ClassifyHandle> handle = Out.empty();
            driver.fwps().fwpsAcquireClassifyHandle0(context, 0, handle);
            ClassifyHandle held = Objects.requireNonNull(handle.get());
            driver.fwps().fwpsPendClassify0(held, filter.filterId(), 0, out);
            out.setActionType(ActionType.FWP_ACTION_BLOCK);
            // Its own reference goes at once: the pend has another.
            driver.fwps().fwpsReleaseClassifyHandle0(held);
            ClassifyOut decision = new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, ActionType.FWPS_RIGHT_ACTION_WRITE);
            workers.accept(() -> driver.fwps().fwpsCompleteClassify0(held, 0, decision));
        });
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                        .subLayer(subLayer)
                        .callout(key));
    }
}
