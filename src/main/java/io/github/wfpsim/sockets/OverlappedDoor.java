package io.github.wfpsim.sockets;

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
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaMsg;
import io.github.wfpsim.winsock.WsaOverlapped;
import io.github.wfpsim.winsock.WsaOverlappedCompletionRoutine;
import io.github.wfpsim.winsock.WsaThreadId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls that take an OVERLAPPED: they judge arguments, claim the structure, and let the call take its turn. Those of
 * the plain door that may wait end here too, when there is no structure.
 *
 * <p>Requirements: WSA-43 to WSA-56, IOCP-01 to IOCP-09, OVL-01 to OVL-16.
 */
final class OverlappedDoor implements OverlappedWinsock {

    private final HostStack stack;
    private final Caller caller;
    private final SocketTable sockets;
    private final ErrorTranslation errors;
    private final WsaIoctl ioctl;
    private final OverlappedProcess process;
    private final OverlappedConnections connections;
    private final OverlappedDatagrams datagrams;
    private final Transfers waiting;

    /** The same transfers for calls that wait. */
    record Transfers(StreamCalls streams, DatagramCalls datagrams, MessageTransfer messages) {}

    OverlappedDoor(
            HostStack stack,
            Caller caller,
            SocketTable sockets,
            ErrorTranslation errors,
            WsaIoctl ioctl,
            OverlappedProcess process,
            Transfers waiting) {
        this.stack = stack;
        this.caller = caller;
        this.sockets = sockets;
        this.errors = errors;
        this.ioctl = ioctl;
        this.process = process;
        this.connections = new OverlappedConnections(stack, caller, this, errors);
        this.datagrams = new OverlappedDatagrams(stack, caller, this, errors);
        this.waiting = waiting;
    }

    // ---- structures

    @Override
    public WsaOverlapped newOverlapped() {
        return new OverlappedStructure();
    }

    @Override
    public WsaOverlapped newOverlapped(WsaEvent event) {
        WsaOverlapped overlapped = newOverlapped();
        overlapped.setHEvent(Objects.requireNonNull(event, "event must not be null: call newOverlapped without it"));
        return overlapped;
    }

    // ---- control

    @Override
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
        SocketEntry entry = sockets.find(Caller.checked(s));
        if (entry == null || lpOverlapped == null || !entry.isOverlapped()) {
            return caller.result(ioctl.run(
                    s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned));
        }
        return caller.result(start(
                entry,
                WsaIoctl.Request.of(
                        dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned),
                OverlappedStructure.of(lpOverlapped),
                lpCompletionRoutine,
                Thread.currentThread()));
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
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine,
            @Nullable WsaThreadId lpThreadId,
            @Nullable OutUlong lpErrno) {
        SocketEntry entry = sockets.find(Caller.checked(s));
        if (entry == null || lpOverlapped == null || lpErrno == null || !entry.isOverlapped()) {
            return ioctl.runForProvider(
                    s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned, lpErrno);
        }
        Win32Error error = start(
                entry,
                WsaIoctl.Request.of(
                        dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned),
                OverlappedStructure.of(lpOverlapped),
                lpCompletionRoutine,
                lpThreadId == null ? Thread.currentThread() : lpThreadId.threadHandle());
        return WsaIoctl.told(error, lpErrno);
    }

    private Win32Error start(
            SocketEntry entry,
            WsaIoctl.Request call,
            OverlappedStructure overlapped,
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
        if (request.isInline()) {
            OverlappedTurn.Result now = ioctl.perform(entry, call);
            OutUlong returned = call.returned();
            if (returned != null) {
                returned.set(now.bytes());
            }
            return now.error() == Win32Error.NO_ERROR ? request.succeedNow(now.bytes()) : request.refuse(now.error());
        }
        Win32Error pending = request.pend(() -> {});
        entry.track(request);
        stack.dispatcher().later(() -> {
            if (request.take()) {
                request.finish(ioctl.perform(entry, call));
            }
        });
        return pending;
    }

    /** Claims the structure for a call of this thread; null after a refusal, which is WSA_INVALID_PARAMETER. */
    @Nullable
    OverlappedRequest begin(
            SocketEntry entry,
            OverlappedStructure overlapped,
            @Nullable WsaOverlappedCompletionRoutine routine,
            String function) {
        return routine != null && entry.port() != null
                ? null
                : OverlappedRequest.begin(process, overlapped, routine, entry.port(), Thread.currentThread(), function);
    }

    @Override
    public boolean wsaGetOverlappedResult(
            SocketHandle s,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable OutUlong lpcbTransfer,
            boolean fWait,
            @Nullable OutUlong lpdwFlags) {
        if (caller.findOnline(s) == null) {
            return false;
        }
        if (lpOverlapped == null || lpcbTransfer == null || lpdwFlags == null) {
            return caller.result(Win32Error.WSAEFAULT) == 0;
        }
        OverlappedStructure overlapped = OverlappedStructure.of(lpOverlapped);
        Win32Error error = outcome(overlapped, fWait);
        if (error != Win32Error.NO_ERROR) {
            return caller.result(error) == 0;
        }
        lpcbTransfer.set(overlapped.internalHigh());
        lpdwFlags.set(overlapped.flags());
        return true;
    }

    private Win32Error outcome(OverlappedStructure overlapped, boolean wait) {
        if (!overlapped.hasOverlappedIoCompleted() && wait) {
            if (overlapped.hasRoutine()) {
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

    @Override
    public int wsaRecv(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesRecvd,
            int lpFlags,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (entry.kernel().type() == SocketType.SOCK_DGRAM) {
            // Of a datagram it takes what WSARecvFrom takes, but for the sender.
            return wsaRecvFrom(s, lpBuffers, lpNumberOfBytesRecvd, lpFlags, null, lpOverlapped, lpCompletionRoutine);
        }
        WsaOverlapped structure = entry.isOverlapped() ? lpOverlapped : null;
        Win32Error refusal =
                refusal(entry, lpBuffers, structure != null || lpNumberOfBytesRecvd != null, lpFlags, true);
        DuplexStream stream = entry.kernel().stream();
        Turns turns = stream == null ? null : entry.receives(() -> stack.turns(stream::whenReadable));
        if (refusal != Win32Error.NO_ERROR || stream == null || turns == null) {
            return caller.fail(refusal == Win32Error.NO_ERROR ? Win32Error.WSAENOTCONN : refusal);
        }
        List<ByteBuffer> buffers = List.copyOf(Objects.requireNonNull(lpBuffers));
        if (structure == null) {
            return Caller.received(entry, counted(waiting.streams().receive(entry, buffers), lpNumberOfBytesRecvd));
        }
        int started = start(
                entry,
                new OverlappedCall(
                        "WSARecv", OverlappedStructure.of(structure), lpCompletionRoutine, lpNumberOfBytesRecvd),
                turns,
                request -> new OverlappedStream.Receive(entry, request, errors, stream, buffers));
        return Caller.received(entry, started);
    }

    @Override
    public int wsaSend(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesSent,
            int dwFlags,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (entry.kernel().type() == SocketType.SOCK_DGRAM) {
            DatagramCall call = new DatagramCall("WSASend", null, Win32Error.WSAENOTCONN);
            return sendDatagram(
                    entry, call, lpBuffers, lpNumberOfBytesSent, dwFlags, lpOverlapped, lpCompletionRoutine);
        }
        WsaOverlapped structure = entry.isOverlapped() ? lpOverlapped : null;
        Win32Error refusal =
                refusal(entry, lpBuffers, structure != null || lpNumberOfBytesSent != null, dwFlags, false);
        DuplexStream stream = entry.kernel().stream();
        Turns turns = stream == null ? null : entry.sends(() -> stack.turns(stream::whenWritable));
        if (refusal != Win32Error.NO_ERROR || stream == null || turns == null) {
            return caller.fail(refusal == Win32Error.NO_ERROR ? Win32Error.WSAENOTCONN : refusal);
        }
        List<ByteBuffer> buffers = List.copyOf(Objects.requireNonNull(lpBuffers));
        if (structure == null) {
            return caller.sent(entry, counted(waiting.streams().send(entry, buffers), lpNumberOfBytesSent));
        }
        return start(
                entry,
                new OverlappedCall(
                        "WSASend", OverlappedStructure.of(structure), lpCompletionRoutine, lpNumberOfBytesSent),
                turns,
                request -> new OverlappedStream.Send(entry, request, errors, stream, buffers));
    }

    /** Stores what a call that waits has moved. */
    private static int counted(int moved, @Nullable OutUlong count) {
        if (moved == Winsock.SOCKET_ERROR) {
            return moved;
        }
        Objects.requireNonNull(count, "judged before").set(moved);
        return 0;
    }

    private static Win32Error refusal(
            SocketEntry entry, @Nullable List<ByteBuffer> buffers, boolean counts, int flags, boolean receives) {
        if (buffers == null || !counts || !areSound(buffers, receives)) {
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
        stack.dispatcher().later(end);
    }

    // ---- datagrams

    @Override
    public int wsaRecvFrom(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesRecvd,
            int lpFlags,
            @Nullable Out<InetSocketAddress> lpFrom,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (entry.kernel().type() == SocketType.SOCK_STREAM) {
            return wsaRecv(s, lpBuffers, lpNumberOfBytesRecvd, lpFlags, lpOverlapped, lpCompletionRoutine);
        }
        WsaOverlapped structure = entry.isOverlapped() ? lpOverlapped : null;
        boolean counts = structure != null || lpNumberOfBytesRecvd != null;
        if (lpBuffers == null || !areSound(lpBuffers, true) || !counts) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        if (lpFlags != 0) {
            return caller.fail(Win32Error.WSAEOPNOTSUPP);
        }
        List<ByteBuffer> buffers = List.copyOf(lpBuffers);
        if (structure == null) {
            return Caller.received(
                    entry, receiveNow(entry, buffers, Objects.requireNonNull(lpNumberOfBytesRecvd), lpFrom));
        }
        int started = datagrams.receive(
                entry,
                new OverlappedCall(
                        "WSARecvFrom", OverlappedStructure.of(structure), lpCompletionRoutine, lpNumberOfBytesRecvd),
                false,
                datagram -> stored(datagram, buffers, lpFrom));
        return Caller.received(entry, started);
    }

    private int receiveNow(
            SocketEntry entry, List<ByteBuffer> buffers, OutUlong count, @Nullable Out<InetSocketAddress> from) {
        Out<ReceivedDatagram> received = Out.empty();
        Win32Error error = waiting.datagrams().take(entry, false, !entry.isNonBlocking(), received);
        ReceivedDatagram datagram = received.get();
        if (datagram == null) {
            return caller.fail(error);
        }
        OverlappedTurn.Result result = stored(datagram, buffers, from);
        count.set(result.bytes());
        return caller.result(result.error());
    }

    private static OverlappedTurn.Result stored(
            ReceivedDatagram datagram, List<ByteBuffer> buffers, @Nullable Out<InetSocketAddress> from) {
        if (from != null) {
            from.set(datagram.source());
        }
        ByteBuffer payload = datagram.payload();
        int bytes = MessageTransfer.scatter(payload, buffers);
        return payload.hasRemaining() ? OverlappedTurn.Result.cut(bytes) : OverlappedTurn.Result.of(bytes);
    }

    @Override
    public int wsaSendTo(
            SocketHandle s,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesSent,
            int dwFlags,
            @Nullable InetSocketAddress lpTo,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (entry.kernel().type() == SocketType.SOCK_STREAM) {
            return wsaSend(s, lpBuffers, lpNumberOfBytesSent, dwFlags, lpOverlapped, lpCompletionRoutine);
        }
        InetSocketAddress to = lpTo == null ? null : Caller.resolved(lpTo);
        DatagramCall call = new DatagramCall("WSASendTo", to, Win32Error.WSAEDESTADDRREQ);
        return sendDatagram(entry, call, lpBuffers, lpNumberOfBytesSent, dwFlags, lpOverlapped, lpCompletionRoutine);
    }

    /**
     * What sends a datagram.
     *
     * @param function its Windows name
     * @param to where to; null for the socket's peer
     * @param withoutPeer what it fails with if there is neither
     */
    private record DatagramCall(String function, @Nullable InetSocketAddress to, Win32Error withoutPeer) {}

    private int sendDatagram(
            SocketEntry entry,
            DatagramCall call,
            @Nullable List<ByteBuffer> lpBuffers,
            @Nullable OutUlong lpNumberOfBytesSent,
            int dwFlags,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        WsaOverlapped structure = entry.isOverlapped() ? lpOverlapped : null;
        if (lpBuffers == null || !areSound(lpBuffers, false) || (structure == null && lpNumberOfBytesSent == null)) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        if (dwFlags != 0) {
            return caller.fail(Win32Error.WSAEOPNOTSUPP);
        }
        List<ByteBuffer> buffers = List.copyOf(lpBuffers);
        MessageTransfer.Outgoing what =
                new MessageTransfer.Outgoing(MessageTransfer.gathered(buffers), call.to(), RedirectChain.empty());
        if (structure == null) {
            int sent = sendNow(
                    entry,
                    what,
                    buffers,
                    Objects.requireNonNull(lpNumberOfBytesSent, "judged before"),
                    call.withoutPeer());
            return caller.sent(entry, sent);
        }
        return datagrams.send(
                entry,
                new OverlappedCall(
                        call.function(), OverlappedStructure.of(structure), lpCompletionRoutine, lpNumberOfBytesSent),
                what,
                buffers,
                call.withoutPeer());
    }

    private int sendNow(
            SocketEntry entry,
            MessageTransfer.Outgoing what,
            List<ByteBuffer> buffers,
            OutUlong count,
            Win32Error withoutPeer) {
        int size = what.payload().remaining();
        Win32Error error = waiting.datagrams().send(entry, what.payload(), what.to(), what.records(), withoutPeer);
        if (error == Win32Error.NO_ERROR) {
            MessageTransfer.passOver(buffers);
            count.set(size);
        }
        return caller.result(error);
    }

    @Override
    public int wsaSendMsg(
            SocketHandle s,
            @Nullable WsaMsg lpMsg,
            int dwFlags,
            @Nullable OutUlong lpNumberOfBytesSent,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        requireResolved(lpMsg);
        if (lpOverlapped == null || !entry.isOverlapped()) {
            return caller.sent(
                    entry, caller.result(waiting.messages().send(entry, lpMsg, dwFlags, lpNumberOfBytesSent)));
        }
        Out<MessageTransfer.Outgoing> judged = Out.empty();
        Win32Error refusal = waiting.messages().judge(entry, lpMsg, dwFlags, judged);
        MessageTransfer.Outgoing what = judged.get();
        if (what == null || lpMsg == null) {
            return caller.fail(refusal);
        }
        return datagrams.send(
                entry,
                new OverlappedCall(
                        "WSASendMsg", OverlappedStructure.of(lpOverlapped), lpCompletionRoutine, lpNumberOfBytesSent),
                what,
                List.copyOf(lpMsg.lpBuffers()),
                Win32Error.WSAENOTCONN);
    }

    private static void requireResolved(@Nullable WsaMsg message) {
        Out<InetSocketAddress> name = message == null ? null : message.name();
        InetSocketAddress destination = name == null ? null : name.get();
        if (destination != null) {
            Caller.resolved(destination);
        }
    }

    /** WSARecvMsg, which only its pointer reaches. */
    int wsaRecvMsg(
            SocketHandle s,
            @Nullable WsaMsg lpMsg,
            @Nullable OutUlong lpdwNumberOfBytesRecvd,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (lpOverlapped == null || !entry.isOverlapped()) {
            return Caller.received(
                    entry, caller.result(waiting.messages().receive(entry, lpMsg, lpdwNumberOfBytesRecvd)));
        }
        Win32Error refusal = MessageTransfer.refusalToReceive(lpMsg);
        if (refusal != Win32Error.NO_ERROR || lpMsg == null) {
            return caller.fail(refusal);
        }
        if (lpMsg.dwFlags() != 0) {
            return caller.fail(Win32Error.WSAEOPNOTSUPP);
        }
        WsaMsg given = MessageTransfer.copyOf(lpMsg);
        return datagrams.receive(
                entry,
                new OverlappedCall(
                        "WSARecvMsg",
                        OverlappedStructure.of(lpOverlapped),
                        lpCompletionRoutine,
                        lpdwNumberOfBytesRecvd),
                true,
                datagram -> {
                    OutUlong bytes = new OutUlong();
                    Win32Error error = MessageTransfer.store(datagram, given, bytes);
                    lpMsg.setControl(lpMsg.controlBuf(), given.controlLen()).setDwFlags(given.dwFlags());
                    return error == Win32Error.NO_ERROR
                            ? OverlappedTurn.Result.of(bytes.value())
                            : OverlappedTurn.Result.cut(bytes.value());
                });
    }

    /** Begins a call and lets it take its turn. */
    int start(SocketEntry entry, OverlappedCall call, Turns turns, Function<OverlappedRequest, OverlappedTurn> turn) {
        OverlappedRequest request = begin(entry, call.overlapped(), call.routine(), call.function());
        return request == null
                ? caller.fail(Win32Error.WSA_INVALID_PARAMETER)
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
        return caller.fail(Win32Error.WSA_IO_PENDING);
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
        boolean succeeded = now.error() == Win32Error.NO_ERROR;
        if (!succeeded && !now.isWarning()) {
            return caller.fail(request.refuse(now.error()));
        }
        if (transferred != null) {
            transferred.set(now.bytes());
        }
        return caller.result(succeeded ? request.succeedNow(now.bytes()) : request.warnNow(now));
    }

    // ---- connections

    @Override
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

    @Override
    public boolean acceptEx(
            SocketHandle sListenSocket,
            SocketHandle sAcceptSocket,
            @Nullable ByteBuffer lpOutputBuffer,
            int dwReceiveDataLength,
            int dwLocalAddressLength,
            int dwRemoteAddressLength,
            @Nullable OutUlong lpdwBytesReceived,
            @Nullable WsaOverlapped lpOverlapped) {
        Caller.checked(sAcceptSocket);
        SocketEntry listener = caller.findOnline(sListenSocket);
        if (listener == null) {
            return false;
        }
        AcceptExBuffer buffer = new AcceptExBuffer(dwReceiveDataLength, dwLocalAddressLength, dwRemoteAddressLength);
        Win32Error refusal = buffer.refusal(lpOutputBuffer, listener.kernel().family());
        if (refusal != Win32Error.NO_ERROR || lpOutputBuffer == null) {
            return caller.result(refusal) == 0;
        }
        return connections.accept(
                sListenSocket, sAcceptSocket, buffer.arrivalIn(lpOutputBuffer), lpdwBytesReceived, lpOverlapped);
    }

    @Override
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

    @Override
    public boolean connectEx(SocketHandle s, @Nullable InetSocketAddress name, @Nullable WsaOverlapped lpOverlapped) {
        return connections.connect(s, name, ByteBuffer.allocate(0), lpOverlapped);
    }

    @Override
    public boolean connectEx(
            SocketHandle s,
            @Nullable InetSocketAddress name,
            @Nullable ByteBuffer lpSendBuffer,
            int dwSendDataLength,
            @Nullable OutUlong lpdwBytesSent,
            @Nullable WsaOverlapped lpOverlapped) {
        ByteBuffer data = lpSendBuffer == null ? ByteBuffer.allocate(0) : lpSendBuffer;
        long size = lpSendBuffer == null ? 0 : Integer.toUnsignedLong(dwSendDataLength);
        if (caller.findOnline(s) == null) {
            return false;
        }
        return size > data.remaining()
                ? caller.result(Win32Error.WSAEFAULT) == 0
                : connections.connect(s, name, data.slice(data.position(), (int) size), lpOverlapped);
    }

    // ---- cancelling

    @Override
    public boolean cancelIoEx(SocketHandle s, @Nullable WsaOverlapped lpOverlapped) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return false;
        }
        boolean any = entry.pending().stream()
                .filter(request -> lpOverlapped == null || request.isOf(lpOverlapped))
                .map(OverlappedRequest::askToEnd)
                .toList()
                .contains(true);
        if (!any) {
            caller.fail(Win32Error.ERROR_NOT_FOUND);
        }
        return any;
    }

    @Override
    public boolean cancelIo(SocketHandle s) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return false;
        }
        process.cancelOwn(entry.pending());
        return true;
    }
}
