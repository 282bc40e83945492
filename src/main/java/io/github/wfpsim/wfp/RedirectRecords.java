package io.github.wfpsim.wfp;

/**
 * The redirect record handle that CONNECT_REDIRECT's metadata supplies: a reference to the live chain of the connection,
 * which also shows redirects applied earlier in the same classification. Dies with the classification.
 *
 * <p>Safe for use by many threads. May be read by any thread.
 *
 * <p>Source: FWPS_INCOMING_METADATA_VALUES0; FwpsQueryConnectionRedirectState0. Requirements: WFP-18, WFP-19.
 */
public final class RedirectRecords {

    private final ClassifySession session;

    RedirectRecords(ClassifySession session) {
        this.session = session;
    }

    ClassifySession session() {
        return session;
    }
}
