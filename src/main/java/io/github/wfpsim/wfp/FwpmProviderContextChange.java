package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ChangeType;
import java.util.Objects;
import java.util.UUID;

/**
 * A provider context that was added or deleted, FWPM_PROVIDER_CONTEXT_CHANGE0. Immutable.
 *
 * <p>Source: FWPM_PROVIDER_CONTEXT_CHANGE0. Requirement: WFP-138.
 *
 * @param changeType what happened to it
 * @param providerContextKey GUID of the provider context
 * @param providerContextId run-time id of the provider context
 */
public record FwpmProviderContextChange(ChangeType changeType, UUID providerContextKey, long providerContextId) {

    /**
     * Checks the values.
     *
     * @param changeType what happened to it
     * @param providerContextKey GUID of the provider context
     * @param providerContextId run-time id of the provider context
     */
    public FwpmProviderContextChange {
        Objects.requireNonNull(changeType, "changeType must not be null: give FWPM_CHANGE_ADD or FWPM_CHANGE_DELETE");
        Objects.requireNonNull(
                providerContextKey, "providerContextKey must not be null: give the provider context's GUID");
    }
}
