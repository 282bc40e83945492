/**
 * Not API. The one connection table behind both doors: endpoints, the ports they hold, who waits to be accepted, and
 * the redirected flows that tie two endpoints together.
 *
 * <p>Start reading at {@link io.github.wfpsim.table.ConnectionTable}. The table knows states and addresses, but not the
 * order in which layers are asked; that is the stack's business. Safe for use by many threads; an endpoint's state
 * changes by compare-and-set through {@link io.github.wfpsim.table.Endpoint#transition}, so no lock is held while
 * anything else runs.
 */
@NullMarked
package io.github.wfpsim.table;

import org.jspecify.annotations.NullMarked;
