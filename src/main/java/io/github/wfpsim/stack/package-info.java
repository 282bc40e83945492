/**
 * Not API. The order of events: which layers are asked when a socket binds, listens, connects, accepts and closes, and
 * the one control operation behind the redirect ioctls of both doors.
 *
 * <p>Start reading at {@link io.github.wfpsim.stack.HostStack}, then {@code ConnectOperation}: each operation lists its
 * steps in their order, and {@code LayerQuestion} knows what each layer is shown. An operation runs on the thread
 * that waits for it, else on the dispatcher. Safe for use by many threads; no lock is held while a callout, a listener of the trace or another machine runs.
 *
 * <p>{@code ConnectionTable} holds the endpoints, their ports, who waits to be accepted, and the redirected flows that tie
 * two endpoints together. It knows states and addresses, but not the order in which layers are asked. An endpoint's state
 * changes by compare-and-set through {@code Endpoint.transition}.
 */
@NullMarked
package io.github.wfpsim.stack;

import org.jspecify.annotations.NullMarked;
