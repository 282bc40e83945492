package io.github.wfpsim.wfp;

/**
 * The opaque value that classifyFn gets and FwpsAcquireClassifyHandle0 takes. It goes stale when the classification ends.
 *
 * <p>Safe for use by many threads. May be used by any thread while its classifyFn runs.
 *
 * <p>Source: FWPS_CALLOUT_CLASSIFY_FN1; FwpsAcquireClassifyHandle0. Requirement: WFP-42.
 */
public interface ClassifyContext {}
