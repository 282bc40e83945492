package io.github.wfpsim.wfp;

/**
 * The redirect record handle that CONNECT_REDIRECT's metadata supplies: a reference to the live chain of the connection,
 * which also shows redirects applied earlier in the same classification. Lent until
 * classifyFn returns or a pend is completed. Opaque.
 *
 * <p>Safe for use by many threads. May be read by any thread.
 *
 * <p>Source: FWPS_INCOMING_METADATA_VALUES0; FwpsQueryConnectionRedirectState0. Requirements: WFP-18, WFP-19.
 */
public interface RedirectRecords {}
