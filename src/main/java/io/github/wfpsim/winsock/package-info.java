/**
 * The user-mode door of the simulated machine: sockets by handle, Winsock error codes, and the three redirect ioctls.
 *
 * <p>Start reading at {@link io.github.wfpsim.winsock.Winsock}, which mirrors the C functions call by call. {@link
 * io.github.wfpsim.winsock.OverlappedWinsock} has those that take an OVERLAPPED, {@link io.github.wfpsim.winsock.Kernel32}
 * completion ports, events and alertable waits; {@link io.github.wfpsim.winsock.WsaNetworkEvents} is what an event tells of.
 * {@link io.github.wfpsim.winsock.SimSocket} and {@link
 * io.github.wfpsim.winsock.SimDatagramSocket} are the thin Java API over it, with {@link
 * io.github.wfpsim.winsock.WinsockException} for its failures. {@link io.github.wfpsim.winsock.SocketHandle} is the number
 * that both levels speak of. A process hands its Winsock out, and that makes everything else.
 *
 * <p>Every method may be called from any thread; calls that wait on Windows wait here too, end with {@code WSAEINTR} when
 * the thread is interrupted, and leave the interrupt flag set. Time-outs run on the machine's virtual clock. No lock is
 * held while a call waits.
 *
 * <p>A request of overlapped I/O claims a {@link io.github.wfpsim.winsock.WsaOverlapped}, works, and ends exactly once,
 * whatever thread completes or cancels it; its end is told by event, by a routine that runs in an alertable wait of the
 * thread that issued it, or by a packet of a completion port.
 *
 * <p>Mirrors: Windows Sockets 2 (SDK), in particular WSAIoctl function, SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS Control
 * Code, and Windows Sockets Error Codes; WSAOVERLAPPED structure; I/O Completion Ports; Asynchronous Procedure Calls.
 */
@NullMarked
package io.github.wfpsim.winsock;

import org.jspecify.annotations.NullMarked;
