/**
 * The kernel-mode door: Winsock Kernel sockets, whose requests are carried by IRPs.
 *
 * <p>A driver starts with {@link io.github.wfpsim.wsk.Wsk}: it registers, captures the provider, creates sockets, and
 * hands an IRP with a completion routine to every call. A call returns STATUS_PENDING and completes its IRP on another
 * thread, as option {@code completionMode} says (WSK-42). {@link io.github.wfpsim.irp.Io#send} and {@link
 * io.github.wfpsim.irp.Io#sendFor} make requests as futures. The rules of records, layers and connections are those of the
 * machine; the provider behind this door judges callers and arguments and translates statuses.
 *
 * <p>Each category of socket is an interface of its own with just its operations: the members of its dispatch table in C.
 * A stream socket has those of listening and connection sockets. The machine hands out the only implementations. Everything
 * is safe for use by many threads. Functions that take an IRP complete it exactly once whatever they return, unless a fault
 * about that IRP itself kept them from taking it.
 *
 * <p>For events a driver fills a dispatch table, such as {@link io.github.wfpsim.wsk.WskClientConnectionDispatch}, gives it
 * to WskSocket with a context, and switches events on with {@link io.github.wfpsim.wsk.WskEventCallbackControl}. Callbacks
 * run on the machine's dispatcher, without any lock, at the level that option {@code completionIrql} says. They may start WSK
 * requests and must not wait for them: a wait is fault {@code WAIT_IN_WSK_CALLBACK} (WSKS-35, WSKS-36).
 *
 * <p>Source: Winsock Kernel Events (WDK).
 */
@NullMarked
package io.github.wfpsim.wsk;

import org.jspecify.annotations.NullMarked;
