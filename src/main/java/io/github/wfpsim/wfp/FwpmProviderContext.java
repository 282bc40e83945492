package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.FwpByteBlob;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Data of a vendor's own that management code keeps in the engine and filters hand to their callouts,
 * FWPM_PROVIDER_CONTEXT0 of type FWPM_GENERAL_CONTEXT. Immutable.
 *
 * <p>Source: FWPM_PROVIDER_CONTEXT0; Object Management. Requirement: WFP-92.
 *
 * @param providerContextKey GUID; null has one assigned when the context is added
 * @param name for reports
 * @param providerKey GUID of the vendor that it belongs to; null for none
 * @param dataBuffer the data
 * @param providerContextId run-time id (LUID), assigned when the context is added; 0 before
 */
public record FwpmProviderContext(
        @Nullable UUID providerContextKey,
        String name,
        @Nullable UUID providerKey,
        FwpByteBlob dataBuffer,
        long providerContextId) {

    /**
     * Checks the values.
     *
     * @param providerContextKey GUID, or null
     * @param name for reports
     * @param providerKey GUID of the vendor, or null
     * @param dataBuffer the data
     * @param providerContextId run-time id; FwpmProviderContextAdd0 assigns another, whatever is here
     */
    public FwpmProviderContext {
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
        Objects.requireNonNull(dataBuffer, "dataBuffer must not be null: give FwpByteBlob.empty()");
    }

    /**
     * Describes a context to be added.
     *
     * @param providerContextKey GUID that filters name
     * @param name for reports
     * @param dataBuffer the data
     */
    public FwpmProviderContext(UUID providerContextKey, String name, FwpByteBlob dataBuffer) {
        this(
                Objects.requireNonNull(providerContextKey, "providerContextKey must not be null: give a GUID"),
                name,
                null,
                dataBuffer,
                0);
    }
}
