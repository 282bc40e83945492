package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.OutUlong;
import org.jspecify.annotations.Nullable;

/**
 * A pointer to WSARecvMsg, found at run time as on Windows (LPFN_WSARECVMSG; UDP-18):
 *
 * <pre>{@code
 * ByteBuffer pointer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
 * winsock.wsaIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER.code(),
 *         Wsaid.WSAID_WSARECVMSG.bytes(), 16, pointer, 8, returned);
 * LpfnWsaRecvMsg wsaRecvMsg = winsock.lpfnWsaRecvMsg(pointer.getLong(0));
 * }</pre>
 */
@FunctionalInterface
public interface LpfnWsaRecvMsg {

    /**
     * Receives one datagram with its control messages without waiting (WSARecvMsg function; OVL-11). <b>Simulated</b> for
     * datagram sockets. Without OVERLAPPED, or on a socket without the overlapped attribute, it waits and does what {@link
     * #wsaRecvMsg(SocketHandle, WsaMsg, OutUlong)} does.
     *
     * @param s the socket
     * @param lpMsg receives the datagram, and belongs to the call until that has ended; {@link WsaMsg#MSG_PEEK} is
     *     <b>rejected</b>
     * @param lpdwNumberOfBytesRecvd receives the count if the call succeeds at once; may be null with OVERLAPPED
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING}, {@code WSA_INVALID_PARAMETER}, the errors
     *     of a call that waits, {@code WSA_OPERATION_ABORTED}
     */
    int wsaRecvMsg(
            SocketHandle s,
            @Nullable WsaMsg lpMsg,
            @Nullable OutUlong lpdwNumberOfBytesRecvd,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    /**
     * Receives one datagram with its control messages, waiting for it unless the socket is non-blocking (WSARecvMsg
     * function). <b>Simulated</b> for datagram sockets; of the control messages those of
     * {@link io.github.wfpsim.cmsg.AncillaryType}, each after its option was switched on (UDP-07).
     *
     * <p>The buffers are filled in their order without holes (UDP-23). Records come first, then the context; a message
     * that does not fit is left out and lost (UDP-09, UDP-10). If payload or control data was cut, the call fails with
     * {@code WSAEMSGSIZE} and fills everything as on success; dwFlags tells what was cut (UDP-21). After any other
     * failure nothing was written, and no datagram was lost.
     *
     * @param s the socket
     * @param lpMsg receives the datagram: name, the buffers, control data and its length, and dwFlags, which on input are
     *     0 or {@link WsaMsg#MSG_PEEK}; a peek leaves the datagram to be received
     * @param lpdwNumberOfBytesRecvd receives the number of payload bytes stored
     * @return 0, or {@link Winsock#SOCKET_ERROR} with the first that applies of {@code WSANOTINITIALISED},
     *     {@code WSAENETDOWN}, {@code WSAENOTSOCK}, {@code WSAEFAULT} for null pointers and memory that cannot be
     *     written, {@code WSAEOPNOTSUPP} for other flags and for stream and raw sockets, {@code WSAEINVAL} for a socket
     *     that is not bound, {@code WSAESHUTDOWN}, {@code WSAECONNRESET} if an earlier packet reached nobody,
     *     {@code WSAEWOULDBLOCK}, {@code WSAETIMEDOUT}, {@code WSAEINTR}, {@code WSAEMSGSIZE}
     */
    default int wsaRecvMsg(SocketHandle s, @Nullable WsaMsg lpMsg, @Nullable OutUlong lpdwNumberOfBytesRecvd) {
        return wsaRecvMsg(s, lpMsg, lpdwNumberOfBytesRecvd, null, null);
    }
}
