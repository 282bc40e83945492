package io.github.wfpsim.wfp;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which provider contexts are enumerated, FWPM_PROVIDER_CONTEXT_ENUM_TEMPLATE0. Immutable. Its type would always be
 * FWPM_GENERAL_CONTEXT, as there are no others here.
 *
 * <p>Source: FWPM_PROVIDER_CONTEXT_ENUM_TEMPLATE0. Requirement: WFP-134.
 *
 * @param providerKey GUID of the vendor that they belong to; null for any
 */
public record FwpmProviderContextEnumTemplate(@Nullable UUID providerKey) {}
