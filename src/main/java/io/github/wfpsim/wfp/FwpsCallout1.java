package io.github.wfpsim.wfp;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a driver registers as callout, FWPS_CALLOUT1. Immutable.
 *
 * <p>Source: FWPS_CALLOUT1; FwpsCalloutRegister1. Requirements: WFP-32, WFP-34, WFP-35.
 *
 * @param calloutKey GUID that filters name
 * @param classifyFn the decision function
 * @param notifyFn hears of filters that name the callout; may be null
 * @param flowDeleteFn hears of the end of flows with a context; needed to tie one, else may be null
 */
public record FwpsCallout1(
        UUID calloutKey,
        ClassifyFn1 classifyFn,
        @Nullable FwpsNotifyFn1 notifyFn,
        @Nullable FwpsFlowDeleteFn0 flowDeleteFn) {

    /**
     * Checks the values.
     *
     * @param calloutKey GUID that filters name
     * @param classifyFn the decision function
     * @param notifyFn hears of filters, or null
     * @param flowDeleteFn hears of the end of flows, or null
     */
    public FwpsCallout1 {
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        Objects.requireNonNull(classifyFn, "classifyFn must not be null: give the decision function");
    }

    /**
     * Makes a callout that cares neither about filters nor about flows.
     *
     * @param calloutKey GUID that filters name
     * @param classifyFn the decision function
     */
    public FwpsCallout1(UUID calloutKey, ClassifyFn1 classifyFn) {
        this(calloutKey, classifyFn, null, null);
    }
}
