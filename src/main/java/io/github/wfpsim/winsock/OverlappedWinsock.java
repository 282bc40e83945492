package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.Turns;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
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
 * OVL-01 to OVL-13.
 */
public final class OverlappedWinsock {

    private final HostStack stack;
    private final Winsock winsock;
    private final SocketTable sockets;
    private final ErrorTranslation errors;
    private final WsaIoctl ioctl;
    private final OverlappedProcess process;
    private final OverlappedConnections connections;
    private final OverlappedDatagrams datagrams;
    private final Transfers waiting;

    /** The same transfers for calls that wait. */
    record Transfers(DatagramTransfer datagrams, MessageTransfer messages) {}

    OverlappedWinsock(
            HostStack stack,
            Winsock winsock,
            SocketTable sockets,
            ErrorTranslation errors,
            WsaIoctl ioctl,
            OverlappedProcess process,
            Transfers waiting) {
        this.stack = stack;
        this.winsock = winsock;
        this.sockets = sockets;
        this.errors = errors;
        this.ioctl = ioctl;
        this.process = process;
        this.connections = new OverlappedConnections(stack, winsock, this, errors);
        this.datagrams = new OverlappedDatagrams(stack, winsock, this, errors);
        this.waiting = waiting;
    }

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
    public int wsaIoctl(
            SocketHandle s,
            int dwIoControlCode,
            @Nullable ByteBuffer lpvInBuffer,
            int cbInBuffer,
            @Nullable ByteBuffer lpvOutBuffer,
            int cbOutBuffer,
            @Nullable OutUlong lpcbBytesReturned,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = sockets.find(Winsock.checked(s));
        if (entry == null || lpOverlapped == null || !entry.isOverlapped()) {
            return winsock.wsaIoctl(
                    s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned);
        }
        return winsock.result(start(
                entry,
                WsaIoctl.Request.of(
                        dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned),
                lpOverlapped,
                lpCompletionRoutine,
                Thread.currentThread()));
    }

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
    public int wspIoctl(
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
            @Nullable OutUlong lpErrno) {
        SocketEntry entry = sockets.find(Winsock.checked(s));
        if (entry == null || lpOverlapped == null || lpErrno == null || !entry.isOverlapped()) {
            return winsock.wspIoctl(
                    s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned, lpErrno);
        }
        Win32Error error = start(
                entry,
                WsaIoctl.Request.of(
                        dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned),
                lpOverlapped,
                lpCompletionRoutine,
                lpThreadId == null ? Thread.currentThread() : lpThreadId.threadHandle());
        if (error == Win32Error.NO_ERROR) {
            return 0;
        }
        lpErrno.set(error.code());
        return Winsock.SOCKET_ERROR;
    }

    private Win32Error start(
            SocketEntry entry,
            WsaIoctl.Request call,
            WsaOverlapped overlapped,
            @Nullable WsaOverlappedCompletionRoutine routine,
            Thread issuer) {
        Win32Error refusal = ioctl.refusalOfOverlapped(entry, call);
        if (refusal != Win32Error.NO_ERROR) {
            OutUlong returned = call.returned();
            if (returned != null) {
                returned.set(0);
            }
            return refusal;
        }
        OverlappedRequest request = routine != null && entry.port() != null
                ? null
                : OverlappedRequest.begin(process, overlapped, routine, entry.port(), issuer, WsaIoctl.FUNCTION);
        return request == null ? Win32Error.WSA_INVALID_PARAMETER : control(entry, call, request);
    }

    private Win32Error control(SocketEntry entry, WsaIoctl.Request call, OverlappedRequest request) {
        OutUlong bytes = new OutUlong();
        if (request.isInline()) {
            Win32Error error = ioctl.perform(entry, call, bytes);
            OutUlong returned = call.returned();
            if (returned != null) {
                returned.set(bytes.value());
            }
            return error == Win32Error.NO_ERROR ? request.succeedNow(bytes.value(), 0) : request.refuse(error);
        }
        Win32Error pending = request.pend(() -> {});
        entry.track(request);
        stack.dispatcher().execute(() -> {
            if (request.take()) {
                Win32Error error = ioctl.perform(entry, call, bytes);
                request.finish(error, bytes.value(), 0);
            }
        });
        return pending;
    }

    /** Claims the structure for a call of this thread; null after a refusal, which is WSA_INVALID_PARAMETER. */
    @Nullable
    OverlappedRequest begin(
            SocketEntry entry,
            WsaOverlapped overlapped,
            @Nullable WsaOverlappedCompletionRoutine routine,
            String function) {
        return routine != null && entry.port() != null
                ? null
                : OverlappedRequest.begin(process, overlapped, routine, entry.port(), Thread.currentThread(), function);
    }

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
    public boolean wsaGetOverlappedResult(
            SocketHandle s,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable OutUlong lpcbTransfer,
            boolean fWait,
            @Nullable OutUlong lpdwFlags) {
        if (winsock.findOnline(s) == null) {
            return false;
        }
        Win32Error error = lpOverlapped == null || lpcbTransfer == null || lpdwFlags == null
                ? Win32Error.WSAEFAULT
                : outcome(lpOverlapped, fWait);
        if (error != Win32Error.NO_ERROR || lpOverlapped == null || lpcbTransfer == null || lpdwFlags == null) {
            winsock.fail(error);
            return false;
        }
        lpcbTransfer.set(lpOverlapped.internalHigh());
        lpdwFlags.set(OverlappedProcess.flagsOf(lpOverlapped));
        return true;
    }

    private Win32Error outcome(WsaOverlapped overlapped, boolean wait) {
        if (!overlapped.hasOverlappedIoCompleted() && wait) {
            if (OverlappedProcess.hadRoutine(overlapped)) {
                return Win32Error.WSA_INVALID_PARAMETER;
            }
            if (process.awaitEnd(overlapped, Deadline.NEVER) == OverlappedProcess.Wake.INTERRUPTED) {
                return Win32Error.WSAEINTR;
            }
        }
        Win32Error error = overlapped.internal();
        return error == Win32Error.WSA_IO_PENDING ? Win32Error.WSA_IO_INCOMPLETE : error;
    }

    // ---- data

    /**
     * Receives without waiting (WSARecv function). <b>Simulated</b> for connections; all flags are <b>rejected</b>. A
     * receive without room ends as soon as there is something to receive.
     *
     * @param s the socket
     * @param lpBuffers receive the bytes one after another; their positions move behind them
     * @param lpNumberOfBytesRecvd receives the count if the call succeeds at once; may be null
     * @param lpFlags 0
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR} with {@code WSA_IO_PENDING}, {@code WSAEFAULT} for null, nulls in the list and
     *     read-only buffers, {@code WSAEOPNOTSUPP} for flags and sockets of another type, {@code WSAENOTCONN}; the outcomes of
     *     {@link Winsock#recv}; {@code WSA_OPERATION_ABORTED}
     */
    public int wsaRecv(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesRecvd,
            int lpFlags,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = winsock.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        Win32Error refusal = refusal(entry, lpBuffers, lpOverlapped, lpFlags, true);
        DuplexStream stream = entry.kernel().stream();
        Turns turns = stream == null ? null : entry.receives(() -> stack.turns(stream::whenReadable));
        if (refusal != Win32Error.NO_ERROR || stream == null || turns == null) {
            return winsock.fail(refusal == Win32Error.NO_ERROR ? Win32Error.WSAENOTCONN : refusal);
        }
        List<ByteBuffer> buffers = List.copyOf(Objects.requireNonNull(lpBuffers));
        return start(
                entry,
                new OverlappedCall(
                        "WSARecv", Objects.requireNonNull(lpOverlapped), lpCompletionRoutine, lpNumberOfBytesRecvd),
                turns,
                request -> new OverlappedStream.Receive(entry, request, errors, stream, buffers));
    }

    /**
     * Sends without waiting (WSASend function). <b>Simulated</b> for connections; all flags are <b>rejected</b>. It ends
     * when the connection has taken every byte.
     *
     * @param s the socket
     * @param lpBuffers the bytes, one buffer after another; their positions move behind what was sent
     * @param lpNumberOfBytesSent receives the count if the call succeeds at once; may be null
     * @param dwFlags 0
     * @param lpOverlapped the structure
     * @param lpCompletionRoutine hears of the end; null for none
     * @return as for {@link #wsaRecv}, with the outcomes of {@link Winsock#send}; {@code WSAENOBUFS} for 2 GB and more
     */
    public int wsaSend(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesSent,
            int dwFlags,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = winsock.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        Win32Error refusal = refusal(entry, lpBuffers, lpOverlapped, dwFlags, false);
        DuplexStream stream = entry.kernel().stream();
        Turns turns = stream == null ? null : entry.sends(() -> stack.turns(stream::whenWritable));
        if (refusal != Win32Error.NO_ERROR || stream == null || turns == null) {
            return winsock.fail(refusal == Win32Error.NO_ERROR ? Win32Error.WSAENOTCONN : refusal);
        }
        List<ByteBuffer> buffers = List.copyOf(Objects.requireNonNull(lpBuffers));
        return start(
                entry,
                new OverlappedCall(
                        "WSASend", Objects.requireNonNull(lpOverlapped), lpCompletionRoutine, lpNumberOfBytesSent),
                turns,
                request -> new OverlappedStream.Send(entry, request, errors, stream, buffers));
    }

    private static Win32Error refusal(
            SocketEntry entry,
            @Nullable List<ByteBuffer> buffers,
            @Nullable WsaOverlapped overlapped,
            int flags,
            boolean receives) {
        if (buffers == null || overlapped == null || !areSound(buffers, receives)) {
            return Win32Error.WSAEFAULT;
        }
        if (!receives && buffers.stream().mapToLong(ByteBuffer::remaining).sum() > Integer.MAX_VALUE) {
            return Win32Error.WSAENOBUFS;
        }
        boolean stream = entry.kernel().type() == SocketType.SOCK_STREAM;
        return flags != 0 || !stream ? Win32Error.WSAEOPNOTSUPP : Win32Error.NO_ERROR;
    }

    private static boolean areSound(List<? extends @Nullable ByteBuffer> buffers, boolean receives) {
        return buffers.stream().allMatch(buffer -> buffer != null && !(receives && buffer.isReadOnly()));
    }

    /** Runs the end of a call on the dispatcher; on this thread if the machine is just ending. */
    void later(Runnable end) {
        if (!stack.dispatcher().offer(end)) {
            end.run();
        }
    }

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
    public int wsaRecvFrom(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesRecvd,
            int lpFlags,
            @Nullable Out<InetSocketAddress> lpFrom,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = winsock.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (entry.kernel().type() == SocketType.SOCK_STREAM) {
            return wsaRecv(s, lpBuffers, lpNumberOfBytesRecvd, lpFlags, lpOverlapped, lpCompletionRoutine);
        }
        WsaOverlapped structure = entry.isOverlapped() ? lpOverlapped : null;
        boolean counts = structure != null || lpNumberOfBytesRecvd != null;
        if (lpBuffers == null || !areSound(lpBuffers, true) || !counts) {
            return winsock.fail(Win32Error.WSAEFAULT);
        }
        if (lpFlags != 0) {
            return winsock.fail(Win32Error.WSAEOPNOTSUPP);
        }
        List<ByteBuffer> buffers = List.copyOf(lpBuffers);
        if (structure == null) {
            return receiveNow(entry, buffers, Objects.requireNonNull(lpNumberOfBytesRecvd), lpFrom);
        }
        return datagrams.receive(
                entry,
                new OverlappedCall("WSARecvFrom", structure, lpCompletionRoutine, lpNumberOfBytesRecvd),
                false,
                datagram -> stored(datagram, buffers, lpFrom));
    }

    private int receiveNow(
            SocketEntry entry, List<ByteBuffer> buffers, OutUlong count, @Nullable Out<InetSocketAddress> from) {
        Out<ReceivedDatagram> received = Out.empty();
        Win32Error error = waiting.datagrams().take(entry, false, !entry.isNonBlocking(), received);
        ReceivedDatagram datagram = received.get();
        if (datagram == null) {
            return winsock.fail(error);
        }
        OverlappedTurn.Result result = stored(datagram, buffers, from);
        count.set(result.bytes());
        return winsock.result(result.error());
    }

    private static OverlappedTurn.Result stored(
            ReceivedDatagram datagram, List<ByteBuffer> buffers, @Nullable Out<InetSocketAddress> from) {
        if (from != null) {
            from.set(datagram.source());
        }
        ByteBuffer payload = datagram.payload();
        int bytes = MessageTransfer.scatter(payload, buffers);
        return new OverlappedTurn.Result(payload.hasRemaining() ? Win32Error.WSAEMSGSIZE : Win32Error.NO_ERROR, bytes);
    }

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
    public int wsaSendTo(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesSent,
            int dwFlags,
            @Nullable InetSocketAddress lpTo,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = winsock.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (entry.kernel().type() == SocketType.SOCK_STREAM) {
            return wsaSend(s, lpBuffers, lpNumberOfBytesSent, dwFlags, lpOverlapped, lpCompletionRoutine);
        }
        WsaOverlapped structure = entry.isOverlapped() ? lpOverlapped : null;
        if (lpBuffers == null || !areSound(lpBuffers, false) || (structure == null && lpNumberOfBytesSent == null)) {
            return winsock.fail(Win32Error.WSAEFAULT);
        }
        if (dwFlags != 0) {
            return winsock.fail(Win32Error.WSAEOPNOTSUPP);
        }
        List<ByteBuffer> buffers = List.copyOf(lpBuffers);
        InetSocketAddress to = lpTo == null ? null : Winsock.resolved(lpTo);
        MessageTransfer.Outgoing what =
                new MessageTransfer.Outgoing(MessageTransfer.gathered(buffers), to, RedirectChain.empty());
        if (structure == null) {
            return sendNow(entry, what, buffers, Objects.requireNonNull(lpNumberOfBytesSent));
        }
        return datagrams.send(
                entry,
                new OverlappedCall("WSASendTo", structure, lpCompletionRoutine, lpNumberOfBytesSent),
                what,
                buffers,
                Win32Error.WSAEDESTADDRREQ);
    }

    private int sendNow(SocketEntry entry, MessageTransfer.Outgoing what, List<ByteBuffer> buffers, OutUlong count) {
        int size = what.payload().remaining();
        Win32Error error =
                waiting.datagrams().send(entry, what.payload(), what.to(), what.records(), Win32Error.WSAEDESTADDRREQ);
        if (error == Win32Error.NO_ERROR) {
            MessageTransfer.passOver(buffers);
            count.set(size);
        }
        return winsock.result(error);
    }

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
    public int wsaSendMsg(
            SocketHandle s,
            @Nullable WsaMsg lpMsg,
            int dwFlags,
            @Nullable OutUlong lpNumberOfBytesSent,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = sockets.find(Winsock.checked(s));
        if (entry == null || lpOverlapped == null || !entry.isOverlapped()) {
            return winsock.wsaSendMsg(s, lpMsg, dwFlags, lpNumberOfBytesSent);
        }
        if (winsock.findOnline(s) == null) {
            return Winsock.SOCKET_ERROR;
        }
        requireResolved(lpMsg);
        Out<MessageTransfer.Outgoing> judged = Out.empty();
        Win32Error refusal = waiting.messages().judge(entry, lpMsg, dwFlags, judged);
        MessageTransfer.Outgoing what = judged.get();
        if (what == null || lpMsg == null) {
            return winsock.fail(refusal);
        }
        return datagrams.send(
                entry,
                new OverlappedCall("WSASendMsg", lpOverlapped, lpCompletionRoutine, lpNumberOfBytesSent),
                what,
                List.copyOf(lpMsg.lpBuffers()),
                Win32Error.WSAENOTCONN);
    }

    private static void requireResolved(@Nullable WsaMsg message) {
        Out<InetSocketAddress> name = message == null ? null : message.name();
        InetSocketAddress destination = name == null ? null : name.get();
        if (destination != null) {
            Winsock.resolved(destination);
        }
    }

    /** WSARecvMsg, which only its pointer reaches. */
    int wsaRecvMsg(
            SocketHandle s,
            @Nullable WsaMsg lpMsg,
            @Nullable OutUlong lpdwNumberOfBytesRecvd,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = sockets.find(Winsock.checked(s));
        if (entry == null || lpOverlapped == null || !entry.isOverlapped()) {
            return winsock.wsaRecvMsg(s, lpMsg, lpdwNumberOfBytesRecvd);
        }
        if (winsock.findOnline(s) == null) {
            return Winsock.SOCKET_ERROR;
        }
        Win32Error refusal = MessageTransfer.refusalToReceive(lpMsg);
        if (refusal != Win32Error.NO_ERROR || lpMsg == null) {
            return winsock.fail(refusal);
        }
        if (lpMsg.dwFlags() != 0) {
            return winsock.fail(Win32Error.WSAEOPNOTSUPP);
        }
        WsaMsg given = lpMsg.copy();
        return datagrams.receive(
                entry,
                new OverlappedCall("WSARecvMsg", lpOverlapped, lpCompletionRoutine, lpdwNumberOfBytesRecvd),
                true,
                datagram -> {
                    OutUlong bytes = new OutUlong();
                    Win32Error error = MessageTransfer.store(datagram, given, bytes);
                    lpMsg.setReceived(given.controlLen(), given.dwFlags());
                    return new OverlappedTurn.Result(error, bytes.value());
                });
    }

    /** Begins a call and lets it take its turn. */
    int start(SocketEntry entry, OverlappedCall call, Turns turns, Function<OverlappedRequest, OverlappedTurn> turn) {
        OverlappedRequest request = begin(entry, call.overlapped(), call.routine(), call.function());
        return request == null
                ? winsock.fail(Win32Error.WSA_INVALID_PARAMETER)
                : start(entry, request, turns, turn.apply(request), call.transferred());
    }

    /** Lets a call take its turn: at once if it can and may, else later. */
    int start(
            SocketEntry entry,
            OverlappedRequest request,
            Turns turns,
            OverlappedTurn turn,
            @Nullable OutUlong transferred) {
        OverlappedTurn.Result now;
        boolean tried = false;
        try {
            now = turns.tryOrWait(request.isInline(), turn::tryNow, () -> enqueue(entry, request, turns, turn));
            tried = true;
        } finally {
            if (!tried) {
                request.refuse(Win32Error.WSAECONNABORTED);
            }
        }
        if (now != null && !now.isMoved()) {
            return endNow(request, now, transferred);
        }
        if (now != null) {
            pend(entry, request, turns, turn);
            turn.goOn();
        }
        turn.waitIn(turns);
        return winsock.fail(Win32Error.WSA_IO_PENDING);
    }

    private static void enqueue(SocketEntry entry, OverlappedRequest request, Turns turns, OverlappedTurn turn) {
        pend(entry, request, turns, turn);
        turns.add(turn);
    }

    private static void pend(SocketEntry entry, OverlappedRequest request, Turns turns, OverlappedTurn turn) {
        request.pend(() -> turns.remove(turn));
        entry.track(request);
    }

    private int endNow(OverlappedRequest request, OverlappedTurn.Result now, @Nullable OutUlong transferred) {
        if (now.error() != Win32Error.NO_ERROR) {
            return winsock.fail(request.refuse(now.error()));
        }
        if (transferred != null) {
            transferred.set(now.bytes());
        }
        return winsock.result(request.succeedNow(now.bytes(), 0));
    }

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
    public boolean acceptEx(
            SocketHandle sListenSocket,
            SocketHandle sAcceptSocket,
            @Nullable Out<InetSocketAddress> lpLocalSockaddr,
            @Nullable Out<InetSocketAddress> lpRemoteSockaddr,
            @Nullable WsaOverlapped lpOverlapped) {
        return connections.accept(
                sListenSocket,
                sAcceptSocket,
                OverlappedConnections.Arrival.of(lpLocalSockaddr, lpRemoteSockaddr),
                null,
                lpOverlapped);
    }

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
    public boolean acceptEx(
            SocketHandle sListenSocket,
            SocketHandle sAcceptSocket,
            @Nullable ByteBuffer lpOutputBuffer,
            int dwReceiveDataLength,
            int dwLocalAddressLength,
            int dwRemoteAddressLength,
            @Nullable OutUlong lpdwBytesReceived,
            @Nullable WsaOverlapped lpOverlapped) {
        Winsock.checked(sAcceptSocket);
        SocketEntry listener = winsock.findOnline(sListenSocket);
        if (listener == null) {
            return false;
        }
        AcceptExBuffer buffer = new AcceptExBuffer(dwReceiveDataLength, dwLocalAddressLength, dwRemoteAddressLength);
        Win32Error refusal = buffer.refusal(lpOutputBuffer, listener.kernel().family());
        if (refusal != Win32Error.NO_ERROR || lpOutputBuffer == null) {
            return winsock.result(refusal) == 0;
        }
        return connections.accept(
                sListenSocket, sAcceptSocket, buffer.arrivalIn(lpOutputBuffer), lpdwBytesReceived, lpOverlapped);
    }

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
    public void getAcceptExSockaddrs(
            ByteBuffer lpOutputBuffer,
            int dwReceiveDataLength,
            int dwLocalAddressLength,
            int dwRemoteAddressLength,
            Out<InetSocketAddress> localSockaddr,
            Out<InetSocketAddress> remoteSockaddr) {
        new AcceptExBuffer(dwReceiveDataLength, dwLocalAddressLength, dwRemoteAddressLength)
                .read(lpOutputBuffer, localSockaddr, remoteSockaddr);
    }

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
    public boolean connectEx(SocketHandle s, @Nullable InetSocketAddress name, @Nullable WsaOverlapped lpOverlapped) {
        return connections.connect(s, name, ByteBuffer.allocate(0), lpOverlapped);
    }

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
    public boolean connectEx(
            SocketHandle s,
            @Nullable InetSocketAddress name,
            @Nullable ByteBuffer lpSendBuffer,
            int dwSendDataLength,
            @Nullable OutUlong lpdwBytesSent,
            @Nullable WsaOverlapped lpOverlapped) {
        ByteBuffer data = lpSendBuffer == null ? ByteBuffer.allocate(0) : lpSendBuffer;
        long size = lpSendBuffer == null ? 0 : Integer.toUnsignedLong(dwSendDataLength);
        if (winsock.findOnline(s) == null) {
            return false;
        }
        return size > data.remaining()
                ? winsock.result(Win32Error.WSAEFAULT) == 0
                : connections.connect(s, name, data.slice(data.position(), (int) size), lpOverlapped);
    }

    // ---- cancelling

    /**
     * Cancels pending calls on a socket, whichever thread made them (CancelIoEx function; IOCP-09). <b>Simulated.</b>
     *
     * @param s the socket; for AcceptEx the listener
     * @param lpOverlapped the structure of the call to cancel; null for all
     * @return true if a call was asked to end; false with {@code ERROR_NOT_FOUND} if none is pending on that socket
     */
    public boolean cancelIoEx(SocketHandle s, @Nullable WsaOverlapped lpOverlapped) {
        SocketEntry entry = winsock.findOnline(s);
        if (entry == null) {
            return false;
        }
        boolean any = entry.pending().stream()
                .filter(request -> lpOverlapped == null || request.isOf(lpOverlapped))
                .map(OverlappedRequest::askToEnd)
                .toList()
                .contains(true);
        if (!any) {
            winsock.fail(Win32Error.ERROR_NOT_FOUND);
        }
        return any;
    }

    /**
     * Cancels the pending calls that this thread made on a socket (CancelIo function). <b>Simulated.</b>
     *
     * @param s the socket
     * @return true, or false with {@code WSAENOTSOCK}
     */
    public boolean cancelIo(SocketHandle s) {
        SocketEntry entry = winsock.findOnline(s);
        if (entry == null) {
            return false;
        }
        process.cancelOwn(entry.pending());
        return true;
    }
}
