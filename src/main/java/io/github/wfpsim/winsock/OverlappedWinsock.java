package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of Winsock that take an OVERLAPPED. Each returns 0 if it has succeeded at once, or {@link
 * Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING} if it goes on, or with another error if it failed; the end of one that
 * goes on is told by event, routine or completion port (WSA-44, WSA-49). Safe for use by many threads.
 *
 * <p>Buffers belong to the call until it has ended. Completion routines run in alertable waits of the thread that made the
 * call, see {@link Kernel32}. Common errors: {@code WSANOTINITIALISED}, {@code WSAENETDOWN}, {@code WSAENOTSOCK}; {@code
 * WSA_INVALID_PARAMETER} after fault {@code OVERLAPPED_BUSY} that was not thrown, and for a routine on a socket with a
 * completion port.
 *
 * <p>Source: WSAIoctl function; WSARecv function; WSASend function; WSARecvFrom function; WSASendTo function; WSASendMsg function; AcceptEx function; ConnectEx function;
 * WSAGetOverlappedResult function (SDK). Requirements: WSA-43 to WSA-56, IOCP-01 to IOCP-09,
 * OVL-01 to OVL-16.
 */
public interface OverlappedWinsock {

    // ---- structures

    /** {@return a new WSAOVERLAPPED of zeros, for calls of any process} */
    WsaOverlapped newOverlapped();

    /**
     * Makes a structure with an event.
     *
     * @param event is reset when a call starts and signalled when it ends, unless the call has a routine
     * @return a new structure
     */
    WsaOverlapped newOverlapped(WsaEvent event);

    // ---- control

    /**
     * Queries or sets redirect records without waiting (WSAIoctl function). <b>Simulated.</b> On a socket without the
     * overlapped attribute, or without OVERLAPPED, it waits and does what {@link Winsock#wsaIoctl} does (WSA-43, WSA-45).
     *
     * @param s the socket
     * @param dwIoControlCode see {@link io.github.wfpsim.abi.ControlCode#code()}
     * @param lpvInBuffer the record to set, read when the call is processed
     * @param cbInBuffer its size
     * @param lpvOutBuffer receives what is queried
     * @param cbOutBuffer its size
     * @param lpcbBytesReturned receives what {@link Winsock#wsaIoctl} stores if the call ends at once, 0 if its arguments
     *     are refused (WSA-21); left alone if it pends (WSA-46); may be null
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING}, or with what {@link Winsock#wsaIoctl} fails
     *     with: argument errors at once, others by the indication when the call pends (WSA-54)
     */
    int wsaIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    /**
     * Does what {@link #wsaIoctl} does, for the thread that is named, and tells the error by pointer (WSPIoctl function;
     * WSA-01, WSA-04). <b>Simulated.</b> The thread's last error is never touched.
     *
     * @param s the socket
     * @param dwIoControlCode see {@link io.github.wfpsim.abi.ControlCode#code()}
     * @param lpvInBuffer the record to set
     * @param cbInBuffer its size
     * @param lpvOutBuffer receives what is queried
     * @param cbOutBuffer its size
     * @param lpcbBytesReturned as above
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @param lpThreadId names the thread whose alertable waits run the routine; it is copied; null for this thread
     * @param lpErrno receives the error code, {@code WSA_IO_PENDING} included, and is left alone on success
     * @return 0, or {@link Winsock#SOCKET_ERROR}
     */
    int wspIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine,
            @Nullable WsaThreadId lpThreadId,
            @Nullable OutUlong lpErrno);

    /**
     * Tells how an overlapped call ended (WSAGetOverlappedResult function; WSA-52). <b>Simulated.</b>
     *
     * @param s the socket
     * @param lpOverlapped the structure of the call
     * @param lpcbTransfer receives the bytes moved if the call succeeded
     * @param fWait whether to wait for its end; only for a call without completion routine
     * @param lpdwFlags receives the flags of a receive if the call succeeded
     * @return true if the call succeeded; false with {@code WSA_IO_INCOMPLETE} while it is pending, {@code WSAEFAULT} for
     *     null, {@code WSA_INVALID_PARAMETER} for a wait with a routine, {@code WSAEINTR}, or what the call failed with
     */
    boolean wsaGetOverlappedResult(
            SocketHandle s,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable OutUlong lpcbTransfer,
            boolean fWait,
            @Nullable OutUlong lpdwFlags);

    // ---- data

    /**
     * Receives without waiting (WSARecv function; OVL-15, OVL-16). <b>Simulated</b>; all flags are <b>rejected</b>. A
     * receive without room ends as soon as there is something to receive. Without OVERLAPPED, or on a socket without the
     * overlapped attribute, it waits for the result as {@link Winsock#recv} does. On a datagram socket it does what {@link
     * #wsaRecvFrom} does.
     *
     * @param s the socket
     * @param lpBuffers receive the bytes one after another; their positions move behind them
     * @param lpNumberOfBytesRecvd receives the count if the call succeeds at once; may be null with OVERLAPPED
     * @param lpFlags 0
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING}, {@code WSAEFAULT} for null, nulls in the list and
     *     read-only buffers, {@code WSAEOPNOTSUPP} for flags and raw sockets, {@code WSAENOTCONN}; the outcomes of
     *     {@link Winsock#recv}; {@code WSA_OPERATION_ABORTED}
     */
    int wsaRecv(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesRecvd,
            int lpFlags,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    /**
     * Sends without waiting (WSASend function; OVL-15, OVL-16). <b>Simulated</b>; all flags are <b>rejected</b>. It ends
     * when the connection has taken every byte. Without OVERLAPPED, or on a socket without the overlapped attribute, it
     * waits for the result as {@link Winsock#send} does. On a datagram socket it sends one datagram to the peer.
     *
     * @param s the socket
     * @param lpBuffers the bytes, one buffer after another; their positions move behind what was sent
     * @param lpNumberOfBytesSent receives the count if the call succeeds at once; may be null with OVERLAPPED
     * @param dwFlags 0
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return as for {@link #wsaRecv}, with the outcomes of {@link Winsock#send}; {@code WSAENOBUFS} for 2 GB and more
     */
    int wsaSend(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesSent,
            int dwFlags,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    // ---- datagrams

    /**
     * Receives one datagram without waiting (WSARecvFrom function; OVL-09, OVL-12). <b>Simulated</b>; all flags are
     * <b>rejected</b>. Without OVERLAPPED, or on a socket without the overlapped attribute, it waits for the result. On a
     * stream socket it does what {@link #wsaRecv} does.
     *
     * @param s the socket
     * @param lpBuffers receive the bytes one after another; their positions move behind them
     * @param lpNumberOfBytesRecvd receives the count if the call succeeds at once; may be null with OVERLAPPED
     * @param lpFlags 0
     * @param lpFrom receives the sender, when the call ends; null if not wanted
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING}, {@code WSAEFAULT} for null and read-only
     *     buffers, {@code WSAEOPNOTSUPP} for flags and raw sockets, {@code WSAEINVAL} for a socket that is not bound; the
     *     outcomes of {@link Winsock#recvfrom}; {@code WSA_OPERATION_ABORTED}
     */
    int wsaRecvFrom(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesRecvd,
            int lpFlags,
            @Nullable Out<InetSocketAddress> lpFrom,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    /**
     * Sends one datagram without waiting (WSASendTo function; OVL-10, OVL-12). <b>Simulated</b>; all flags are
     * <b>rejected</b>. Without OVERLAPPED, or on a socket without the overlapped attribute, it waits for the result. On a
     * stream socket it does what {@link #wsaSend} does.
     *
     * @param s the socket, which gets an address first if it is not bound
     * @param lpBuffers the bytes, one buffer after another; their positions move behind what was sent
     * @param lpNumberOfBytesSent receives the count if the call succeeds at once; may be null with OVERLAPPED
     * @param dwFlags 0
     * @param lpTo where to; null for the peer that {@link Winsock#connect} gave the socket
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING}; with the errors of {@link Winsock#sendto};
     *     with {@code WSA_OPERATION_ABORTED}
     * @throws IllegalArgumentException if the address is unresolved
     */
    int wsaSendTo(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesSent,
            int dwFlags,
            @Nullable InetSocketAddress lpTo,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    /**
     * Sends one datagram with control messages without waiting (WSASendMsg function; OVL-11, OVL-12). <b>Simulated</b> for
     * datagram sockets. Without OVERLAPPED, or on a socket without the overlapped attribute, it does what {@link
     * Winsock#wsaSendMsg} does.
     *
     * @param s the socket
     * @param lpMsg what to send, which belongs to the call until that has ended
     * @param dwFlags 0
     * @param lpNumberOfBytesSent receives the count if the call succeeds at once; may be null with OVERLAPPED
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING}; with the errors of {@link
     *     Winsock#wsaSendMsg}, those of arguments and control data at once; with {@code WSA_OPERATION_ABORTED}
     * @throws IllegalArgumentException if the name is unresolved
     */
    int wsaSendMsg(
            SocketHandle s,
            @Nullable WsaMsg lpMsg,
            int dwFlags,
            @Nullable OutUlong lpNumberOfBytesSent,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    // ---- connections

    /**
     * Takes a connection into a socket without waiting (AcceptEx function). <b>Simulated</b> without first data:
     * dwReceiveDataLength is 0. The accepted socket knows its peer after {@link Winsock#SO_UPDATE_ACCEPT_CONTEXT}.
     *
     * @param sListenSocket the listener
     * @param sAcceptSocket a stream socket that is neither bound nor connected, nor
     *     waits in another AcceptEx; it becomes the connection
     * @param lpLocalSockaddr receives the local address; null if not wanted
     * @param lpRemoteSockaddr receives the peer; null if not wanted
     * @param lpOverlapped the structure
     * @return true if it has succeeded at once; false with {@code WSA_IO_PENDING}, {@code WSAEFAULT} for a null
     *     structure, {@code WSAEINVAL} if the listener does not listen or the other socket is not fresh, {@code
     *     WSA_OPERATION_ABORTED}
     */
    boolean acceptEx(
            SocketHandle sListenSocket,
            SocketHandle sAcceptSocket,
            @Nullable Out<InetSocketAddress> lpLocalSockaddr,
            @Nullable Out<InetSocketAddress> lpRemoteSockaddr,
            @Nullable WsaOverlapped lpOverlapped);

    /**
     * Takes a connection into a socket without waiting, with its first data and its addresses (AcceptEx function; OVL-01
     * to OVL-05). <b>Simulated.</b> With room for data the call ends once there is some, or none will come. {@link
     * Winsock#SO_CONNECT_TIME} tells meanwhile whether there is a connection.
     *
     * @param sListenSocket the listener
     * @param sAcceptSocket a stream socket that is neither bound nor connected, nor
     *     waits in another AcceptEx; it becomes the connection
     * @param lpOutputBuffer receives from its position on, which does not move, the data and then the addresses in a form
     *     that {@link #getAcceptExSockaddrs} reads
     * @param dwReceiveDataLength bytes for data; 0 takes the connection and no data
     * @param dwLocalAddressLength bytes for the local address, at least 16 more than its sockaddr: 32, for IPv6 44
     * @param dwRemoteAddressLength bytes for the peer's address, as above
     * @param lpdwBytesReceived receives the count if the call succeeds at once; may be null
     * @param lpOverlapped the structure
     * @return true if it has succeeded at once; false with {@code WSA_IO_PENDING}, {@code WSAEFAULT} for null and for
     *     memory that is too short or read-only, {@code WSAEINVAL} for lengths that are too short, if the listener does not
     *     listen or the other socket is not fresh, {@code WSAECONNRESET}, {@code WSA_OPERATION_ABORTED}
     */
    boolean acceptEx(
            SocketHandle sListenSocket,
            SocketHandle sAcceptSocket,
            @Nullable ByteBuffer lpOutputBuffer,
            int dwReceiveDataLength,
            int dwLocalAddressLength,
            int dwRemoteAddressLength,
            @Nullable OutUlong lpdwBytesReceived,
            @Nullable WsaOverlapped lpOverlapped);

    /**
     * Reads the addresses that AcceptEx stored (GetAcceptExSockaddrs function; OVL-03). <b>Simulated.</b>
     *
     * @param lpOutputBuffer the buffer of the call, from the same position on
     * @param dwReceiveDataLength as in the call
     * @param dwLocalAddressLength as in the call
     * @param dwRemoteAddressLength as in the call
     * @param localSockaddr receives the local address
     * @param remoteSockaddr receives the peer's address
     * @throws IllegalArgumentException if AcceptEx did not store addresses there
     */
    void getAcceptExSockaddrs(
            ByteBuffer lpOutputBuffer,
            int dwReceiveDataLength,
            int dwLocalAddressLength,
            int dwRemoteAddressLength,
            Out<InetSocketAddress> localSockaddr,
            Out<InetSocketAddress> remoteSockaddr);

    /**
     * Connects without waiting (ConnectEx function). <b>Simulated.</b> The socket knows its peer after
     * {@link Winsock#SO_UPDATE_CONNECT_CONTEXT}.
     *
     * @param s a bound stream socket
     * @param name where to
     * @param lpOverlapped the structure
     * @return as for the call with data: never true
     * @throws IllegalArgumentException if the address is unresolved
     */
    boolean connectEx(SocketHandle s, @Nullable InetSocketAddress name, @Nullable WsaOverlapped lpOverlapped);

    /**
     * Connects without waiting, then sends first data (ConnectEx function; OVL-06, OVL-07). <b>Simulated.</b> The call ends
     * when the connection has taken all of it. The socket knows its peer after {@link Winsock#SO_UPDATE_CONNECT_CONTEXT}.
     *
     * @param s a bound stream socket
     * @param name where to
     * @param lpSendBuffer the data from its position on, which does not move; null for none
     * @param dwSendDataLength its size; ignored without data
     * @param lpdwBytesSent left alone, as the call never succeeds at once; may be null
     * @param lpOverlapped the structure
     * @return false with {@code WSA_IO_PENDING}, {@code WSAEFAULT} for null and for data that is shorter than said, {@code
     *     WSAEINVAL} if the socket is not bound; what {@link Winsock#connect} fails with: arguments and states at once,
     *     others by the indication; {@code WSA_OPERATION_ABORTED}
     * @throws IllegalArgumentException if the address is unresolved
     */
    boolean connectEx(
            SocketHandle s,
            @Nullable InetSocketAddress name,
            @Nullable ByteBuffer lpSendBuffer,
            int dwSendDataLength,
            @Nullable OutUlong lpdwBytesSent,
            @Nullable WsaOverlapped lpOverlapped);

    // ---- cancelling

    /**
     * Cancels pending calls on a socket, whichever thread made them (CancelIoEx function; IOCP-09). <b>Simulated.</b>
     *
     * @param s the socket; for AcceptEx the listener
     * @param lpOverlapped the structure of the call to cancel; null for all
     * @return true if a call was asked to end; false with {@code ERROR_NOT_FOUND} if none is pending on that socket
     */
    boolean cancelIoEx(SocketHandle s, @Nullable WsaOverlapped lpOverlapped);

    /**
     * Cancels the pending calls that this thread made on a socket (CancelIo function). <b>Simulated.</b>
     *
     * @param s the socket
     * @return true, or false with {@code WSAENOTSOCK}
     */
    boolean cancelIo(SocketHandle s);
}
