/**
 * Not API. The chain of redirects behind a connection: its opaque blob, its contexts, what a chain says about a redirect
 * handle, and who may read and set it.
 *
 * <p>Start reading at {@link io.github.wfpsim.chain.RedirectChain}. Users see blobs only as bytes. All types are immutable
 * or safe for use by many threads.
 *
 * <p>Mirrors: SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS and its siblings; FWPS_CONNECTION_REDIRECT_STATE.
 */
@NullMarked
package io.github.wfpsim.chain;

import org.jspecify.annotations.NullMarked;
