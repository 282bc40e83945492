/**
 * Redirect records and contexts: the chain of redirects behind a connection, its opaque blob, what a chain says about a
 * redirect handle, and who may read and set it.
 *
 * <p>Start reading at {@link io.github.wfpsim.redirect.RedirectChain}. Users of the simulator see blobs only as bytes; the
 * codec is public because other rooms of the library use it. All types are immutable or safe for use by many threads.
 *
 * <p>Mirrors: SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS and its siblings; FWPS_CONNECTION_REDIRECT_STATE.
 */
@NullMarked
package io.github.wfpsim.redirect;

import org.jspecify.annotations.NullMarked;
