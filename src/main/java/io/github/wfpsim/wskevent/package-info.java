/**
 * Events of kernel sockets: the callbacks that a driver hands to WSK, what they get, and the machinery that calls them.
 *
 * <p>A driver fills a dispatch table, such as {@link io.github.wfpsim.wskevent.WskClientConnectionDispatch}, gives it
 * to WskSocket with a context, and switches events on with {@link io.github.wfpsim.wskevent.WskEventCallbackControl}.
 * Callbacks run on the machine's dispatcher, without any lock, at the level that knob {@code completionIrql} says. They
 * may start WSK requests and must not wait for them: a wait is fault {@code WAIT_IN_WSK_CALLBACK} (WSKS-35, WSKS-36).
 *
 * <p>Source: Winsock Kernel Events (WDK).
 */
@NullMarked
package io.github.wfpsim.wskevent;

import org.jspecify.annotations.NullMarked;
