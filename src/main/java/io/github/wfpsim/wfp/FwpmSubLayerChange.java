package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ChangeType;
import java.util.Objects;
import java.util.UUID;

/**
 * A sub-layer that was added or deleted, FWPM_SUBLAYER_CHANGE0. Immutable.
 *
 * <p>Source: FWPM_SUBLAYER_CHANGE0. Requirement: WFP-138.
 *
 * @param changeType what happened to it
 * @param subLayerKey GUID of the sub-layer
 */
public record FwpmSubLayerChange(ChangeType changeType, UUID subLayerKey) {

    /**
     * Checks the values.
     *
     * @param changeType what happened to it
     * @param subLayerKey GUID of the sub-layer
     */
    public FwpmSubLayerChange {
        Objects.requireNonNull(changeType, "changeType must not be null: give FWPM_CHANGE_ADD or FWPM_CHANGE_DELETE");
        Objects.requireNonNull(subLayerKey, "subLayerKey must not be null: give the sub-layer's GUID");
    }
}
