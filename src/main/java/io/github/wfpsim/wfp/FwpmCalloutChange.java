package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ChangeType;
import java.util.Objects;
import java.util.UUID;

/**
 * A callout that was added or deleted, FWPM_CALLOUT_CHANGE0. Immutable.
 *
 * <p>Source: FWPM_CALLOUT_CHANGE0. Requirement: WFP-138.
 *
 * @param changeType what happened to it
 * @param calloutKey GUID of the callout
 * @param calloutId run-time id of the callout, 0 if nobody has it registered
 */
public record FwpmCalloutChange(ChangeType changeType, UUID calloutKey, int calloutId) {

    /**
     * Checks the values.
     *
     * @param changeType what happened to it
     * @param calloutKey GUID of the callout
     * @param calloutId run-time id of the callout, 0 if nobody has it registered
     */
    public FwpmCalloutChange {
        Objects.requireNonNull(changeType, "changeType must not be null: give FWPM_CHANGE_ADD or FWPM_CHANGE_DELETE");
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
    }
}
