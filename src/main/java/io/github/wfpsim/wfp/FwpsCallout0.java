package io.github.wfpsim.wfp;

import java.util.Objects;
import java.util.UUID;

/**
 * What a driver registers as version-0 callout, FWPS_CALLOUT0. Immutable.
 *
 * <p>Source: FWPS_CALLOUT0; FwpsCalloutRegister0. Requirement: WFP-35.
 *
 * @param calloutKey GUID that filters name
 * @param classifyFn the decision function
 */
public record FwpsCallout0(UUID calloutKey, ClassifyFn0 classifyFn) {

    /**
     * Checks the values.
     *
     * @param calloutKey GUID that filters name
     * @param classifyFn the decision function
     */
    public FwpsCallout0 {
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        Objects.requireNonNull(classifyFn, "classifyFn must not be null: give the decision function");
    }
}
