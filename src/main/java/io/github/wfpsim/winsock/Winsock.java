package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.ControlStatus;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.SocketRequest;
import io.github.wfpsim.verifier.Fault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
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
 * <p>Source: Winsock Functions (SDK). Start with {@link #tcpSocket} for the Java API over these calls.
 */
public final class Winsock {

    /** The result of a call that failed. */
    public static final int SOCKET_ERROR = -1;

    /** Level of the options that concern any socket. */
    public static final int SOL_SOCKET = 0xFFFF;

    /** Option of {@link #SOL_SOCKET}: what closing does, a LINGER structure: u_short l_onoff, u_short l_linger. */
    public static final int SO_LINGER = 0x0080;

    /** Option of {@link #SOL_SOCKET} on datagram sockets: room for what waits to be sent, a DWORD of bytes. */
    public static final int SO_SNDBUF = 0x1001;

    /** Option of {@link #SOL_SOCKET} on datagram sockets: room for what was not received yet, a DWORD of bytes. */
    public static final int SO_RCVBUF = 0x1002;

    /** Option of {@link #SOL_SOCKET}: how long sending may wait, a DWORD of milliseconds, 0 for ever. */
    public static final int SO_SNDTIMEO = 0x1005;

    /** Option of {@link #SOL_SOCKET}: how long receiving may wait, a DWORD of milliseconds, 0 for ever. */
    public static final int SO_RCVTIMEO = 0x1006;

    /** Option of {@link #SOL_SOCKET}: the error of the last connect, a DWORD; reading it clears it, setting is refused. */
    public static final int SO_ERROR = 0x1007;

    /**
     * Option of {@link #SOL_SOCKET}: the seconds that a stream socket has been connected, a DWORD, 0xFFFFFFFF if it is not;
     * it can only be read.
     */
    public static final int SO_CONNECT_TIME = 0x700C;

    /**
     * Option of {@link #SOL_SOCKET}: lets a socket that AcceptEx filled know its connection and take over the listener's
     * properties; the value is the listener.
     */
    public static final int SO_UPDATE_ACCEPT_CONTEXT = 0x700B;

    /** Option of {@link #SOL_SOCKET}: lets a socket that ConnectEx connected know its connection; it has no value. */
    public static final int SO_UPDATE_CONNECT_CONTEXT = 0x7010;

    /** Option of level IPPROTO_IPV6: whether an AF_INET6 socket keeps to IPv6, a BOOL, on at first. */
    public static final int IPV6_V6ONLY = 27;

    /** Backlog that leaves the choice to the provider. */
    public static final int SOMAXCONN = 0x7FFFFFFF;

    /** Flag of WSASocket: the socket gets the overlapped attribute (WSA-47). */
    public static final int WSA_FLAG_OVERLAPPED = 0x01;

    /** Flag of WSASocket: child processes do not inherit the handle; nothing here inherits handles. */
    public static final int WSA_FLAG_NO_HANDLE_INHERIT = 0x80;

    private static final int LOW_BYTE = 0xFF;

    private final HostStack stack;
    private final ProcessEntry process;
    private final LastError lastError = new LastError();
    private final SocketTable sockets;
    private final ErrorTranslation errors;
    private final WsaIoctl ioctl;
    private final SocketOptions options;
    private final DatagramTransfer datagrams;
    private final MessageTransfer messages;
    private final ReadinessCalls readiness;
    private final OverlappedWinsock overlapped;
    private final Kernel32 kernel32;

    /**
     * Opens the door for one process; created by {@code WfpSim}.
     *
     * @param stack the machine's transport
     * @param process the process whose sockets these are
     */
    @SuppressWarnings("exports")
    public Winsock(HostStack stack, ProcessEntry process) {
        this.stack = Objects.requireNonNull(stack, "stack must not be null: get a Winsock from a process of WfpSim");
        this.process =
                Objects.requireNonNull(process, "process must not be null: get a Winsock from a process of WfpSim");
        this.sockets = new SocketTable(stack, process);
        this.errors = new ErrorTranslation(stack.options());
        OverlappedProcess waits = new OverlappedProcess(process, stack.options(), stack.verifier());
        this.ioctl = new WsaIoctl(stack, sockets, errors, waits);
        this.options = new SocketOptions(stack, errors);
        this.datagrams = new DatagramTransfer(stack, errors);
        this.messages = new MessageTransfer(stack, errors, datagrams);
        this.readiness = new ReadinessCalls(stack, this, sockets, ioctl, waits);
        this.overlapped = new OverlappedWinsock(
                stack, this, sockets, errors, ioctl, waits, new OverlappedWinsock.Transfers(datagrams, messages));
        this.kernel32 = new Kernel32(stack, this, waits);
    }

    /**
     * Hands out the calls that take an OVERLAPPED.
     *
     * @return the calls
     */
    public OverlappedWinsock overlapped() {
        return overlapped;
    }

    /**
     * Hands out completion ports, events and alertable waits.
     *
     * @return the functions
     */
    public Kernel32 kernel32() {
        return kernel32;
    }

    // ---- start, end, last error

    /**
     * Starts Winsock for the process once more (WSAStartup function). With knob {@code autoWsaStartup} a process has
     * started it once before its first call (WSA-23). <b>Simulated</b>; there is no WSADATA to fill.
     *
     * @param wVersionRequested highest version that the caller can use, major number in the low byte: 0x0202
     * @return 0, or {@code WSAVERNOTSUPPORTED} for a major number of 0; the last error is not touched
     * @throws IllegalStateException if the process has ended
     */
    public int wsaStartup(int wVersionRequested) {
        if (!process.isAlive()) {
            throw new IllegalStateException(process + " has ended: start a new process to use Winsock again");
        }
        if ((wVersionRequested & LOW_BYTE) == 0) {
            return Win32Error.WSAVERNOTSUPPORTED.code();
        }
        sockets.startUp();
        return Win32Error.NO_ERROR.code();
    }

    /**
     * Takes one start back (WSACleanup function); the last one resets all sockets of the process and wakes its waiting
     * calls with {@code WSAEINTR}. <b>Simulated</b>.
     *
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSANOTINITIALISED}
     */
    public int wsaCleanup() {
        return sockets.cleanUp() ? 0 : fail(Win32Error.WSANOTINITIALISED);
    }

    /**
     * Reads the error of the last call that failed on this thread for this process (WSAGetLastError function).
     *
     * @return the code; 0 if none failed yet
     */
    public int wsaGetLastError() {
        return lastError.get();
    }

    /**
     * Sets what {@link #wsaGetLastError()} answers on this thread (WSASetLastError function).
     *
     * @param iError any code
     */
    public void wsaSetLastError(int iError) {
        lastError.set(iError);
    }

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
    public SocketHandle socket(int af, int type, int protocol) {
        return wsaSocket(af, type, protocol, WSA_FLAG_OVERLAPPED);
    }

    /**
     * Creates a socket as {@link #socket(int, int, int)} does.
     *
     * @param af address family
     * @param type socket type
     * @param protocol protocol; {@link IpProtocol#IPPROTO_IP} lets the type decide
     * @return as for {@link #socket(int, int, int)}
     */
    public SocketHandle socket(AddressFamily af, SocketType type, IpProtocol protocol) {
        Objects.requireNonNull(af, "af must not be null: give AF_INET or AF_INET6");
        Objects.requireNonNull(type, "type must not be null: give SOCK_STREAM or another");
        Objects.requireNonNull(protocol, "protocol must not be null: give IPPROTO_TCP or another");
        Win32Error offline = refusalOffline();
        Win32Error refusal = offline == Win32Error.NO_ERROR ? refusalOfType(type, protocol.code()) : offline;
        return refusal == Win32Error.NO_ERROR ? open(af, type, protocol, true) : invalid(refusal);
    }

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
    public SocketHandle wsaSocket(int af, int type, int protocol, int dwFlags) {
        Win32Error refusal = refusalToOpen(af, type, protocol, dwFlags);
        if (refusal != Win32Error.NO_ERROR) {
            return invalid(refusal);
        }
        return open(
                AddressFamily.fromCode(af).orElseThrow(),
                SocketType.fromCode(type).orElseThrow(),
                IpProtocol.fromCode(protocol).orElseThrow(),
                (dwFlags & WSA_FLAG_OVERLAPPED) != 0);
    }

    private SocketHandle open(AddressFamily af, SocketType type, IpProtocol protocol, boolean hasOverlapped) {
        IpProtocol effective = protocol.code() == 0 ? defaultProtocol(type) : protocol;
        HostSocket kernel = stack.open(process, af, type, effective);
        SocketEntry entry = new SocketEntry(nextHandle(), kernel, hasOverlapped);
        return sockets.add(entry) ? entry.handle() : invalid(Win32Error.WSANOTINITIALISED);
    }

    private Win32Error refusalToOpen(int af, int type, int protocol, int dwFlags) {
        Win32Error offline = refusalOffline();
        if (offline != Win32Error.NO_ERROR) {
            return offline;
        }
        if ((dwFlags & ~(WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT)) != 0) {
            return Win32Error.WSAEINVAL;
        }
        if (AddressFamily.fromCode(af).isEmpty()) {
            return Win32Error.WSAEAFNOSUPPORT;
        }
        if (SocketType.fromCode(type).isEmpty()) {
            return Win32Error.WSAESOCKTNOSUPPORT;
        }
        if (IpProtocol.fromCode(protocol).isEmpty()) {
            return Win32Error.WSAEPROTONOSUPPORT;
        }
        return refusalOfType(SocketType.fromCode(type).get(), protocol);
    }

    private Win32Error refusalOfType(SocketType type, int protocol) {
        return switch (type) {
            case SOCK_STREAM, SOCK_DGRAM ->
                protocol == 0 || protocol == defaultProtocol(type).code()
                        ? Win32Error.NO_ERROR
                        : Win32Error.WSAEPROTOTYPE;
            // TCP/IP Raw Sockets: only members of the Administrators group may create them.
            case SOCK_RAW -> process.token().isElevated() ? Win32Error.NO_ERROR : Win32Error.WSAEACCES;
        };
    }

    private static IpProtocol defaultProtocol(SocketType type) {
        return switch (type) {
            case SOCK_STREAM -> IpProtocol.IPPROTO_TCP;
            case SOCK_DGRAM -> IpProtocol.IPPROTO_UDP;
            case SOCK_RAW -> IpProtocol.IPPROTO_IP;
        };
    }

    /**
     * Closes a socket and wakes the calls that wait on it with {@code WSAEINTR} (closesocket function).
     * <b>Simulated</b>: gracefully, or abortively after {@link #SO_LINGER} was switched on with time 0.
     *
     * @param s the socket
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSANOTINITIALISED} or {@code WSAENOTSOCK}
     */
    public int closesocket(SocketHandle s) {
        SocketEntry entry = find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        return sockets.close(entry, entry.closesAbortively()) ? 0 : fail(Win32Error.WSAENOTSOCK);
    }

    /** As closesocket, but leaves the last error as it was, and does nothing if there is no such socket. */
    void closeQuietly(SocketHandle s, boolean abortive) {
        SocketEntry entry = findQuietly(s);
        if (entry != null) {
            sockets.close(entry, abortive || entry.closesAbortively());
        }
    }

    // ---- connecting

    /**
     * Gives a socket its local address (bind function). <b>Simulated</b>: runs the bind redirect and resource
     * assignment layers.
     *
     * @param s the socket
     * @param name local address; an unspecified address means all, port 0 lets the machine choose
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null or the wrong family,
     *     {@code WSAEADDRNOTAVAIL}, {@code WSAEADDRINUSE}, {@code WSAEINVAL} if it is bound or waits in an AcceptEx, {@code WSAEACCES} if a
     *     filter blocks it, {@code WSAENOBUFS} if port 0 asked for one and none is left
     * @throws IllegalArgumentException if the address is unresolved
     */
    public int bind(SocketHandle s, @Nullable InetSocketAddress name) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (name == null) {
            return fail(Win32Error.WSAEFAULT);
        }
        if (entry.isReserved()) {
            return fail(Win32Error.WSAEINVAL);
        }
        return result(errors.ofBind(stack.bind(entry.kernel(), resolved(name)).run()));
    }

    /**
     * Lets a bound socket take connections (listen function). <b>Simulated</b>: runs the listen layer.
     *
     * @param s the socket
     * @param backlog how many connections may wait; {@link #SOMAXCONN} lets the machine choose
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEINVAL} if it is not bound, {@code WSAEISCONN},
     *     {@code WSAEOPNOTSUPP} if it is no stream socket, {@code WSAEACCES} if a filter blocks it
     */
    public int listen(SocketHandle s, int backlog) {
        SocketEntry entry = findOnline(s);
        return entry == null
                ? SOCKET_ERROR
                : result(errors.of(stack.listen(entry.kernel(), backlog).run()));
    }

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
    public SocketHandle accept(SocketHandle s, @Nullable Out<InetSocketAddress> addr) {
        return accept(s, addr, true);
    }

    /** As accept; fails with WSAEWOULDBLOCK instead of waiting if told so or if the socket is non-blocking. */
    SocketHandle accept(SocketHandle s, @Nullable Out<InetSocketAddress> addr, boolean mayWait) {
        SocketEntry listener = findOnline(s);
        if (listener == null) {
            return SocketHandle.INVALID_SOCKET;
        }
        Out<HostSocket> accepted = Out.empty();
        Win32Error error = takeConnection(listener, accepted, mayWait && !listener.isNonBlocking());
        HostSocket kernel = accepted.get();
        if (error != Win32Error.NO_ERROR || kernel == null) {
            return invalid(error);
        }
        SocketEntry entry = listener.accepted(nextHandle(), kernel);
        if (!sockets.add(entry)) {
            return invalid(Win32Error.WSANOTINITIALISED);
        }
        if (addr != null) {
            addr.set(kernel.remoteAddress());
        }
        return entry.handle();
    }

    private Win32Error takeConnection(SocketEntry listener, Out<HostSocket> accepted, boolean waits) {
        if (listener.kernel().type() != SocketType.SOCK_STREAM) {
            return Win32Error.WSAEOPNOTSUPP;
        }
        Deadline deadline = waits ? Deadline.NEVER : stack.clock().deadlineAfter(Duration.ZERO);
        try {
            NtStatus status = stack.accept(listener.kernel(), deadline, accepted);
            return errors.ofAccept(status);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return Win32Error.WSAEINTR;
        }
    }

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
     *     {@code WSAEISCONN}, {@code WSAEALREADY} while another connect of it runs, {@code WSAEINVAL} for a listener and a socket that waits in an AcceptEx, {@code WSAEACCES} if a filter blocks it,
     *     {@code WSAECONNREFUSED}, {@code WSAECONNABORTED} if a redirect loop was ended, {@code WSAECONNRESET} if
     *     FLOW_ESTABLISHED blocks, {@code WSAENETUNREACH}, {@code WSAENOBUFS} if no port is left, {@code WSAEINTR};
     *     {@code WSAEOPNOTSUPP} for raw sockets; {@code WSAEWOULDBLOCK} in non-blocking mode
     * @throws IllegalArgumentException if the address is unresolved
     */
    public int connect(SocketHandle s, @Nullable InetSocketAddress name) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (name == null) {
            return fail(Win32Error.WSAEFAULT);
        }
        if (entry.isReserved()) {
            return fail(Win32Error.WSAEINVAL);
        }
        SocketRequest connect = stack.connect(entry.kernel(), resolved(name));
        return entry.isNonBlocking() ? connectLater(entry, connect) : result(errors.ofConnect(connect.run()));
    }

    private int connectLater(SocketEntry entry, SocketRequest connect) {
        AtomicReference<@Nullable NtStatus> end = new AtomicReference<>();
        NtStatus refusal = connect.startUnlessRefused(end::set);
        // A stream socket tells how the connect ended by its readiness alone, however soon that was.
        NtStatus known = refusal == null && isDatagram(entry) ? end.get() : refusal;
        return known == null ? fail(Win32Error.WSAEWOULDBLOCK) : result(errors.ofConnect(known));
    }

    /**
     * Ends one or both directions of a socket (shutdown function). <b>Simulated</b>. A datagram socket need not be
     * connected; what arrives is queued all the same, and no sender hears of it (UDP-28).
     *
     * @param s the socket
     * @param how see {@link ShutdownHow#code()}
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEINVAL} for an unknown direction, {@code WSAENOTCONN} for a
     *     socket of another type that is not connected
     */
    public int shutdown(SocketHandle s, int how) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        ShutdownHow direction = ShutdownHow.fromCode(how).orElse(null);
        if (direction == null) {
            return fail(Win32Error.WSAEINVAL);
        }
        return entry.isWithoutContext()
                ? fail(Win32Error.WSAENOTCONN)
                : result(errors.of(stack.shutdown(entry.kernel(), direction)));
    }

    /**
     * Tells the local address (getsockname function). <b>Simulated</b>.
     *
     * @param s the socket
     * @param name receives the address
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEINVAL} if it is not bound
     */
    public int getsockname(SocketHandle s, @Nullable Out<InetSocketAddress> name) {
        SocketEntry entry = find(s);
        return entry == null ? SOCKET_ERROR : store(name, entry.kernel().localAddress(), Win32Error.WSAEINVAL);
    }

    /**
     * Tells the peer's address; for a redirected client the one that it asked for (getpeername function; WFP-54).
     * <b>Simulated</b>.
     *
     * @param s the socket
     * @param name receives the address
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAENOTCONN}
     */
    public int getpeername(SocketHandle s, @Nullable Out<InetSocketAddress> name) {
        SocketEntry entry = find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        InetSocketAddress peer =
                entry.isWithoutContext() ? null : entry.kernel().remoteAddress();
        return store(name, peer, Win32Error.WSAENOTCONN);
    }

    private int store(@Nullable Out<InetSocketAddress> name, @Nullable InetSocketAddress address, Win32Error absent) {
        if (name == null) {
            return fail(Win32Error.WSAEFAULT);
        }
        if (address == null) {
            return fail(absent);
        }
        name.set(address);
        return 0;
    }

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
    public int send(SocketHandle s, @Nullable ByteBuffer buf, int flags) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null) {
            return fail(Win32Error.WSAEFAULT);
        }
        return isDatagram(entry)
                ? sendDatagram(entry, buf, flags, null, Win32Error.WSAENOTCONN)
                : transfer(entry, flags, buf, Winsock::write);
    }

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
     *     {@code WSAEADDRNOTAVAIL}, {@code WSAEMSGSIZE} for more than a packet carries, {@code WSAEACCES} if a filter
     *     blocks, {@code WSAECONNREFUSED} and {@code WSAECONNABORTED} for redirects that lead nowhere or round,
     *     {@code WSAENETUNREACH}, {@code WSAENOBUFS}, {@code WSAEINTR}
     * @throws IllegalArgumentException if the address is unresolved
     */
    public int sendto(SocketHandle s, @Nullable ByteBuffer buf, int flags, @Nullable InetSocketAddress to) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null) {
            return fail(Win32Error.WSAEFAULT);
        }
        if (entry.kernel().type() == SocketType.SOCK_STREAM) {
            return send(s, buf, flags);
        }
        return sendDatagram(entry, buf, flags, to == null ? null : resolved(to), Win32Error.WSAEDESTADDRREQ);
    }

    private int sendDatagram(
            SocketEntry entry, ByteBuffer buf, int flags, @Nullable InetSocketAddress to, Win32Error withoutPeer) {
        int size = buf.remaining();
        Win32Error error = flags == 0
                ? datagrams.send(entry, buf, to, RedirectChain.empty(), withoutPeer)
                : Win32Error.WSAEOPNOTSUPP;
        return error == Win32Error.NO_ERROR ? size : fail(error);
    }

    private static boolean isDatagram(SocketEntry entry) {
        return entry.kernel().type() == SocketType.SOCK_DGRAM;
    }

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
    public int recv(SocketHandle s, @Nullable ByteBuffer buf, int flags) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null || buf.isReadOnly()) {
            return fail(Win32Error.WSAEFAULT);
        }
        return isDatagram(entry)
                ? receiveDatagram(entry, buf, flags, null)
                : transfer(entry, flags, buf, Winsock::read);
    }

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
    public int recvfrom(SocketHandle s, @Nullable ByteBuffer buf, int flags, @Nullable Out<InetSocketAddress> from) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null || buf.isReadOnly()) {
            return fail(Win32Error.WSAEFAULT);
        }
        return entry.kernel().type() == SocketType.SOCK_STREAM
                ? recv(s, buf, flags)
                : receiveDatagram(entry, buf, flags, from);
    }

    private int receiveDatagram(SocketEntry entry, ByteBuffer buf, int flags, @Nullable Out<InetSocketAddress> from) {
        int start = buf.position();
        Win32Error error = flags == 0 ? datagrams.receive(entry, buf, from) : Win32Error.WSAEOPNOTSUPP;
        return error == Win32Error.NO_ERROR ? buf.position() - start : fail(error);
    }

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
    public int wsaSendMsg(SocketHandle s, @Nullable WsaMsg lpMsg, int dwFlags, @Nullable OutUlong lpNumberOfBytesSent) {
        SocketEntry entry = findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        Out<InetSocketAddress> name = lpMsg == null ? null : lpMsg.name();
        InetSocketAddress destination = name == null ? null : name.get();
        if (destination != null) {
            resolved(destination);
        }
        return result(messages.send(entry, lpMsg, dwFlags, lpNumberOfBytesSent));
    }

    /**
     * Turns what SIO_GET_EXTENSION_FUNCTION_POINTER stored for {@link Wsaid#WSAID_WSARECVMSG} into the function: the cast
     * of C (UDP-18).
     *
     * @param pointer the eight bytes of the output buffer, little-endian
     * @return the function for sockets of this process
     * @throws IllegalArgumentException if it is no such pointer
     */
    public LpfnWsaRecvMsg lpfnWsaRecvMsg(long pointer) {
        requirePointer(Wsaid.WSAID_WSARECVMSG, pointer);
        return overlapped::wsaRecvMsg;
    }

    /**
     * Turns what SIO_GET_EXTENSION_FUNCTION_POINTER stored for {@link Wsaid#WSAID_WSASENDMSG} into the function.
     *
     * @param pointer the eight bytes of the output buffer, little-endian
     * @return the function for sockets of this process, which does what {@link #wsaSendMsg} and {@link
     *     OverlappedWinsock#wsaSendMsg} do
     * @throws IllegalArgumentException if it is no such pointer
     */
    public LpfnWsaSendMsg lpfnWsaSendMsg(long pointer) {
        requirePointer(Wsaid.WSAID_WSASENDMSG, pointer);
        return overlapped::wsaSendMsg;
    }

    /**
     * Turns what SIO_GET_EXTENSION_FUNCTION_POINTER stored for {@link Wsaid#WSAID_ACCEPTEX} into the function.
     *
     * @param pointer the eight bytes of the output buffer, little-endian
     * @return the function for sockets of this process
     * @throws IllegalArgumentException if it is no such pointer
     */
    public LpfnAcceptEx lpfnAcceptEx(long pointer) {
        requirePointer(Wsaid.WSAID_ACCEPTEX, pointer);
        return overlapped::acceptEx;
    }

    /**
     * Turns what SIO_GET_EXTENSION_FUNCTION_POINTER stored for {@link Wsaid#WSAID_CONNECTEX} into the function.
     *
     * @param pointer the eight bytes of the output buffer, little-endian
     * @return the function for sockets of this process
     * @throws IllegalArgumentException if it is no such pointer
     */
    public LpfnConnectEx lpfnConnectEx(long pointer) {
        requirePointer(Wsaid.WSAID_CONNECTEX, pointer);
        return overlapped::connectEx;
    }

    /**
     * Turns what SIO_GET_EXTENSION_FUNCTION_POINTER stored for {@link Wsaid#WSAID_GETACCEPTEXSOCKADDRS} into the function.
     *
     * @param pointer the eight bytes of the output buffer, little-endian
     * @return the function
     * @throws IllegalArgumentException if it is no such pointer
     */
    public LpfnGetAcceptExSockaddrs lpfnGetAcceptExSockaddrs(long pointer) {
        requirePointer(Wsaid.WSAID_GETACCEPTEXSOCKADDRS, pointer);
        return overlapped::getAcceptExSockaddrs;
    }

    private static void requirePointer(Wsaid function, long pointer) {
        if (pointer != function.pointer()) {
            throw new IllegalArgumentException(String.format(
                    "pointer 0x%016X is not that of %s: give what SIO_GET_EXTENSION_FUNCTION_POINTER stored",
                    pointer, function));
        }
    }

    /** WSARecvMsg that waits for its result. */
    int wsaRecvMsg(SocketHandle s, @Nullable WsaMsg lpMsg, @Nullable OutUlong lpdwNumberOfBytesRecvd) {
        SocketEntry entry = findOnline(s);
        return entry == null ? SOCKET_ERROR : result(messages.receive(entry, lpMsg, lpdwNumberOfBytesRecvd));
    }

    /** Receives with room for everything; does not wait if told so or if the socket is non-blocking. */
    int receive(SocketHandle s, boolean mayWait, Out<ReceivedDatagram> received) {
        SocketEntry entry = findOnline(s);
        return entry == null
                ? SOCKET_ERROR
                : result(datagrams.take(entry, true, mayWait && !entry.isNonBlocking(), received));
    }

    /** One direction of moving bytes; answers their number or has failed already. Given everything, it captures nothing. */
    @FunctionalInterface
    private interface Transfer {
        int run(Winsock winsock, SocketEntry entry, DuplexStream stream, ByteBuffer buf)
                throws IOException, InterruptedException;
    }

    private int transfer(SocketEntry entry, int flags, ByteBuffer buf, Transfer transfer) {
        DuplexStream stream = entry.kernel().stream();
        if (flags != 0) {
            return fail(Win32Error.WSAEOPNOTSUPP);
        }
        if (stream == null) {
            return fail(Win32Error.WSAENOTCONN);
        }
        try {
            return transfer.run(this, entry, stream, buf);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return fail(Win32Error.WSAEINTR);
        } catch (IOException failure) {
            return fail(errors.of(failure, entry));
        }
    }

    private int write(SocketEntry entry, DuplexStream stream, ByteBuffer buf) throws IOException, InterruptedException {
        if (!entry.isNonBlocking()) {
            return stream.write(buf, deadline(entry.sendTimeout()));
        }
        boolean wanted = buf.hasRemaining();
        int count = stream.tryWrite(buf);
        return count == 0 && wanted ? fail(Win32Error.WSAEWOULDBLOCK) : count;
    }

    private int read(SocketEntry entry, DuplexStream stream, ByteBuffer buf) throws IOException, InterruptedException {
        if (!entry.isNonBlocking()) {
            return Math.max(0, stream.read(buf, deadline(entry.receiveTimeout())));
        }
        boolean wanted = buf.hasRemaining();
        int count = stream.tryRead(buf);
        return count == 0 && wanted ? fail(Win32Error.WSAEWOULDBLOCK) : Math.max(0, count);
    }

    private Deadline deadline(int milliseconds) {
        return milliseconds == 0
                ? Deadline.NEVER
                : stack.clock().deadlineAfter(Duration.ofMillis(Integer.toUnsignedLong(milliseconds)));
    }

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
    public int wsaPoll(@Nullable List<WsaPollFd> fdArray, int timeout) {
        return readiness.poll(fdArray, timeout);
    }

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
    public int select(
            int nfds,
            @Nullable FdSet readfds,
            @Nullable FdSet writefds,
            @Nullable FdSet exceptfds,
            @Nullable Duration timeout) {
        return readiness.select(readfds, writefds, exceptfds, timeout);
    }

    // ---- modes and options

    /**
     * Switches the mode of a socket (ioctlsocket function). <b>Simulated</b> for FIONBIO, others are <b>rejected</b>.
     *
     * @param s the socket
     * @param cmd the command, see {@link io.github.wfpsim.abi.ControlCode#FIONBIO}
     * @param argp for FIONBIO: 0 makes the socket blocking, anything else non-blocking
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAEINVAL} for a malformed command,
     *     {@code WSAEOPNOTSUPP} for any other
     */
    public int ioctlsocket(SocketHandle s, int cmd, @Nullable OutUlong argp) {
        SocketEntry entry = find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        Win32Error refusal = WsaIoctl.refusalOfMode(cmd, argp);
        if (refusal != Win32Error.NO_ERROR || argp == null) {
            return fail(refusal);
        }
        entry.setNonBlocking(argp.value() != 0);
        return 0;
    }

    /**
     * Sets an option from memory (setsockopt function). <b>Simulated</b> for {@link #SO_RCVTIMEO},
     * {@link #SO_SNDTIMEO}, {@link #SO_LINGER}, {@link #IPV6_V6ONLY}, and on datagram sockets for {@link #SO_RCVBUF} and
     * the types of {@link io.github.wfpsim.cmsg.AncillaryType}, which WSARecvMsg hands over once they are on; an AF_INET6
     * socket has them at both levels. {@link #SO_SNDBUF} limits what a callout holds in non-blocking mode (NBIO-14); all
     * others are <b>rejected</b>.
     *
     * @param s the socket
     * @param level {@link #SOL_SOCKET}, IPPROTO_IP or IPPROTO_IPV6
     * @param optname the option
     * @param optval the value in little-endian order from the buffer's position on, which does not move
     * @param optlen its size; bytes beyond the option's size are ignored, but not for the redirect types (UDP-08)
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} if the memory is null, shorter than said, or shorter
     *     than the option; {@code WSAENOPROTOOPT}; {@code WSAEINVAL} for {@link #IPV6_V6ONLY} on a bound socket; for
     *     {@link #SO_UPDATE_ACCEPT_CONTEXT} {@code WSAENOTSOCK} and {@code WSAEINVAL} if the value, eight bytes, is no
     *     socket or no listener, {@code WSAENOTCONN}
     */
    public int setsockopt(SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, int optlen) {
        SocketEntry entry = find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (SocketOptions.updatesConnectContext(level, optname)) {
            return result(SocketOptions.updateContext(entry));
        }
        if (SocketOptions.updatesAcceptContext(level, optname)) {
            boolean sound = optval != null && optlen >= Long.BYTES && optlen <= optval.remaining();
            return optval == null || !sound
                    ? fail(Win32Error.WSAEFAULT)
                    : updateAcceptContext(
                            entry,
                            optval.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong());
        }
        if (optval == null || !SocketOptions.isSize(level, optname, optlen) || optlen > optval.remaining()) {
            return fail(Win32Error.WSAEFAULT);
        }
        int value = optval.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt();
        return result(options.set(entry, level, optname, value));
    }

    /**
     * Sets an option of four bytes, which all simulated ones are.
     *
     * @param s the socket
     * @param level as above
     * @param optname the option
     * @param optval the value; for {@link #SO_LINGER} l_onoff in the low half and l_linger in the high half
     * @return as for {@link #setsockopt(SocketHandle, int, int, ByteBuffer, int)}
     */
    public int setsockopt(SocketHandle s, int level, int optname, int optval) {
        SocketEntry entry = find(s);
        if (entry != null && SocketOptions.updatesConnectContext(level, optname)) {
            return result(SocketOptions.updateContext(entry));
        }
        if (entry != null && SocketOptions.updatesAcceptContext(level, optname)) {
            return updateAcceptContext(entry, optval);
        }
        return entry == null ? SOCKET_ERROR : result(options.set(entry, level, optname, optval));
    }

    /** The socket takes the properties of its listener over, and knows its connection from now on (OVL-05). */
    private int updateAcceptContext(SocketEntry entry, long listening) {
        SocketEntry listener = find(new SocketHandle(listening));
        if (listener == null) {
            return SOCKET_ERROR;
        }
        if (!listener.kernel().isListening()) {
            return fail(Win32Error.WSAEINVAL);
        }
        Win32Error error = SocketOptions.updateContext(entry);
        if (error == Win32Error.NO_ERROR) {
            entry.takeOver(listener);
        }
        return result(error);
    }

    /**
     * Reads an option of four bytes (getsockopt function). <b>Simulated</b> for the options that
     * {@link #setsockopt(SocketHandle, int, int, int)} knows, for {@link #SO_ERROR} and {@link #SO_CONNECT_TIME}.
     *
     * @param s the socket
     * @param level as for setsockopt
     * @param optname the option
     * @param optval receives the value
     * @return 0, or {@link #SOCKET_ERROR} with {@code WSAEFAULT} for null, {@code WSAENOPROTOOPT}
     */
    public int getsockopt(SocketHandle s, int level, int optname, @Nullable OutUlong optval) {
        SocketEntry entry = find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        return optval == null ? fail(Win32Error.WSAEFAULT) : result(options.get(entry, level, optname, optval));
    }

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
    public int getsockopt(
            SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, @Nullable OutUlong optlen) {
        SocketEntry entry = find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        boolean sound = optval != null
                && optlen != null
                && !optval.isReadOnly()
                && SocketOptions.isSize(level, optname, optlen.value())
                && optlen.value() <= optval.remaining();
        if (!sound) {
            return fail(Win32Error.WSAEFAULT);
        }
        OutUlong value = new OutUlong();
        Win32Error error = options.get(entry, level, optname, value);
        if (error == Win32Error.NO_ERROR) {
            Objects.requireNonNull(optval, "judged before")
                    .duplicate()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value.value());
            Objects.requireNonNull(optlen, "judged before").set(Integer.BYTES);
        }
        return result(error);
    }

    // ---- ioctls

    /**
     * Queries or sets the redirect records of a socket, or its redirect context, and waits for the result (WSAIoctl
     * function; WSA-45). <b>Simulated</b> for the three redirect codes, FIONBIO, SIO_UDP_CONNRESET and
     * SIO_GET_EXTENSION_FUNCTION_POINTER with the GUIDs of {@link Wsaid}; other codes are <b>rejected</b>.
     *
     * <p>Buffers count from their position, which does not move. A query with {@code cbOutBuffer} 0 asks for the length.
     * Nothing is written on failure, and nothing beyond the data on success (WSA-13 to WSA-21). Knob
     * {@code winsockErrors} switches to the codes that published clients report (WSA-57), knob {@code notFoundError}
     * the one for "not found" (WSA-34).
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
    public int wsaIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned) {
        return result(ioctl.run(
                checked(s), dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned));
    }

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
    public int wspIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned,
            @Nullable OutUlong lpErrno) {
        if (lpErrno == null) {
            stack.verifier().fault(null, Fault.NULL_ERRNO, process.toString(), "WSPIoctl with a null lpErrno");
            return SOCKET_ERROR;
        }
        Win32Error error = ioctl.run(
                checked(s), dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned);
        if (error == Win32Error.NO_ERROR) {
            return 0;
        }
        lpErrno.set(error.code());
        return SOCKET_ERROR;
    }

    // ---- the Java API over these calls

    /**
     * Creates a TCP socket of the Java API.
     *
     * @param family its address family
     * @return a new socket, not bound
     * @throws WinsockException with what {@link #socket(int, int, int)} fails with
     */
    public SimSocket tcpSocket(AddressFamily family) throws WinsockException {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        SocketHandle handle = socket(family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
        if (handle.equals(SocketHandle.INVALID_SOCKET)) {
            throw failure("socket", family.toString());
        }
        return new SimSocket(this, handle);
    }

    /**
     * Creates a UDP socket of the Java API, with redirect records and contexts switched on where Windows has them.
     *
     * @param family its address family
     * @return a new socket, not bound
     * @throws WinsockException with what {@link #socket(int, int, int)} fails with
     */
    public SimDatagramSocket udpSocket(AddressFamily family) throws WinsockException {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        SocketHandle handle = socket(family, SocketType.SOCK_DGRAM, IpProtocol.IPPROTO_UDP);
        if (handle.equals(SocketHandle.INVALID_SOCKET)) {
            throw failure("socket", family.toString());
        }
        return SimDatagramSocket.withRecords(this, handle);
    }

    /** What "there is none" looks like on this machine (WSA-34, WSA-57). */
    Win32Error notFoundError() {
        return errors.of(ControlStatus.NO_CONTEXT);
    }

    /** Makes an exception of this thread's last error. */
    WinsockException failure(String call, String subject) {
        Win32Error error = Win32Error.fromCode(wsaGetLastError())
                .orElseThrow(() -> new AssertionError("the last error is none of ours: " + wsaGetLastError()));
        return new WinsockException(call, subject, error);
    }

    // ---- common to all

    /** Finds a socket and leaves the last error alone. */
    @Nullable
    SocketEntry findQuietly(SocketHandle s) {
        return sockets.isInitialised() ? sockets.find(checked(s)) : null;
    }

    @Nullable
    SocketEntry findOnline(SocketHandle s) {
        if (sockets.isInitialised() && !stack.isNetworkUp()) {
            fail(Win32Error.WSAENETDOWN);
            return null;
        }
        return find(s);
    }

    /** What keeps a call from running that needs the network and no particular socket. */
    Win32Error refusalOffline() {
        if (!sockets.isInitialised()) {
            return Win32Error.WSANOTINITIALISED;
        }
        return stack.isNetworkUp() ? Win32Error.NO_ERROR : Win32Error.WSAENETDOWN;
    }

    private @Nullable SocketEntry find(SocketHandle s) {
        SocketEntry entry = sockets.find(checked(s));
        if (!sockets.isInitialised()) {
            fail(Win32Error.WSANOTINITIALISED);
            return null;
        }
        if (entry == null) {
            fail(Win32Error.WSAENOTSOCK);
        }
        return entry;
    }

    static SocketHandle checked(SocketHandle s) {
        return Objects.requireNonNull(s, "s must not be null: a socket that could not be created is INVALID_SOCKET");
    }

    static InetSocketAddress resolved(InetSocketAddress name) {
        if (name.isUnresolved()) {
            throw new IllegalArgumentException(
                    name + " is unresolved: build it from an InetAddress, names are not looked up here");
        }
        return name;
    }

    private SocketHandle nextHandle() {
        return new SocketHandle(stack.handles().next());
    }

    private SocketHandle invalid(Win32Error error) {
        fail(error);
        return SocketHandle.INVALID_SOCKET;
    }

    int result(Win32Error error) {
        return error == Win32Error.NO_ERROR ? 0 : fail(error);
    }

    int fail(Win32Error error) {
        lastError.set(error.code());
        return SOCKET_ERROR;
    }
}
