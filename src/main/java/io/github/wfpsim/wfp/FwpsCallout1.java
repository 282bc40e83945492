package io.github.wfpsim.wfp;

import java.util.Objects;
import java.util.UUID;

/**
 * What a driver registers as callout, FWPS_CALLOUT1. Immutable.
 *
 * <p>Source: FWPS_CALLOUT1; FwpsCalloutRegister1. Requirements: WFP-32, WFP-35.
 *
 * @param calloutKey GUID that filters name
 * @param classifyFn the decision function
 */
public record FwpsCallout1(UUID calloutKey, ClassifyFn1 classifyFn) {

    /**
     * Checks the values.
     *
     * @param calloutKey GUID that filters name
     * @param classifyFn the decision function
     */
    public FwpsCallout1 {
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        Objects.requireNonNull(classifyFn, "classifyFn must not be null: give the decision function");
    }
}
