package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.Inspection;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAbortEvent;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAcceptEvent;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectEvent;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener's callbacks of connections, when no accept IRP waits (WSKS-14), and has them inspected before (WSKS-17).
 */
final class ListenEvents implements Turns.Turn {

    private final EventHost host;
    private final SocketEvents socket;
    private final WskClientListenDispatch dispatch;
    private final Map<WskInspectId, Inspection> inspected = new ConcurrentHashMap<>();
    private final AtomicInteger serials = new AtomicInteger();
    private final AtomicBoolean deathTold = new AtomicBoolean();
    private volatile @Nullable Turns turns;

    ListenEvents(EventHost host, SocketEvents socket, WskClientListenDispatch dispatch) {
        this.host = host;
        this.socket = socket;
        this.dispatch = dispatch;
    }

    boolean canInspect() {
        return dispatch.wskInspectEvent() != null;
    }

    // ---- accepting

    /** Looks for what has come, after the event was switched on. */
    void start(Turns accepts) {
        turns = accepts;
        accepts.setLast(this);
        accepts.pumpLater();
    }

    @Override
    public boolean attempt() {
        WskAcceptEvent event = dispatch.wskAcceptEvent();
        if (event == null || !socket.callbacks().isEnabled(WskEventFlags.WSK_EVENT_ACCEPT)) {
            stop();
            return true;
        }
        if (!host.stack().isReadyToAccept(socket.kernel())) {
            return false;
        }
        if (someoneWaits()) {
            return true;
        }
        Out<HostSocket> accepted = Out.empty();
        NtStatus status = host.stack().tryAccept(socket.kernel(), accepted);
        HostSocket connection = accepted.get();
        if (status == NtStatus.STATUS_DEVICE_NOT_READY) {
            return false;
        }
        if (connection == null) {
            died();
        } else {
            offer(event, connection);
        }
        return true;
    }

    private boolean someoneWaits() {
        Turns accepts = turns;
        return accepts != null && accepts.someoneWaits();
    }

    private void stop() {
        Turns accepts = turns;
        if (accepts != null) {
            accepts.clearLast(this);
        }
    }

    private void offer(WskAcceptEvent event, HostSocket connection) {
        SocketEvents.Accepted accepted = socket.accept(connection);
        Loan loan = new Loan(host);
        Out<Object> context = Out.empty();
        Out<WskClientConnectionDispatch> callbacks = Out.empty();
        NtStatus[] answer = {NtStatus.STATUS_REQUEST_NOT_ACCEPTED};
        try {
            socket.callbacks()
                    .call(
                            WskEventFlags.WSK_EVENT_ACCEPT,
                            () -> answer[0] = event.accepted(
                                    socket.context(),
                                    host.levelFlag(),
                                    ref(loan, connection.localAddress()),
                                    ref(loan, connection.remoteAddress()),
                                    accepted.socket(),
                                    context,
                                    callbacks));
        } finally {
            loan.end();
            if (answer[0] == NtStatus.STATUS_SUCCESS) {
                accepted.keep(context.get(), callbacks.get());
            } else {
                accepted.refuse();
            }
        }
    }

    private static SockaddrRef ref(Loan loan, @Nullable InetSocketAddress address) {
        return new SockaddrRef(loan, Objects.requireNonNull(address));
    }

    /** The listener no longer works: tells so once. */
    void died() {
        stop();
        if (!deathTold.compareAndSet(false, true)) {
            return;
        }
        WskAcceptEvent accept = dispatch.wskAcceptEvent();
        if (accept != null) {
            socket.callbacks()
                    .call(
                            WskEventFlags.WSK_EVENT_ACCEPT,
                            () -> accept.accepted(
                                    socket.context(), host.levelFlag(), null, null, null, Out.empty(), Out.empty()));
        }
        WskInspectEvent inspect = dispatch.wskInspectEvent();
        if (inspect != null) {
            socket.callbacks().call(Callbacks.INSPECTION, () -> inspect.inspect(socket.context(), null, null, null));
        }
    }

    // ---- inspecting

    /** A connection asks to be let in: the callback hears of it on the dispatcher. */
    void inspect(Inspection inspection) {
        WskInspectId id = new WskInspectId(socket.kernel().endpointHandle(), serials.incrementAndGet());
        inspected.put(id, inspection);
        inspection.whenAborted(() -> {
            if (inspected.remove(id) != null) {
                host.stack().dispatcher().offer(() -> tellAborted(id));
            }
        });
        if (!host.stack().dispatcher().offer(() -> ask(id, inspection))) {
            settle(id, false);
        }
    }

    private void ask(WskInspectId id, Inspection inspection) {
        WskInspectEvent event = dispatch.wskInspectEvent();
        if (event == null || !inspected.containsKey(id)) {
            return;
        }
        Loan loan = new Loan(host);
        WskInspectAction[] answer = {WskInspectAction.WskInspectReject};
        try {
            socket.callbacks()
                    .call(
                            Callbacks.INSPECTION,
                            () -> answer[0] = event.inspect(
                                    socket.context(),
                                    ref(loan, inspection.local()),
                                    ref(loan, inspection.remote()),
                                    id));
        } finally {
            loan.end();
            if (answer[0] != WskInspectAction.WskInspectPend) {
                settle(id, answer[0] == WskInspectAction.WskInspectAccept);
            }
        }
    }

    /** Ends an inspection; false if there is no such one. */
    boolean settle(WskInspectId id, boolean accept) {
        Inspection inspection = inspected.remove(id);
        if (inspection == null) {
            return false;
        }
        inspection.settle(accept);
        return true;
    }

    private void tellAborted(WskInspectId id) {
        WskAbortEvent event = dispatch.wskAbortEvent();
        if (event != null) {
            socket.callbacks().call(Callbacks.INSPECTION, () -> event.aborted(socket.context(), id));
        }
    }

    /** The listener closes: whoever still waits is refused. */
    void close() {
        stop();
        List.copyOf(inspected.keySet()).forEach(id -> settle(id, false));
    }
}
