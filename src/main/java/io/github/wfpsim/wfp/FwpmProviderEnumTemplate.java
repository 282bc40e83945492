package io.github.wfpsim.wfp;

/**
 * Which providers are enumerated, FWPM_PROVIDER_ENUM_TEMPLATE0: always all, as its only member is reserved. Immutable.
 *
 * <p>Source: FWPM_PROVIDER_ENUM_TEMPLATE0. Requirement: WFP-134.
 */
public record FwpmProviderEnumTemplate() {}
