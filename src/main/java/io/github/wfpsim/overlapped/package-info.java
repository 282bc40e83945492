/**
 * Overlapped I/O of user mode, apart from sockets: the OVERLAPPED structure, events, APCs and completion ports.
 *
 * <p>A request claims a {@link io.github.wfpsim.overlapped.WsaOverlapped}, works, and ends exactly once, whatever thread
 * completes or cancels it; its end is told by event, by a routine that runs in an alertable wait of the thread that issued
 * it, or by a packet of a completion port. Everything is safe for use by many threads.
 *
 * <p>Source: WSAIoctl function; WSAOVERLAPPED structure; I/O Completion Ports; Asynchronous Procedure Calls (SDK).
 */
@NullMarked
package io.github.wfpsim.overlapped;

import org.jspecify.annotations.NullMarked;
