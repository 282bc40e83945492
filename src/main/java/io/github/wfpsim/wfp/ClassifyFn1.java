package io.github.wfpsim.wfp;

import org.jspecify.annotations.Nullable;

/**
 * A callout's decision function, FWPS_CALLOUT_CLASSIFY_FN1. Implemented by users.
 *
 * <p>Runs on the thread whose call caused the classification, or, below a callout that pended, on the dispatcher if no
 * thread waits for the operation; at the host's {@code classifyIrql}, with no lock of the simulator held; it may call
 * back into the engine. Several threads may be inside at once. If it throws, the engine reports fault {@code CALLOUT_THREW}.
 *
 * <p>Source: FWPS_CALLOUT_CLASSIFY_FN1. Requirements: WFP-35 to WFP-38.
 */
@FunctionalInterface
public interface ClassifyFn1 {

    /**
     * Decides about one classification.
     *
     * @param inFixedValues the layer's values by field
     * @param inMetaValues further facts, each valid only if present
     * @param layerData null; at the redirect layers the request is had by FwpsAcquireWritableLayerDataPointer0
     * @param classifyContext to be turned into a handle by FwpsAcquireClassifyHandle0
     * @param filter the filter that matched
     * @param flowContext context that the callout tied to the flow; 0 if none
     * @param classifyOut where the decision goes
     */
    void classify(
            IncomingValues inFixedValues,
            IncomingMetadataValues inMetaValues,
            @Nullable Object layerData,
            ClassifyContext classifyContext,
            FwpsFilter filter,
            long flowContext,
            ClassifyOut classifyOut);
}
