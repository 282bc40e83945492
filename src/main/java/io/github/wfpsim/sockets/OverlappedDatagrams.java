package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.machine.LateOutcome;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.SocketRequest;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.winsock.Winsock;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Overlapped receives and sends of datagrams, once their arguments were judged.
 *
 * <p>Source: WSARecvFrom function, WSASendTo function, LPFN_WSARECVMSG, WSASendMsg function (SDK). Requirements: OVL-09 to
 * OVL-13.
 */
final class OverlappedDatagrams {

    private final HostStack stack;
    private final Caller caller;
    private final OverlappedDoor door;
    private final ErrorTranslation errors;

    OverlappedDatagrams(HostStack stack, Caller caller, OverlappedDoor door, ErrorTranslation errors) {
        this.stack = stack;
        this.caller = caller;
        this.door = door;
        this.errors = errors;
    }

    // ---- receiving

    /** Lets a receive take its turn; what comes goes where the call wants it. */
    int receive(
            SocketEntry entry,
            OverlappedCall call,
            boolean takesControl,
            Function<ReceivedDatagram, OverlappedTurn.Result> store) {
        Turns turns = entry.receives(() -> stack.datagrams().receives(entry.kernel()));
        if (turns == null) {
            return caller.fail(Win32Error.WSAEOPNOTSUPP);
        }
        if (!entry.kernel().isBound()) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        return door.start(entry, call, turns, request -> new Receive(entry, request, takesControl, store));
    }

    private final class Receive extends OverlappedTurn {

        private final SocketEntry entry;
        private final boolean takesControl;
        private final Function<ReceivedDatagram, Result> store;

        Receive(
                SocketEntry entry,
                OverlappedRequest request,
                boolean takesControl,
                Function<ReceivedDatagram, Result> store) {
            super(entry, request);
            this.entry = entry;
            this.takesControl = takesControl;
            this.store = store;
        }

        @Override
        public @Nullable Result tryNow() {
            Out<ReceivedDatagram> received = Out.empty();
            NtStatus status = stack.datagrams().tryReceive(entry.kernel(), takesControl, received);
            ReceivedDatagram datagram = received.get();
            if (datagram != null) {
                return store.apply(datagram);
            }
            return status == NtStatus.STATUS_DEVICE_NOT_READY ? null : Result.failed(status, errors.ofReceive(status));
        }
    }

    // ---- sending

    /** Starts a send; the buffers' positions move behind what was sent when it has succeeded. */
    int send(
            SocketEntry entry,
            OverlappedCall call,
            MessageTransfer.Outgoing what,
            List<? extends @Nullable ByteBuffer> buffers,
            Win32Error withoutPeer) {
        OverlappedRequest request = door.begin(entry, call.overlapped(), call.routine(), call.function());
        if (request == null) {
            return caller.fail(Win32Error.WSA_INVALID_PARAMETER);
        }
        int size = what.payload().remaining();
        LateOutcome<NtStatus> end = new LateOutcome<>();
        SocketRequest send = null;
        boolean started = false;
        NtStatus known;
        try {
            send = stack.datagrams().send(entry.kernel(), what.payload(), what.to(), what.records());
            known = send.startUnlessRefused(end::set);
            started = true;
        } finally {
            if (!started && send == null) {
                request.refuse(Win32Error.WSAECONNABORTED);
            } else if (!started && send != null) {
                // A fault is thrown, or what a callout threw: the send has its end all the same.
                goOn(entry, request, send, end, size, buffers, withoutPeer);
            }
        }
        if (known != null && !known.isSuccess()) {
            return caller.fail(request.refuse(error(known, withoutPeer)));
        }
        if (known != null) {
            end.set(known);
        }
        NtStatus now = request.isInline() ? end.now() : null;
        return now == null
                ? goOn(entry, request, send, end, size, buffers, withoutPeer)
                : endNow(request, call, now, size, buffers, withoutPeer);
    }

    /** Lets the call wait for the end of its send. */
    private int goOn(
            SocketEntry entry,
            OverlappedRequest request,
            SocketRequest send,
            LateOutcome<NtStatus> end,
            int size,
            List<? extends @Nullable ByteBuffer> buffers,
            Win32Error withoutPeer) {
        caller.fail(request.pend(send::cancel));
        entry.track(request);
        end.whenSet(status -> door.later(() -> {
            if (request.take()) {
                end(request, status, size, buffers, withoutPeer);
            }
        }));
        if (entry.isClosed()) {
            // Closed by another thread meanwhile, which did not see the request.
            request.cancel();
        }
        return Winsock.SOCKET_ERROR;
    }

    private int endNow(
            OverlappedRequest request,
            OverlappedCall call,
            NtStatus status,
            int size,
            List<? extends @Nullable ByteBuffer> buffers,
            Win32Error withoutPeer) {
        if (!status.isSuccess()) {
            return caller.fail(request.refuse(error(status, withoutPeer)));
        }
        MessageTransfer.passOver(buffers);
        OutUlong transferred = call.transferred();
        if (transferred != null) {
            transferred.set(size);
        }
        return caller.result(request.succeedNow(size));
    }

    private void end(
            OverlappedRequest request,
            NtStatus status,
            int size,
            List<? extends @Nullable ByteBuffer> buffers,
            Win32Error withoutPeer) {
        if (status.isSuccess()) {
            MessageTransfer.passOver(buffers);
            request.finish(OverlappedTurn.Result.of(size));
        } else {
            request.finish(OverlappedTurn.Result.failed(status, error(status, withoutPeer)));
        }
    }

    private Win32Error error(NtStatus status, Win32Error withoutPeer) {
        return switch (status) {
            case STATUS_CONNECTION_INVALID -> withoutPeer;
            case STATUS_CANCELLED -> Win32Error.WSA_OPERATION_ABORTED;
            default -> errors.ofSend(status);
        };
    }
}
