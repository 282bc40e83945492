package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ChangeType;
import java.util.Objects;
import java.util.UUID;

/**
 * A provider that was added or deleted, FWPM_PROVIDER_CHANGE0. Immutable.
 *
 * <p>Source: FWPM_PROVIDER_CHANGE0. Requirement: WFP-138.
 *
 * @param changeType what happened to it
 * @param providerKey GUID of the provider
 */
public record FwpmProviderChange(ChangeType changeType, UUID providerKey) {

    /**
     * Checks the values.
     *
     * @param changeType what happened to it
     * @param providerKey GUID of the provider
     */
    public FwpmProviderChange {
        Objects.requireNonNull(changeType, "changeType must not be null: give FWPM_CHANGE_ADD or FWPM_CHANGE_DELETE");
        Objects.requireNonNull(providerKey, "providerKey must not be null: give the provider's GUID");
    }
}
