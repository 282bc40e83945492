package io.github.wfpsim.wfp;

/**
 * An operation that a callout holds, from FwpsPendOperation0 to FwpsCompleteOperation0. Opaque.
 *
 * <p>Safe for use by many threads. May be completed by any thread.
 *
 * <p>Source: FwpsPendOperation0. Requirement: WFP-73.
 */
public interface CompletionContext {}
