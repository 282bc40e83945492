package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAcceptEvent;
import io.github.wfpsim.wsk.WskEventFlags;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells a listener's callback of connections, when no accept IRP waits (WSKS-14). Its turns come one at a time. */
final class ListenEvents implements Turns.Turn {

    private final KernelSocket socket;
    private final SocketEvents events;
    private final @Nullable WskAcceptEvent acceptEvent;
    private final Turns turns;

    ListenEvents(KernelSocket socket, SocketEvents events, @Nullable WskAcceptEvent acceptEvent, Turns turns) {
        this.socket = socket;
        this.events = events;
        this.acceptEvent = acceptEvent;
        this.turns = turns;
    }

    /** Looks for what has come, after the event was switched on. */
    void start() {
        turns.setLast(this);
        turns.pumpLater();
    }

    void stop() {
        turns.clearLast(this);
    }

    @Override
    public boolean attempt() {
        WskAcceptEvent event = acceptEvent;
        if (event == null || !events.callbacks().isEnabled(WskEventFlags.WSK_EVENT_ACCEPT)) {
            stop();
            return true;
        }
        if (!socket.stack().isReadyToAccept(socket.transport())) {
            return false;
        }
        if (turns.someoneWaits()) {
            return true;
        }
        Out<HostSocket> accepted = Out.empty();
        NtStatus status = socket.stack().tryAccept(socket.transport(), accepted);
        HostSocket connection = accepted.get();
        if (status == NtStatus.STATUS_DEVICE_NOT_READY) {
            return false;
        }
        if (connection == null) {
            events.listenerDied();
        } else {
            offer(event, connection);
        }
        return true;
    }

    private void offer(WskAcceptEvent event, HostSocket connection) {
        KernelConnectionSocket accepted = socket.accepted(connection);
        // What it has from the start is what the listener had when it came (WSKS-16).
        int inherited = events.inherited();
        Loan loan = new Loan(socket.client());
        Out<Object> context = Out.empty();
        Out<WskClientConnectionDispatch> callbacks = Out.empty();
        NtStatus[] answer = {NtStatus.STATUS_REQUEST_NOT_ACCEPTED};
        try {
            events.call(
                    WskEventFlags.WSK_EVENT_ACCEPT,
                    listenerContext -> answer[0] = event.accepted(
                            listenerContext,
                            events.levelFlag(),
                            loan.address(Objects.requireNonNull(connection.localAddress())),
                            loan.address(Objects.requireNonNull(connection.remoteAddress())),
                            accepted,
                            context,
                            callbacks));
        } finally {
            loan.end();
            if (answer[0] == NtStatus.STATUS_SUCCESS) {
                accepted.events().adopt(context.get(), callbacks.get());
                accepted.events().inherit(inherited);
            } else {
                accepted.abandon();
            }
        }
    }

    /** The listener no longer works. */
    void tellDied() {
        WskAcceptEvent event = acceptEvent;
        if (event != null) {
            events.call(
                    WskEventFlags.WSK_EVENT_ACCEPT,
                    context -> event.accepted(context, events.levelFlag(), null, null, null, Out.empty(), Out.empty()));
        }
    }
}
