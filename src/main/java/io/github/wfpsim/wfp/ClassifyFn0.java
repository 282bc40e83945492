package io.github.wfpsim.wfp;

import org.jspecify.annotations.Nullable;

/**
 * The decision function of a version-0 callout, FWPS_CALLOUT_CLASSIFY_FN0, which has no classify context and so cannot
 * redirect. Implemented by users; runs as {@link ClassifyFn1} does.
 *
 * <p>Source: FWPS_CALLOUT_CLASSIFY_FN0. Requirement: WFP-35.
 */
@FunctionalInterface
public interface ClassifyFn0 {

    /**
     * Decides about one classification.
     *
     * @param inFixedValues the layer's values by field
     * @param inMetaValues further facts, each valid only if present
     * @param layerData null
     * @param filter the filter that matched
     * @param flowContext context that the callout tied to the flow; 0 if none
     * @param classifyOut where the decision goes
     */
    void classify(
            IncomingValues inFixedValues,
            IncomingMetadataValues inMetaValues,
            @Nullable Object layerData,
            FwpsFilter filter,
            long flowContext,
            ClassifyOut classifyOut);
}
