package io.github.wfpsim.wfp;

/**
 * A classification that a callout holds on to, from FwpsAcquireClassifyHandle0 to FwpsReleaseClassifyHandle0. Opaque.
 *
 * <p>Safe for use by many threads. A handle may be used by any thread, also after classifyFn returned.
 *
 * <p>Source: FwpsAcquireClassifyHandle0. Requirements: WFP-42, WFP-43.
 */
public interface ClassifyHandle {}
