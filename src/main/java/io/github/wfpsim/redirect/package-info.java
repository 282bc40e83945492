/**
 * What a user touches of a redirect: the handle that names who redirects, the record of one redirect, the context that a
 * callout attached to it, and a forge of damaged records for tests.
 *
 * <p>Start reading at {@link io.github.wfpsim.redirect.RedirectHandle}. All types are immutable or safe for use by many
 * threads.
 *
 * <p>Mirrors: FwpsRedirectHandleCreate0 and the structures around it.
 */
@NullMarked
package io.github.wfpsim.redirect;

import org.jspecify.annotations.NullMarked;
