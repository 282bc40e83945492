package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.machine.LateOutcome;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.SocketRequest;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * AcceptEx and ConnectEx.
 *
 * <p>Source: AcceptEx function, LPFN_CONNECTEX (SDK). Requirements: IOCP-07, IOCP-08, OVL-01 to OVL-08.
 */
final class OverlappedConnections {

    private final HostStack stack;
    private final Caller caller;
    private final OverlappedDoor door;
    private final ErrorTranslation errors;

    OverlappedConnections(HostStack stack, Caller caller, OverlappedDoor door, ErrorTranslation errors) {
        this.stack = stack;
        this.caller = caller;
        this.door = door;
        this.errors = errors;
    }

    /**
     * Where AcceptEx leaves what came.
     *
     * @param data room for first data; without room none is waited for
     * @param addresses takes the local address and the peer's
     */
    record Arrival(ByteBuffer data, BiConsumer<InetSocketAddress, InetSocketAddress> addresses) {

        static Arrival of(@Nullable Out<InetSocketAddress> local, @Nullable Out<InetSocketAddress> remote) {
            return new Arrival(ByteBuffer.allocate(0), (here, there) -> {
                if (local != null) {
                    local.set(here);
                }
                if (remote != null) {
                    remote.set(there);
                }
            });
        }
    }

    // ---- AcceptEx

    boolean accept(
            SocketHandle listening,
            SocketHandle accepting,
            Arrival arrival,
            @Nullable OutUlong received,
            @Nullable WsaOverlapped overlapped) {
        SocketEntry listener = caller.findOnline(listening);
        SocketEntry fresh = listener == null ? null : caller.findOnline(accepting);
        if (listener == null || fresh == null) {
            return false;
        }
        Turns turns = listener.accepts(() -> stack.accepts(listener.kernel()));
        boolean fit = fresh.kernel().isFresh() && fresh.kernel().type() == SocketType.SOCK_STREAM;
        if (overlapped == null || turns == null || !fit) {
            return caller.result(overlapped == null ? Win32Error.WSAEFAULT : Win32Error.WSAEINVAL) == 0;
        }
        OverlappedRequest request = door.begin(listener, OverlappedStructure.of(overlapped), null, "AcceptEx");
        if (request == null) {
            return caller.result(Win32Error.WSA_INVALID_PARAMETER) == 0;
        }
        if (!fresh.reserveFor(request)) {
            return caller.result(request.refuse(Win32Error.WSAEINVAL)) == 0;
        }
        int started = door.start(listener, request, turns, new Accept(listener, fresh, request, arrival), received);
        listener.enable(WsaNetworkEvents.FD_ACCEPT);
        return started == 0;
    }

    /** Waits for a connection, then with room for data for that. */
    private final class Accept extends OverlappedTurn {

        private final SocketEntry listener;
        private final SocketEntry fresh;
        private final OverlappedRequest request;
        private final Arrival arrival;
        private @Nullable OverlappedTurn firstData;

        Accept(SocketEntry listener, SocketEntry fresh, OverlappedRequest request, Arrival arrival) {
            super(listener, request);
            this.listener = listener;
            this.fresh = fresh;
            this.request = request;
            this.arrival = arrival;
        }

        @Override
        public @Nullable Result tryNow() {
            if (fresh.isClosed() || !fresh.kernel().isFresh()) {
                return fresh.isClosed()
                        ? Result.aborted()
                        : Result.failed(NtStatus.STATUS_INVALID_PARAMETER, Win32Error.WSAEINVAL);
            }
            Out<HostSocket> connection = Out.empty();
            NtStatus status = stack.tryAcceptFor(fresh.kernel(), listener.kernel(), connection);
            HostSocket kernel = connection.get();
            if (kernel == null) {
                return status == NtStatus.STATUS_DEVICE_NOT_READY ? null : Result.failed(status, errors.of(status));
            }
            return arrived(kernel);
        }

        private Result arrived(HostSocket kernel) {
            // Read before other threads can find the connection, and close it.
            InetSocketAddress here = kernel.localAddress();
            InetSocketAddress there = kernel.remoteAddress();
            DuplexStream stream = kernel.stream();
            if (fresh.isClosed()) {
                // By another thread, which has not seen the connection.
                stack.close(kernel, true);
                return Result.aborted();
            }
            stack.drop(fresh.become(kernel));
            if (fresh.isClosed()) {
                // Meanwhile, by one that may have seen it.
                stack.close(kernel, false);
                return Result.aborted();
            }
            if (here == null || there == null || stream == null) {
                return Result.failed(NtStatus.STATUS_CONNECTION_ABORTED, Win32Error.WSAECONNABORTED);
            }
            arrival.addresses().accept(here, there);
            return arrival.data().hasRemaining() ? receiveFirst(stream) : Result.of(0);
        }

        private Result receiveFirst(DuplexStream stream) {
            OverlappedTurn receive =
                    new OverlappedStream.Receive(fresh, request, errors, stream, List.of(arrival.data()));
            firstData = receive;
            Result now = receive.tryNow();
            if (now == null) {
                return Result.moved();
            }
            boolean aborted = now.error() != Win32Error.NO_ERROR && fresh.isClosed();
            return aborted ? Result.aborted() : now;
        }

        /** The next accept need not wait for this one's data. */
        @Override
        void goOn() {
            DuplexStream stream = present(fresh.kernel().stream());
            Turns turns = present(fresh.receives(() -> stack.turns(stream::whenReadable)));
            OverlappedTurn receive = present(firstData);
            turns.add(receive);
            request.onCancel(() -> {
                turns.remove(receive);
                if (!fresh.isClosed()) {
                    // Nobody would hear of this connection any more; a close ends it in its own way.
                    stream.reset();
                }
            });
            turns.pumpLater();
        }
    }

    private static <T> T present(@Nullable T part) {
        return Objects.requireNonNull(part, "a connection has it");
    }

    // ---- ConnectEx

    boolean connect(
            SocketHandle s, @Nullable InetSocketAddress name, ByteBuffer data, @Nullable WsaOverlapped overlapped) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return false;
        }
        if (name == null || overlapped == null) {
            return caller.result(Win32Error.WSAEFAULT) == 0;
        }
        InetSocketAddress destination = Caller.resolved(name);
        if (entry.isReserved() || !entry.kernel().isBound() || entry.kernel().type() != SocketType.SOCK_STREAM) {
            return caller.result(Win32Error.WSAEINVAL) == 0;
        }
        OverlappedRequest request = door.begin(entry, OverlappedStructure.of(overlapped), null, "ConnectEx");
        if (request == null) {
            return caller.result(Win32Error.WSA_INVALID_PARAMETER) == 0;
        }
        SocketRequest connect = stack.connect(entry.kernel(), destination);
        int news = entry.connecting();
        LateOutcome<NtStatus> end = new LateOutcome<>();
        NtStatus refusal = null;
        try {
            refusal = connect.startUnlessRefused(end::set);
        } finally {
            // Also when a fault is thrown, or what a callout threw: the connect has its end all the same.
            if (refusal == null) {
                caller.fail(request.pend(connect::cancel));
                entry.track(request);
                end.whenSet(status -> connected(entry, request, data, status));
            } else {
                entry.notConnecting(news);
            }
        }
        return refusal != null && caller.result(request.refuse(errorOf(refusal))) == 0;
    }

    private void connected(SocketEntry entry, OverlappedRequest request, ByteBuffer data, NtStatus status) {
        if (status.isSuccess()) {
            entry.setWithoutContext(true);
        }
        if (status.isSuccess() && data.hasRemaining()) {
            send(entry, request, data);
            return;
        }
        door.later(() -> {
            if (request.take()) {
                request.finish(OverlappedTurn.Result.failed(status, errorOf(status)));
            }
        });
    }

    private Win32Error errorOf(NtStatus status) {
        return status == NtStatus.STATUS_CANCELLED ? Win32Error.WSA_OPERATION_ABORTED : errors.ofConnect(status);
    }

    private void send(SocketEntry entry, OverlappedRequest request, ByteBuffer data) {
        DuplexStream stream = present(entry.kernel().stream());
        Turns turns = present(entry.sends(() -> stack.turns(stream::whenWritable)));
        OverlappedTurn send = new OverlappedStream.Send(entry, request, errors, stream, List.of(data));
        request.onCancel(() -> turns.remove(send));
        turns.add(send);
        turns.pumpLater();
    }
}
