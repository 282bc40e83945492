package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
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
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.stack.ControlStatus;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.SocketRequest;
import io.github.wfpsim.winsock.FdSet;
import io.github.wfpsim.winsock.Kernel32;
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaMsg;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import io.github.wfpsim.winsock.WsaPollFd;
import io.github.wfpsim.winsock.WsaProtocolInfo;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The plain calls of one process. It only translates: handles to sockets, results to error codes; what a call does to a
 * socket is a matter of the stack.
 */
public final class ProcessWinsock implements Winsock {

    private static final int LOW_BYTE = 0xFF;

    private final HostStack stack;
    private final ProcessEntry process;
    private final Caller caller;
    private final OverlappedProcess waits;
    private final SocketTable sockets;
    private final ErrorTranslation errors;
    private final WsaIoctl ioctl;
    private final CreationCalls creation;
    private final OptionCalls optionCalls;
    private final StreamCalls streams;
    private final DatagramCalls datagrams;
    private final ReadinessCalls readiness;
    private final OverlappedDoor overlapped;
    private final ExtensionFunctions extensions;
    private final CompletionCalls kernel32;

    /**
     * Opens the door for one process; created by {@code WfpSim}.
     *
     * @param stack the machine's transport
     * @param process the process whose sockets these are
     */
    public ProcessWinsock(HostStack stack, ProcessEntry process) {
        this.stack = Objects.requireNonNull(stack, "stack must not be null: get a Winsock from a process of WfpSim");
        this.process =
                Objects.requireNonNull(process, "process must not be null: get a Winsock from a process of WfpSim");
        this.sockets = new SocketTable(stack, process);
        this.caller = new Caller(stack, sockets);
        this.errors = new ErrorTranslation(stack.options());
        this.waits = new OverlappedProcess(process, stack.options(), stack.verifier(), stack.waits());
        this.ioctl = new WsaIoctl(stack, sockets, errors, waits);
        this.creation = new CreationCalls(stack, process, caller, sockets);
        this.optionCalls = new OptionCalls(caller, new SocketOptions(stack, errors));
        this.streams = new StreamCalls(stack.clock(), caller, errors);
        this.datagrams = new DatagramCalls(stack, errors);
        this.readiness = new ReadinessCalls(stack, caller, sockets, ioctl, waits);
        this.overlapped = new OverlappedDoor(
                stack,
                caller,
                sockets,
                errors,
                ioctl,
                waits,
                new OverlappedDoor.Transfers(streams, datagrams, new MessageTransfer(stack, errors, datagrams)));
        this.extensions = new ExtensionFunctions(overlapped, overlapped::wsaRecvMsg);
        this.kernel32 = new CompletionCalls(stack, caller, waits);
    }

    @Override
    public OverlappedWinsock overlapped() {
        return overlapped;
    }

    @Override
    public Kernel32 kernel32() {
        return kernel32;
    }

    /** The process has ended: what it has pending ends too, at sockets that others hold as well (WSA-55, WSA-73). */
    public void processEnded() {
        waits.endAll();
    }

    // ---- start, end, last error

    @Override
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

    @Override
    public int wsaCleanup() {
        return sockets.cleanUp() ? 0 : caller.fail(Win32Error.WSANOTINITIALISED);
    }

    @Override
    public int wsaGetLastError() {
        return caller.lastError();
    }

    @Override
    public void wsaSetLastError(int iError) {
        caller.setLastError(iError);
    }

    // ---- creating and closing

    @Override
    public SocketHandle socket(int af, int type, int protocol) {
        return creation.socket(af, type, protocol, WSA_FLAG_OVERLAPPED);
    }

    @Override
    public SocketHandle socket(AddressFamily af, SocketType type, IpProtocol protocol) {
        return creation.socket(af, type, protocol);
    }

    @Override
    public SocketHandle wsaSocket(int af, int type, int protocol, int dwFlags) {
        return creation.socket(af, type, protocol, dwFlags);
    }

    @Override
    public SocketHandle wsaSocket(
            int af, int type, int protocol, @Nullable WsaProtocolInfo lpProtocolInfo, int dwFlags) {
        return lpProtocolInfo == null
                ? creation.socket(af, type, protocol, dwFlags)
                : creation.take(af, type, protocol, lpProtocolInfo, dwFlags);
    }

    @Override
    public int wsaDuplicateSocket(SocketHandle s, int dwProcessId, @Nullable Out<WsaProtocolInfo> lpProtocolInfo) {
        return creation.duplicate(s, dwProcessId, lpProtocolInfo);
    }

    @Override
    public int closesocket(SocketHandle s) {
        SocketEntry entry = caller.find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        return sockets.close(s, entry, entry.closesAbortively()) ? 0 : caller.fail(Win32Error.WSAENOTSOCK);
    }

    /** As closesocket, but leaves the last error as it was, and does nothing if there is no such socket. */
    void closeQuietly(SocketHandle s, boolean abortive) {
        SocketEntry entry = caller.findQuietly(s);
        if (entry != null) {
            sockets.close(s, entry, abortive || entry.closesAbortively());
        }
    }

    // ---- connecting

    @Override
    public int bind(SocketHandle s, @Nullable InetSocketAddress name) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (name == null) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        if (entry.isReserved()) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        return caller.result(
                errors.ofBind(stack.bind(entry.kernel(), Caller.resolved(name)).run()));
    }

    @Override
    public int listen(SocketHandle s, int backlog) {
        SocketEntry entry = caller.findOnline(s);
        return entry == null
                ? SOCKET_ERROR
                : caller.result(errors.of(stack.listen(entry.kernel(), backlog).run()));
    }

    @Override
    public SocketHandle accept(SocketHandle s, @Nullable Out<InetSocketAddress> addr) {
        return accept(s, addr, true);
    }

    /** As accept; fails with WSAEWOULDBLOCK instead of waiting if told so or if the socket is non-blocking. */
    SocketHandle accept(SocketHandle s, @Nullable Out<InetSocketAddress> addr, boolean mayWait) {
        SocketEntry listener = caller.findOnline(s);
        if (listener == null) {
            return SocketHandle.INVALID_SOCKET;
        }
        Out<HostSocket> accepted = Out.empty();
        Win32Error error = takeConnection(listener, accepted, mayWait && !listener.isNonBlocking());
        listener.enable(WsaNetworkEvents.FD_ACCEPT);
        HostSocket kernel = accepted.get();
        if (error != Win32Error.NO_ERROR || kernel == null) {
            return caller.invalid(error);
        }
        stack.hand(kernel, process);
        SocketEntry entry = listener.accepted(SocketEntry.handleOf(kernel), kernel);
        if (!sockets.add(entry)) {
            return caller.invalid(Win32Error.WSANOTINITIALISED);
        }
        entry.inheritEvents(listener, errors);
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

    @Override
    public int connect(SocketHandle s, @Nullable InetSocketAddress name) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (name == null) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        if (entry.isReserved()) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        SocketRequest connect = stack.connect(entry.kernel(), Caller.resolved(name));
        return entry.isNonBlocking() ? connectLater(entry, connect) : caller.result(errors.ofConnect(connect.run()));
    }

    @Override
    public int wsaConnect(SocketHandle s, @Nullable InetSocketAddress name) {
        return connect(s, name);
    }

    private int connectLater(SocketEntry entry, SocketRequest connect) {
        AtomicReference<@Nullable NtStatus> end = new AtomicReference<>();
        int news = entry.connecting();
        NtStatus refusal = connect.startUnlessRefused(end::set);
        if (refusal != null) {
            entry.notConnecting(news);
        }
        // A stream socket tells how the connect ended by its readiness alone, however soon that was.
        NtStatus known = refusal == null && isDatagram(entry) ? end.get() : refusal;
        return known == null ? caller.fail(Win32Error.WSAEWOULDBLOCK) : caller.result(errors.ofConnect(known));
    }

    @Override
    public int shutdown(SocketHandle s, int how) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        ShutdownHow direction = ShutdownHow.fromCode(how).orElse(null);
        if (direction == null) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        return entry.isWithoutContext()
                ? caller.fail(Win32Error.WSAENOTCONN)
                : caller.result(errors.of(stack.shutdown(entry.kernel(), direction)));
    }

    @Override
    public int getsockname(SocketHandle s, @Nullable Out<InetSocketAddress> name) {
        SocketEntry entry = caller.find(s);
        return entry == null ? SOCKET_ERROR : store(entry, name, entry.kernel().localAddress(), Win32Error.WSAEINVAL);
    }

    @Override
    public int getpeername(SocketHandle s, @Nullable Out<InetSocketAddress> name) {
        SocketEntry entry = caller.find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        InetSocketAddress peer =
                entry.isWithoutContext() ? null : entry.kernel().remoteAddress();
        return store(entry, name, peer, Win32Error.WSAENOTCONN);
    }

    private int store(
            SocketEntry entry,
            @Nullable Out<InetSocketAddress> name,
            @Nullable InetSocketAddress address,
            Win32Error absent) {
        if (name == null) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        if (address == null) {
            return caller.fail(entry.isClosed() ? Win32Error.WSAEINTR : absent);
        }
        name.set(address);
        return 0;
    }

    // ---- transferring

    @Override
    public int send(SocketHandle s, @Nullable ByteBuffer buf, int flags) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        return caller.sent(
                entry,
                isDatagram(entry)
                        ? sendDatagram(entry, buf, flags, null, Win32Error.WSAENOTCONN)
                        : streams.send(entry, flags, buf));
    }

    @Override
    public int sendto(SocketHandle s, @Nullable ByteBuffer buf, int flags, @Nullable InetSocketAddress to) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        if (entry.kernel().type() == SocketType.SOCK_STREAM) {
            return send(s, buf, flags);
        }
        InetSocketAddress far = to == null ? null : Caller.resolved(to);
        return caller.sent(entry, sendDatagram(entry, buf, flags, far, Win32Error.WSAEDESTADDRREQ));
    }

    private int sendDatagram(
            SocketEntry entry, ByteBuffer buf, int flags, @Nullable InetSocketAddress to, Win32Error withoutPeer) {
        int size = buf.remaining();
        Win32Error error = flags == 0
                ? datagrams.send(entry, buf, to, RedirectChain.empty(), withoutPeer)
                : Win32Error.WSAEOPNOTSUPP;
        return error == Win32Error.NO_ERROR ? size : caller.fail(error);
    }

    private static boolean isDatagram(SocketEntry entry) {
        return entry.kernel().type() == SocketType.SOCK_DGRAM;
    }

    @Override
    public int recv(SocketHandle s, @Nullable ByteBuffer buf, int flags) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null || buf.isReadOnly()) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        return Caller.received(
                entry,
                isDatagram(entry) ? receiveDatagram(entry, buf, flags, null) : streams.receive(entry, flags, buf));
    }

    @Override
    public int recvfrom(SocketHandle s, @Nullable ByteBuffer buf, int flags, @Nullable Out<InetSocketAddress> from) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (buf == null || buf.isReadOnly()) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        return entry.kernel().type() == SocketType.SOCK_STREAM
                ? recv(s, buf, flags)
                : Caller.received(entry, receiveDatagram(entry, buf, flags, from));
    }

    private int receiveDatagram(SocketEntry entry, ByteBuffer buf, int flags, @Nullable Out<InetSocketAddress> from) {
        int start = buf.position();
        Win32Error error = flags == 0 ? datagrams.receive(entry, buf, from) : Win32Error.WSAEOPNOTSUPP;
        return error == Win32Error.NO_ERROR ? buf.position() - start : caller.fail(error);
    }

    @Override
    public int wsaSendMsg(SocketHandle s, @Nullable WsaMsg lpMsg, int dwFlags, @Nullable OutUlong lpNumberOfBytesSent) {
        return overlapped.wsaSendMsg(s, lpMsg, dwFlags, lpNumberOfBytesSent, null, null);
    }

    @Override
    public <F> F extensionFunction(Class<F> type, long pointer) {
        return extensions.cast(type, pointer);
    }

    /** Receives with room for everything; does not wait if told so or if the socket is non-blocking. */
    int receive(SocketHandle s, boolean mayWait, Out<ReceivedDatagram> received) {
        SocketEntry entry = caller.findOnline(s);
        return entry == null
                ? SOCKET_ERROR
                : Caller.received(
                        entry, caller.result(datagrams.take(entry, true, mayWait && !entry.isNonBlocking(), received)));
    }

    // ---- readiness

    @Override
    public int wsaPoll(@Nullable List<WsaPollFd> fdArray, int timeout) {
        return readiness.poll(fdArray, timeout);
    }

    @Override
    public int select(
            int nfds,
            @Nullable FdSet readfds,
            @Nullable FdSet writefds,
            @Nullable FdSet exceptfds,
            @Nullable Duration timeout) {
        return readiness.select(readfds, writefds, exceptfds, timeout);
    }

    @Override
    public int wsaEventSelect(SocketHandle s, @Nullable WsaEvent hEventObject, int lNetworkEvents) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        ManualResetEvent event = hEventObject == null || lNetworkEvents == 0 ? null : ManualResetEvent.of(hEventObject);
        boolean told = lNetworkEvents == 0 || (event != null && !event.isClosed());
        if (!told || (lNetworkEvents & ~WsaNetworkEvents.FD_ALL_EVENTS) != 0) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        entry.setNonBlocking(true);
        entry.events(errors).select(event, lNetworkEvents);
        if (entry.isClosed()) {
            // Closed by another thread meanwhile, which did not see the selection.
            entry.events(errors).select(null, 0);
        }
        return 0;
    }

    @Override
    public int wsaEnumNetworkEvents(
            SocketHandle s, @Nullable WsaEvent hEventObject, @Nullable WsaNetworkEvents lpNetworkEvents) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        if (lpNetworkEvents == null) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        ManualResetEvent event = hEventObject == null ? null : ManualResetEvent.of(hEventObject);
        if (event != null && event.isClosed()) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        entry.events(errors).enumerate(event, lpNetworkEvents);
        return 0;
    }

    // ---- modes and options

    @Override
    public int ioctlsocket(SocketHandle s, int cmd, @Nullable OutUlong argp) {
        SocketEntry entry = caller.find(s);
        if (entry == null) {
            return SOCKET_ERROR;
        }
        Win32Error refusal = WsaIoctl.refusalOfCommand(cmd, argp);
        if (refusal != Win32Error.NO_ERROR || argp == null) {
            return caller.fail(refusal);
        }
        if (cmd == ControlCode.FIONREAD.code()) {
            argp.set(entry.kernel().bytesToRead());
            return 0;
        }
        return caller.result(WsaIoctl.setBlockingMode(entry, argp.value() != 0));
    }

    @Override
    public int setsockopt(SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, int optlen) {
        return optionCalls.set(s, level, optname, optval, optlen);
    }

    @Override
    public int setsockopt(SocketHandle s, int level, int optname, int optval) {
        return optionCalls.set(s, level, optname, optval);
    }

    @Override
    public int getsockopt(SocketHandle s, int level, int optname, @Nullable OutUlong optval) {
        return optionCalls.get(s, level, optname, optval);
    }

    @Override
    public int getsockopt(
            SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, @Nullable OutUlong optlen) {
        return optionCalls.get(s, level, optname, optval, optlen);
    }

    // ---- ioctls

    @Override
    public int wsaIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned) {
        return caller.result(ioctl.run(
                Caller.checked(s),
                dwIoControlCode,
                lpvInBuffer,
                cbInBuffer,
                lpvOutBuffer,
                cbOutBuffer,
                lpcbBytesReturned));
    }

    @Override
    public int wspIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned,
            @Nullable OutUlong lpErrno) {
        return ioctl.runForProvider(
                s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned, lpErrno);
    }

    // ---- the Java API over these calls

    @Override
    public SimSocket tcpSocket(AddressFamily family) throws WinsockException {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        SocketHandle handle = socket(family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
        if (handle.equals(SocketHandle.INVALID_SOCKET)) {
            throw failure("socket", family);
        }
        return new TcpSocket(this, handle);
    }

    @Override
    public SimSocket tcpSocket(SocketHandle s) {
        return new TcpSocket(this, Caller.checked(s));
    }

    @Override
    public SimDatagramSocket udpSocket(AddressFamily family) throws WinsockException {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        SocketHandle handle = socket(family, SocketType.SOCK_DGRAM, IpProtocol.IPPROTO_UDP);
        if (handle.equals(SocketHandle.INVALID_SOCKET)) {
            throw failure("socket", family);
        }
        return UdpSocket.withRecords(this, handle);
    }

    /** What "there is none" looks like on this machine (WSA-34, WSA-57). */
    Win32Error notFoundError() {
        return errors.of(ControlStatus.NO_CONTEXT);
    }

    /** Makes an exception of this thread's last error. */
    WinsockException failure(String call, Object subject) {
        Win32Error error = Win32Error.fromCode(wsaGetLastError())
                .orElseThrow(() -> new AssertionError("the last error is none of ours: " + wsaGetLastError()));
        return Advice.failure(
                call,
                subject instanceof InetSocketAddress address ? IpAddress.text(address) : subject.toString(),
                error);
    }

    /** Throws that exception if a call failed. */
    void check(int result, String call, Object subject) throws WinsockException {
        if (result == SOCKET_ERROR) {
            throw failure(call, subject);
        }
    }
}
