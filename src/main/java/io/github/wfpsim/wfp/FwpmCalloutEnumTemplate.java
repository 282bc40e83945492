package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which callouts are enumerated, FWPM_CALLOUT_ENUM_TEMPLATE0. Immutable.
 *
 * <p>Source: FWPM_CALLOUT_ENUM_TEMPLATE0. Requirement: WFP-134.
 *
 * @param providerKey GUID of the vendor that they belong to; null for any
 * @param layerKey the layer that they were added for; null for any
 */
public record FwpmCalloutEnumTemplate(
        @Nullable UUID providerKey, @Nullable Layer layerKey) {}
