package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.SocketType;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Winsock as one simulated process sees it: the C functions in Java dress.
 *
 * <p>Functions that answer 0 or {@link #SOCKET_ERROR} on Windows do so here, and leave the cause in
 * {@link #wsaGetLastError()}, which is kept per thread and process and which a success leaves alone (WSA-02, WSA-03).
 * Pointers that may be null on Windows may be null here and fail with {@code WSAEFAULT} where they do there. Unless a
 * method says otherwise its errors are tried in this order: {@code WSANOTINITIALISED}, {@code WSAENETDOWN} for calls
 * that need the network, {@code WSAENOTSOCK}, then the arguments, then what the stack answers. The calls that only
 * look at or give up a socket work while the network is down, so that it can be cleaned up.
 *
 * <p>Calls that wait end with {@code WSAEINTR} when their thread is interrupted, and the interrupt flag stays set
 * (WSA-38); or when another thread closes their socket. Safe for use by many threads.
 *
 * <p>Source: Winsock Functions (SDK). Start with {@link #tcpSocket(AddressFamily)} for the Java API over these calls.
 */
public interface Winsock {

    /** The result of a call that failed. */
    int SOCKET_ERROR = -1;

    /** Level of the options that concern any socket. */
    int SOL_SOCKET = 0xFFFF;

    /** Option of {@link #SOL_SOCKET}: what closing does, a LINGER structure: u_short l_onoff, u_short l_linger. */
    int SO_LINGER = 0x0080;

    /** Option of {@link #SOL_SOCKET} on stream sockets, to be read: whether it listens, a BOOL. */
    int SO_ACCEPTCONN = 0x0002;

    /** Option of {@link #SOL_SOCKET}: whether bind may share an address with others that share it, a BOOL (WSA-62). */
    int SO_REUSEADDR = 0x0004;

    /** Option of {@link #SOL_SOCKET} on stream sockets, stored: whether idle connections are probed, a BOOL. */
    int SO_KEEPALIVE = 0x0008;

    /** Option of {@link #SOL_SOCKET} on datagram sockets: whether it may send to all, a BOOL (WSA-65). */
    int SO_BROADCAST = 0x0020;

    /** Option of {@link #SOL_SOCKET}, before bind: whether the address shall be this socket's alone, a BOOL (WSA-62). */
    int SO_EXCLUSIVEADDRUSE = ~SO_REUSEADDR;

    /** Option of {@link #SOL_SOCKET}, to be read: the type, see {@link SocketType#code()}. */
    int SO_TYPE = 0x1008;

    /** Option of level IPPROTO_TCP, stored: whether small segments go at once, a BOOL. */
    int TCP_NODELAY = 1;

    /** Option of level IPPROTO_IP, stored: the type of service, a DWORD of up to 255. */
    int IP_TOS = 3;

    /** Option of level IPPROTO_IP, stored: the interface to send by, its index in network byte order, 0 for any. */
    int IP_UNICAST_IF = 31;

    /** Option of level IPPROTO_IPV6, stored: the interface to send by, its index, 0 for any. */
    int IPV6_UNICAST_IF = 31;

    /**
     * Option of {@link #SOL_SOCKET}: room for what waits to be sent, a DWORD of bytes; stored for stream sockets, whose room
     * is an option of the machine.
     */
    int SO_SNDBUF = 0x1001;

    /** Option of {@link #SOL_SOCKET}: room for what was not received yet, a DWORD of bytes; stored for stream sockets. */
    int SO_RCVBUF = 0x1002;

    /** Option of {@link #SOL_SOCKET}: how long sending may wait, a DWORD of milliseconds, 0 for ever. */
    int SO_SNDTIMEO = 0x1005;

    /** Option of {@link #SOL_SOCKET}: how long receiving may wait, a DWORD of milliseconds, 0 for ever. */
    int SO_RCVTIMEO = 0x1006;

    /** Option of {@link #SOL_SOCKET}: the error of the last connect, a DWORD; reading it clears it, setting is refused. */
    int SO_ERROR = 0x1007;

    /**
     * Option of {@link #SOL_SOCKET}: the seconds that a stream socket has been connected, a DWORD, 0xFFFFFFFF if it is not;
     * it can only be read.
     */
    int SO_CONNECT_TIME = 0x700C;

    /**
     * Option of {@link #SOL_SOCKET}: lets a socket that AcceptEx filled know its connection and take over the listener's
     * properties; the value is the listener.
     */
    int SO_UPDATE_ACCEPT_CONTEXT = 0x700B;

    /** Option of {@link #SOL_SOCKET}: lets a socket that ConnectEx connected know its connection; it has no value. */
    int SO_UPDATE_CONNECT_CONTEXT = 0x7010;

    /** Option of level IPPROTO_IPV6: whether an AF_INET6 socket keeps to IPv6, a BOOL, on at first. */
    int IPV6_V6ONLY = 27;

    /** Argument of WSASocket: as the protocol information says. */
    int FROM_PROTOCOL_INFO = -1;

    /** Backlog that leaves the choice to the provider. */
    int SOMAXCONN = 0x7FFFFFFF;

    /** Flag of WSASocket: the socket gets the overlapped attribute (WSA-47). */
    int WSA_FLAG_OVERLAPPED = 0x01;

    /** Flag of WSASocket: child processes do not inherit the handle; nothing here inherits handles. */
    int WSA_FLAG_NO_HANDLE_INHERIT = 0x80;

    /** {@return the calls that take an OVERLAPPED} */
    OverlappedWinsock overlapped();

    /** {@return completion ports, events and alertable waits} */
    Kernel32 kernel32();

    // ---- start, end, last error

    /**
     * Starts Winsock for the process once more (WSAStartup function). With option {@code autoWsaStartup} a process has
     * started it once before its first call (WSA-23). <b>Simulated</b>; there is no WSADATA to fill.
     *
     * @param wVersionRequested highest version that the caller can use, major number in the low byte: 0x0202
     * @return 0, or {@code WSAVERNOTSUPPORTED} for a major number of 0; the last error is not touched
     * @throws IllegalStateException if the process has ended
     */
    int wsaStartup(int wVersionRequested);

    /**
     * Takes one start back (WSACleanup function); the last one resets all sockets of the process and wakes its waiting
     * calls with {@code WSAEINTR}. <b>Simulated</b>.
     *
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSANOTINITIALISED}
     */
    int wsaCleanup();

    /**
     * {@return the error of the last call that failed on this thread for this process (WSAGetLastError function); 0 if
     * none failed yet}
     */
    int wsaGetLastError();

    /**
     * Sets what {@link #wsaGetLastError()} answers on this thread (WSASetLastError function).
     *
     * @param iError any code
     */
    void wsaSetLastError(int iError);

    // ---- creating and closing

    /**
     * Creates a socket with the overlapped attribute (socket function; WSA-47). <b>Simulated</b> for streams and
     * datagrams; raw sockets can be created, bound and asked by ioctls, and cannot transfer.
     *
     * @param af address family, see {@link AddressFamily#code()}
     * @param type socket type, see {@link SocketType#code()}
     * @param protocol protocol, see {@link IpProtocol#code()}; 0 lets the type decide
     * @return the socket, or {@link SocketHandle#INVALID_SOCKET} with {@code WSAEAFNOSUPPORT},
     *     {@code WSAESOCKTNOSUPPORT}, {@code WSAEPROTONOSUPPORT} for unknown numbers, {@code WSAEPROTOTYPE} for a
     *     protocol that does not go with the type, {@code WSAEACCES} for a raw socket without elevation
     */
    SocketHandle socket(int af, int type, int protocol);

    /**
     * Creates a socket as {@link #socket(int, int, int)} does.
     *
     * @param af address family
     * @param type socket type
     * @param protocol protocol; {@link IpProtocol#IPPROTO_IP} lets the type decide
     * @return as for {@link #socket(int, int, int)}
     */
    SocketHandle socket(AddressFamily af, SocketType type, IpProtocol protocol);

    /**
     * Creates a socket (WSASocket function). <b>Simulated</b> as {@link #socket(int, int, int)}; protocol information
     * and groups are <b>rejected</b> by having no parameter.
     *
     * @param af address family
     * @param type socket type
     * @param protocol protocol; 0 lets the type decide
     * @param dwFlags {@link #WSA_FLAG_OVERLAPPED}, {@link #WSA_FLAG_NO_HANDLE_INHERIT}, both or 0
     * @return as for {@link #socket(int, int, int)}; {@code WSAEINVAL} for other flags
     */
    SocketHandle wsaSocket(int af, int type, int protocol, int dwFlags);

    /**
     * Makes a descriptor of a socket that another process shares (WSASocket function; WSA-73). <b>Simulated.</b> All that the
     * socket is and will be is common to its descriptors: options, mode, connection, network events, completion port.
     *
     * @param af address family, or {@link #FROM_PROTOCOL_INFO}
     * @param type socket type, or {@link #FROM_PROTOCOL_INFO}
     * @param protocol protocol, or {@link #FROM_PROTOCOL_INFO}
     * @param lpProtocolInfo what {@link #wsaDuplicateSocket} made for this process; null for a new socket, as {@link
     *     #wsaSocket(int, int, int, int)} makes it
     * @param dwFlags as there; the overlapped attribute is the socket's, whatever the flag says
     * @return the descriptor, whose number need not be the one that the other process has, or {@link
     *     SocketHandle#INVALID_SOCKET} with {@code WSAEINVAL} for information that was used, is another process's or of a
     *     socket that is gone, and for arguments that do not agree with it
     */
    SocketHandle wsaSocket(int af, int type, int protocol, @Nullable WsaProtocolInfo lpProtocolInfo, int dwFlags);

    /**
     * Lets another process have a descriptor of a socket (WSADuplicateSocket function; WSA-73, WSA-74). <b>Simulated.</b> The
     * socket stays open until its last descriptor is closed, the one that is made here included. Who may query redirect
     * records and contexts, and set records, is judged by the process that calls; the filtering platform goes on to see the
     * process that made the socket.
     *
     * @param s the socket
     * @param dwProcessId id of the other process, or of this one
     * @param lpProtocolInfo receives what the other process gives to WSASocket
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEINVAL} if there is no such process
     */
    int wsaDuplicateSocket(SocketHandle s, int dwProcessId, @Nullable Out<WsaProtocolInfo> lpProtocolInfo);

    /**
     * Closes a socket and wakes the calls that wait on it with {@code WSAEINTR} (closesocket function). Of a socket that
     * processes share it closes the descriptor, and the socket with the last one (WSA-73).
     * <b>Simulated</b>: gracefully, or abortively after {@link #SO_LINGER} was switched on with time 0.
     *
     * @param s the socket
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSANOTINITIALISED} or {@code WSAENOTSOCK}
     */
    int closesocket(SocketHandle s);

    // ---- connecting

    /**
     * Gives a socket its local address (bind function). <b>Simulated</b>: runs the bind redirect and resource
     * assignment layers.
     *
     * @param s the socket
     * @param name local address; an unspecified address means all, port 0 lets the machine choose
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null or the wrong family,
     *     {@code WSAEADDRNOTAVAIL}, {@code WSAEADDRINUSE}, {@code WSAEINVAL} if it is bound or waits in an AcceptEx, {@code WSAEACCES} if a
     *     filter blocks it or another socket keeps the port from this one (WSA-62), {@code WSAENOBUFS} if port 0 asked for one and none is left
     * @throws IllegalArgumentException if the address is unresolved
     */
    int bind(SocketHandle s, @Nullable InetSocketAddress name);

    /**
     * Lets a bound socket take connections (listen function). <b>Simulated</b>: runs the listen layer.
     *
     * @param s the socket
     * @param backlog how many connections may wait; {@link #SOMAXCONN} lets the machine choose
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEINVAL} if it is not bound, {@code WSAEISCONN},
     *     {@code WSAEOPNOTSUPP} if it is no stream socket, {@code WSAEACCES} if a filter blocks it
     */
    int listen(SocketHandle s, int backlog);

    /**
     * Takes the oldest waiting connection, waiting for one unless the socket is non-blocking (accept function).
     * <b>Simulated</b>. The new socket has the properties of the listener. {@link #SO_RCVTIMEO} does not limit the
     * wait, as on Windows.
     *
     * @param s the listener
     * @param addr receives the peer: for a redirected connection the client that made it; null if not wanted
     * @return the new socket, or {@link SocketHandle#INVALID_SOCKET} with {@code WSAEINVAL} if it does not listen,
     *     {@code WSAEOPNOTSUPP} if it is no stream socket, {@code WSAEWOULDBLOCK} if it is non-blocking and none waits,
     *     {@code WSAEINTR}
     */
    SocketHandle accept(SocketHandle s, @Nullable Out<InetSocketAddress> addr);

    /**
     * Connects a stream socket, binding it first if need be, or gives a datagram socket its peer (connect function).
     * <b>Simulated</b>: runs the connect redirect and authorization layers; to the caller a redirected connection looks as
     * if it led where it asked (WFP-54).
     *
     * <p>It waits for a pended classification and for the peer. In non-blocking mode the connect of a stream socket that
     * was begun fails with {@code WSAEWOULDBLOCK} and goes on; {@link #select} and {@link #wsaPoll} tell its end, {@link
     * #SO_ERROR} why it failed (NBIO-01, NBIO-02). That of a datagram socket does so only if it would have to wait.
     *
     * @param s the socket
     * @param name destination
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEAFNOSUPPORT},
     *     {@code WSAEADDRNOTAVAIL}, {@code WSAEADDRINUSE} if a bound socket's connection to that peer exists,
     *     {@code WSAEISCONN}, {@code WSAEALREADY} while another connect of it runs, {@code WSAEINVAL} for a listener and a socket that waits in an AcceptEx, {@code WSAEACCES} if a filter blocks it
     *     or its redirect is incomplete, {@code WSAECONNREFUSED}, {@code WSAECONNABORTED} if a redirect loop was ended, {@code WSAECONNRESET} if
     *     FLOW_ESTABLISHED blocks, {@code WSAENETUNREACH}, {@code WSAENOBUFS} if no port is left, {@code WSAEINTR};
     *     {@code WSAEOPNOTSUPP} for raw sockets; {@code WSAEWOULDBLOCK} in non-blocking mode
     * @throws IllegalArgumentException if the address is unresolved
     */
    int connect(SocketHandle s, @Nullable InetSocketAddress name);

    /**
     * Connects as {@link #connect} does (WSAConnect function; WSA-59). <b>Simulated</b>; user data and quality of service,
     * which TCP/IP does not have, are <b>rejected</b> by having no parameter.
     *
     * @param s the socket
     * @param name destination
     * @return as for {@link #connect}
     * @throws IllegalArgumentException if the address is unresolved
     */
    int wsaConnect(SocketHandle s, @Nullable InetSocketAddress name);

    /**
     * Ends one or both directions of a socket (shutdown function). <b>Simulated</b>. A datagram socket need not be
     * connected; what arrives is queued all the same, and no sender hears of it (UDP-28).
     *
     * @param s the socket
     * @param how see {@link ShutdownHow#code()}
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEINVAL} for an unknown direction, {@code WSAENOTCONN} for a
     *     socket of another type that is not connected
     */
    int shutdown(SocketHandle s, int how);

    /**
     * Tells the local address (getsockname function). <b>Simulated</b>.
     *
     * @param s the socket
     * @param name receives the address
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEINVAL} if it is not bound
     */
    int getsockname(SocketHandle s, @Nullable Out<InetSocketAddress> name);

    /**
     * Tells the peer's address; for a redirected client the one that it asked for (getpeername function; WFP-54).
     * <b>Simulated</b>.
     *
     * @param s the socket
     * @param name receives the address
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAENOTCONN}
     */
    int getpeername(SocketHandle s, @Nullable Out<InetSocketAddress> name);

    // ---- transferring

    /**
     * Sends the bytes between the buffer's position and limit, waiting until the connection has taken them all; a
     * non-blocking socket sends what fits (send function). <b>Simulated</b>; all flags are <b>rejected</b>.
     *
     * @param s the socket
     * @param buf the bytes; its position moves behind those that were sent, after a failure too
     * @param flags 0
     * @return number of bytes, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEOPNOTSUPP} for
     *     flags, {@code WSAENOTCONN}, {@code WSAESHUTDOWN}, {@code WSAEWOULDBLOCK}, {@code WSAETIMEDOUT},
     *     {@code WSAECONNRESET}, {@code WSAECONNABORTED}, {@code WSAEINTR}
     */
    int send(SocketHandle s, @Nullable ByteBuffer buf, int flags);

    /**
     * Sends the bytes between the buffer's position and limit as one datagram (sendto function). <b>Simulated</b>; all
     * flags are <b>rejected</b>. A socket that is not bound gets an address first. The first packet of a flow runs the
     * connect redirect and authorization layers (WFP-03); a packet that nobody takes is told by the next receive, as
     * {@code WSAECONNRESET}. On a stream socket it does what {@link #send} does.
     *
     * @param s the socket
     * @param buf the bytes; its position moves behind them if they were sent
     * @param flags 0
     * @param to where to; null for the peer that {@link #connect} gave the socket
     * @return number of bytes, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null bytes, {@code WSAEOPNOTSUPP}
     *     for flags and raw sockets, {@code WSAEWOULDBLOCK} in non-blocking mode if datagrams that wait for a callout
     *     leave no room (NBIO-14), {@code WSAEDESTADDRREQ} without destination and peer, {@code WSAEAFNOSUPPORT},
     *     {@code WSAEADDRNOTAVAIL} for a destination that is none or does not go with the source, {@code WSAEMSGSIZE} for
     *     more than a packet carries, {@code WSAEACCES} if a filter blocks the bind of an unbound socket (what blocks the
     *     datagram goes unheard, UDP-61) and for a broadcast without {@link #SO_BROADCAST}, {@code WSAECONNABORTED} for
     *     redirects that lead round, {@code WSAENETUNREACH}, {@code WSAENOBUFS}, {@code WSAEINTR}
     * @throws IllegalArgumentException if the address is unresolved
     */
    int sendto(SocketHandle s, @Nullable ByteBuffer buf, int flags, @Nullable InetSocketAddress to);

    /**
     * Receives at least one byte into the buffer from its position on, waiting for it unless the socket is non-blocking
     * (recv function). <b>Simulated</b>; all flags are <b>rejected</b>.
     *
     * @param s the socket
     * @param buf receives the bytes; its position moves behind them
     * @param flags 0
     * @return number of bytes; 0 once the peer has ended its direction or if the buffer has no room; or
     *     {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null or a read-only buffer, otherwise as for {@link #send}
     */
    int recv(SocketHandle s, @Nullable ByteBuffer buf, int flags);

    /**
     * Receives one datagram into the buffer from its position on, waiting for it unless the socket is non-blocking
     * (recvfrom function). <b>Simulated</b>; all flags are <b>rejected</b>. A redirect record that comes with it is
     * lost, with a diagnostic (UDP-03). On a stream socket it does what {@link #recv} does.
     *
     * @param s the socket
     * @param buf receives the bytes; its position moves behind them
     * @param flags 0
     * @param from receives the sender; for answers from a destination that was redirected, the destination asked for;
     *     null if not wanted
     * @return number of bytes, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null or a read-only buffer,
     *     {@code WSAEOPNOTSUPP} for flags and raw sockets, {@code WSAEINVAL} for a socket that is not bound,
     *     {@code WSAEMSGSIZE} if the datagram was longer, whose rest is lost, {@code WSAECONNRESET} if an earlier
     *     packet reached nobody, {@code WSAEWOULDBLOCK}, {@code WSAETIMEDOUT}, {@code WSAEINTR}
     */
    int recvfrom(SocketHandle s, @Nullable ByteBuffer buf, int flags, @Nullable Out<InetSocketAddress> from);

    /**
     * Sends one datagram with control messages and waits for the result (WSASendMsg function). <b>Simulated</b> for
     * datagram sockets; {@link OverlappedWinsock#wsaSendMsg} does not wait. Of control messages redirect records, which tie the new flow to the one that they came from (UDP-05).
     * They count on the packet that creates a flow; on another they are ignored, with a diagnostic (UDP-13). A redirect
     * context is ignored, so that received control data can be passed on unchanged (UDP-22). All flags are
     * <b>rejected</b>; dwFlags of the structure is ignored. A socket that is not bound gets an address first (UDP-25).
     *
     * @param s the socket
     * @param lpMsg what to send: name, or none for the peer that {@link #connect} gave the socket; the buffers one behind
     *     the other, whose positions move behind what was sent; control data
     * @param dwFlags 0
     * @param lpNumberOfBytesSent receives the number of bytes
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null pointers and memory that is not there,
     *     {@code WSAEOPNOTSUPP} for flags and for stream and raw sockets, {@code WSAEINVAL} for malformed control data,
     *     types of message that are not simulated, a level that the destination does not call for, and records whose
     *     lengths overflow; {@code WSAEACCES} without elevation or for records that are not sound or not this process's
     *     (UDP-12), or if a filter blocks; {@code WSAENOTCONN} without destination and peer; otherwise as
     *     {@link #sendto}. Nothing was sent then
     * @throws IllegalArgumentException if the name is unresolved
     */
    int wsaSendMsg(SocketHandle s, @Nullable WsaMsg lpMsg, int dwFlags, @Nullable OutUlong lpNumberOfBytesSent);

    /**
     * Turns what SIO_GET_EXTENSION_FUNCTION_POINTER stored into the function: the cast of C (UDP-18).
     *
     * @param type {@link LpfnWsaRecvMsg}, {@link LpfnWsaSendMsg}, {@link LpfnAcceptEx}, {@link LpfnConnectEx} or {@link
     *     LpfnGetAcceptExSockaddrs}
     * @param pointer the eight bytes of the output buffer, little-endian
     * @param <F> the type
     * @return the function for sockets of this process; it does what the method of that name does here, or in {@link
     *     OverlappedWinsock}
     * @throws IllegalArgumentException if it is no pointer to such a function
     */
    <F> F extensionFunction(Class<F> type, long pointer);

    // ---- readiness

    /**
     * Tells what sockets are ready for, waiting until one is (WSAPoll function; NBIO-08 to NBIO-12). <b>Simulated</b>;
     * there is no out-of-band data, so that {@link WsaPollFd#POLLRDBAND} never comes. Times are virtual.
     *
     * @param fdArray at least one structure with a valid socket; each one's revents is set
     * @param timeout milliseconds; 0 does not wait, below 0 waits without end
     * @return number of structures whose revents is not 0; 0 after the time; or {@link #SOCKET_ERROR} with {@code
     *     WSANOTINITIALISED}, {@code WSAENETDOWN}, {@code WSAEINVAL} for null, for flags in events that cannot be asked for
     *     and without any valid socket, {@code WSAEINTR}
     */
    int wsaPoll(@Nullable List<WsaPollFd> fdArray, int timeout);

    /**
     * Tells which sockets are ready, waiting until one is (select function; NBIO-03 to NBIO-07). <b>Simulated</b>; there is
     * no out-of-band data. Times are virtual. The sets change only if the call does not fail.
     *
     * @param nfds ignored
     * @param readfds sockets of which a receive or an accept shall not wait; keeps those; null for none
     * @param writefds sockets of which a send shall not wait, or whose connect shall have succeeded; keeps those; null for
     *     none
     * @param exceptfds sockets whose connect shall have failed; keeps those; null for none
     * @param timeout how long to wait at most; zero does not wait, null waits without end
     * @return number of sockets in the sets then; 0 after the time; or {@link #SOCKET_ERROR} with {@code
     *     WSANOTINITIALISED}, {@code WSAENETDOWN}, {@code WSAEINPROGRESS} inside a completion routine, {@code WSAEINVAL}
     *     without any socket in the sets, for a negative time and for one beyond 2^31-1 seconds, {@code WSAENOTSOCK} for
     *     an entry that is no socket, also for one that is closed meanwhile, {@code WSAEINTR}
     */
    int select(
            int nfds,
            @Nullable FdSet readfds,
            @Nullable FdSet writefds,
            @Nullable FdSet exceptfds,
            @Nullable Duration timeout);

    /**
     * Has an event tell of what happens at a socket (WSAEventSelect function; WSA-67 to WSA-72). <b>Simulated</b>; only
     * {@link WsaNetworkEvents#FD_READ}, FD_WRITE, FD_ACCEPT, FD_CONNECT and FD_CLOSE ever come. The socket becomes
     * non-blocking, and stays so until the selection is taken back and its mode is changed. What has happened already is told
     * at once. Sockets that {@link #accept} takes have the selection of their listener.
     *
     * @param s the socket
     * @param hEventObject the event, see {@link Kernel32#wsaCreateEvent}; ignored if no events are wanted, and then may be
     *     null
     * @param lNetworkEvents what is wanted from now on, instead of all before; 0 for nothing
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEINVAL} for an event that is null or closed, and for unknown
     *     events
     */
    int wsaEventSelect(SocketHandle s, @Nullable WsaEvent hEventObject, int lNetworkEvents);

    /**
     * Tells what has happened at a socket since the last call, of what {@link #wsaEventSelect} wants, and forgets it
     * (WSAEnumNetworkEvents function; WSA-68). <b>Simulated</b>. An event that was told is recorded again after the call that
     * enables it: FD_READ after any receive, FD_ACCEPT after accept, FD_WRITE after a send that failed with {@code
     * WSAEWOULDBLOCK}, FD_CONNECT after a connect, FD_CLOSE never.
     *
     * @param s the socket
     * @param hEventObject an event to reset in the same step; null for none
     * @param lpNetworkEvents receives the events and their error codes
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEINVAL} for a closed event
     */
    int wsaEnumNetworkEvents(
            SocketHandle s, @Nullable WsaEvent hEventObject, @Nullable WsaNetworkEvents lpNetworkEvents);

    // ---- modes and options

    /**
     * Switches the mode of a socket, or tells how much waits to be received (ioctlsocket function; WSA-60).
     * <b>Simulated</b> for FIONBIO and FIONREAD, others are <b>rejected</b>.
     *
     * @param s the socket
     * @param cmd the command, see {@link io.github.wfpsim.abi.ControlCode#FIONBIO}
     * @param argp for FIONBIO: 0 makes the socket blocking, anything else non-blocking; for FIONREAD receives the bytes:
     *     of a connection those that one receive can take, of a datagram socket all that wait, of which one receive takes
     *     one datagram; 0 for others
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEINVAL} for a malformed command
     *     and for blocking mode while network events are selected, {@code WSAEOPNOTSUPP} for any other
     */
    int ioctlsocket(SocketHandle s, int cmd, @Nullable OutUlong argp);

    /**
     * Sets an option from memory (setsockopt function). <b>Simulated</b> for {@link #SO_RCVTIMEO},
     * {@link #SO_SNDTIMEO}, {@link #SO_LINGER}, {@link #IPV6_V6ONLY}, {@link #SO_REUSEADDR}, {@link
     * #SO_EXCLUSIVEADDRUSE} (WSA-62), and on datagram sockets for {@link #SO_BROADCAST}, {@link #SO_RCVBUF} and
     * the types of {@link io.github.wfpsim.cmsg.AncillaryType}, which WSARecvMsg hands over once they are on; an AF_INET6
     * socket has them at both levels. {@link #SO_SNDBUF} limits what a callout holds in non-blocking mode (NBIO-14).
     * <b>Stored</b> for {@link #SO_KEEPALIVE}, {@link #TCP_NODELAY}, {@link #IP_TOS}, {@link #IP_UNICAST_IF}, {@link
     * #IPV6_UNICAST_IF} and the room of stream sockets: they can be read back, and accepted sockets have their listener's
     * (WSA-61); an interface index of IPv4 is set in network byte order and read in host byte order. All others are <b>rejected</b>.
     *
     * @param s the socket
     * @param level {@link #SOL_SOCKET}, IPPROTO_TCP, IPPROTO_IP or IPPROTO_IPV6
     * @param optname the option
     * @param optval the value in little-endian order from the buffer's position on, which does not move
     * @param optlen its size; bytes beyond the option's size are ignored, but not for the redirect types (UDP-08)
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} if the memory is null, shorter than said, or shorter
     *     than the option; {@code WSAENOPROTOOPT}, also for an option of another type or family; {@code WSAEINVAL} for {@link
     *     #IPV6_V6ONLY} and {@link #SO_EXCLUSIVEADDRUSE} on a bound socket, for the latter together with {@link
     *     #SO_REUSEADDR}, and for a type of service above 255; for
     *     {@link #SO_UPDATE_ACCEPT_CONTEXT} {@code WSAENOTSOCK} and {@code WSAEINVAL} if the value, eight bytes, is no
     *     socket or no listener, {@code WSAENOTCONN}
     */
    int setsockopt(SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, int optlen);

    /**
     * Sets an option of four bytes, which all simulated ones are.
     *
     * @param s the socket
     * @param level as above
     * @param optname the option
     * @param optval the value; for {@link #SO_LINGER} l_onoff in the low half and l_linger in the high half
     * @return as for {@link #setsockopt(SocketHandle, int, int, ByteBuffer, int)}
     */
    int setsockopt(SocketHandle s, int level, int optname, int optval);

    /**
     * Reads an option of four bytes (getsockopt function). <b>Simulated</b> for the options that
     * {@link #setsockopt(SocketHandle, int, int, int)} knows, for {@link #SO_ERROR}, {@link #SO_TYPE}, {@link
     * #SO_ACCEPTCONN} and {@link #SO_CONNECT_TIME}.
     *
     * @param s the socket
     * @param level as for setsockopt
     * @param optname the option
     * @param optval receives the value
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAENOPROTOOPT}
     */
    int getsockopt(SocketHandle s, int level, int optname, @Nullable OutUlong optval);

    /**
     * Reads an option into memory (getsockopt function).
     *
     * @param s the socket
     * @param level as for setsockopt
     * @param optname the option
     * @param optval receives the value in little-endian order from the buffer's position on, which does not move
     * @param optlen holds the size of the memory, and receives that of the value
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} as for setsockopt and for memory that cannot be
     *     written, {@code WSAENOPROTOOPT}
     */
    int getsockopt(SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, @Nullable OutUlong optlen);

    // ---- ioctls

    /**
     * Queries or sets the redirect records of a socket, or its redirect context, and waits for the result (WSAIoctl
     * function; WSA-45). <b>Simulated</b> for the three redirect codes, FIONBIO, FIONREAD, SIO_UDP_CONNRESET and
     * SIO_GET_EXTENSION_FUNCTION_POINTER with the GUIDs of {@link Wsaid}; other codes are <b>rejected</b>.
     *
     * <p>Buffers count from their position, which does not move. A query with {@code cbOutBuffer} 0 asks for the length.
     * Nothing is written on failure, and nothing beyond the data on success (WSA-13 to WSA-21).
     * Deviation WINSOCK_ERRORS_OBSERVED switches to the codes that published clients report (WSA-57), deviation
     * WINSOCK_SIZE_ERRORS_LITERAL to WSAEINVAL for what is too small (WSA-58), deviation
     * NOT_FOUND_AS_ERROR_NOT_FOUND the one for "not found" (WSA-34).
     *
     * @param s the socket
     * @param dwIoControlCode see {@link io.github.wfpsim.abi.ControlCode#code()}
     * @param lpvInBuffer the record to set; unused by queries
     * @param cbInBuffer its size, a DWORD without sign
     * @param lpvOutBuffer receives what is queried
     * @param cbOutBuffer its size, a DWORD without sign: 0, or at least 4 for queries, 0 for the others
     * @param lpcbBytesReturned receives the number of bytes copied; the number needed if they do not fit; else 0
     * @return 0, or {@link #SOCKET_ERROR} with the first that applies of {@code WSANOTINITIALISED},
     *     {@code WSAENETDOWN}, {@code WSAENOTSOCK}, {@code WSAEINVAL} for a malformed code, {@code WSAEOPNOTSUPP},
     *     {@code WSAEFAULT} for memory, {@code WSAEINVAL} for sizes; then for queries {@code WSAENOPROTOOPT},
     *     {@code WSAENOTCONN}, {@code FWP_E_NOT_FOUND} if not redirected, {@code WSAEACCES} if the caller is not the
     *     target, {@code FWP_E_NOT_FOUND} without context, {@code WSAEINVAL} for an oversized context,
     *     {@code ERROR_INSUFFICIENT_BUFFER}; for SET {@code WSAEINVAL} for type and stage, {@code WSAEACCES} without
     *     elevation, {@code WSAEINVAL} for overflowing lengths, {@code WSAEACCES} for a bad record (WSA-42); for
     *     SIO_GET_EXTENSION_FUNCTION_POINTER {@code WSAEINVAL} for an unknown GUID, for SIO_UDP_CONNRESET for a socket
     *     that is no datagram socket
     */
    int wsaIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned);

    /**
     * Does what {@link #wsaIoctl} does and tells the error by pointer, as the service provider's entry point (WSPIoctl
     * function; WSA-01). <b>Simulated</b> like wsaIoctl. The thread's last error is never touched (WSA-03).
     *
     * @param s the socket
     * @param dwIoControlCode see {@link io.github.wfpsim.abi.ControlCode#code()}
     * @param lpvInBuffer the record to set; unused by queries
     * @param cbInBuffer its size, a DWORD without sign
     * @param lpvOutBuffer receives what is queried
     * @param cbOutBuffer its size, a DWORD without sign
     * @param lpcbBytesReturned receives the number of bytes
     * @param lpErrno receives the error code, and is left alone on success; null raises fault NULL_ERRNO
     * @return 0, or {@link #SOCKET_ERROR}
     * @throws io.github.wfpsim.verifier.FaultException for a null lpErrno, if the machine throws faults
     */
    int wspIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned,
            @Nullable OutUlong lpErrno);

    // ---- the Java API over these calls

    /**
     * Creates a TCP socket of the Java API.
     *
     * @param family its address family
     * @return a new socket, not bound
     * @throws WinsockException with what {@link #socket(int, int, int)} fails with
     */
    SimSocket tcpSocket(AddressFamily family) throws WinsockException;

    /**
     * Offers the Java API over a stream socket that the calls here made, for code that mixes both. It stays the same
     * socket: closing either way closes it.
     *
     * @param s the socket
     * @return the Java API over it; if it is no stream socket, its calls fail as they do here
     */
    SimSocket tcpSocket(SocketHandle s);

    /**
     * Creates a UDP socket of the Java API, with redirect records and contexts switched on where Windows has them.
     *
     * @param family its address family
     * @return a new socket, not bound
     * @throws WinsockException with what {@link #socket(int, int, int)} fails with
     */
    SimDatagramSocket udpSocket(AddressFamily family) throws WinsockException;
}
