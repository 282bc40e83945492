package io.github.wfpsim.wfp;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which sub-layers are enumerated, FWPM_SUBLAYER_ENUM_TEMPLATE0. Immutable.
 *
 * <p>Source: FWPM_SUBLAYER_ENUM_TEMPLATE0. Requirement: WFP-134.
 *
 * @param providerKey GUID of the vendor that they belong to; null for any
 */
public record FwpmSubLayerEnumTemplate(@Nullable UUID providerKey) {}
