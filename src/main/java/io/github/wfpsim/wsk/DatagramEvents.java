package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskClientDatagramDispatch.WskReceiveFromEvent;
import org.jspecify.annotations.Nullable;

/** Tells a datagram socket's callback of datagrams, when no receive IRP waits. Its turns come one at a time. */
final class DatagramEvents implements Turns.Turn {

    private final EventHost host;
    private final SocketEvents socket;
    private final WskReceiveFromEvent event;
    private final Turns turns;

    DatagramEvents(EventHost host, SocketEvents socket, WskReceiveFromEvent event, Turns turns) {
        this.host = host;
        this.socket = socket;
        this.event = event;
        this.turns = turns;
    }

    /** Looks for what has come, after the event was switched on. */
    void start() {
        turns.setLast(this);
        turns.pumpLater();
    }

    @Override
    public boolean attempt() {
        if (!socket.callbacks().isEnabled(WskEventFlags.WSK_EVENT_RECEIVE_FROM)) {
            turns.clearLast(this);
            return true;
        }
        Out<ReceivedDatagram> received = Out.empty();
        NtStatus status = socket.inbox().tryReceive(true, received);
        ReceivedDatagram datagram = received.get();
        if (status == NtStatus.STATUS_DEVICE_NOT_READY) {
            return false;
        }
        if (datagram != null && turns.someoneWaits()) {
            // A receive that was there before the datagram.
            socket.inbox().giveBack(datagram);
        } else if (datagram != null) {
            offer(datagram);
        } else if (status != NtStatus.STATUS_PORT_UNREACHABLE) {
            turns.clearLast(this);
            call(null, new Answer());
        }
        return true;
    }

    private void offer(ReceivedDatagram datagram) {
        Loan loan = socket.loans().open();
        Answer answer = new Answer();
        try {
            call(
                    new WskDatagramIndication(
                            loan,
                            loan.copy(datagram.payload().duplicate()),
                            datagram.source(),
                            ControlWriter.bufferOf(datagram.control().toArray(new ControlMessage[0]))),
                    answer);
        } finally {
            if (!answer.asked) {
                // Just switched off: that is no refusal.
                socket.inbox().giveBack(datagram);
            } else if (answer.status != NtStatus.STATUS_PENDING && answer.status != NtStatus.STATUS_SUCCESS) {
                refused(datagram);
            }
            socket.loans().returned(loan, answer.status);
        }
    }

    private static final class Answer {

        private NtStatus status = NtStatus.STATUS_DATA_NOT_ACCEPTED;
        private boolean asked;
    }

    /** A static callback goes on with new datagrams; another one is switched off, and the datagram waits. */
    private void refused(ReceivedDatagram datagram) {
        if (!socket.isStatic(WskEventFlags.WSK_EVENT_RECEIVE_FROM)) {
            socket.inbox().giveBack(datagram);
            socket.callbacks().disable(WskEventFlags.WSK_EVENT_RECEIVE_FROM);
        }
    }

    private void call(@Nullable WskDatagramIndication indication, Answer answer) {
        socket.callbacks().call(WskEventFlags.WSK_EVENT_RECEIVE_FROM, () -> {
            answer.asked = true;
            answer.status = event.receivedFrom(socket.context(), host.levelFlag(), indication);
        });
    }
}
