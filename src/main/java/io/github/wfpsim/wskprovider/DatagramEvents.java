package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.trace.DropReason;
import io.github.wfpsim.wsk.WskClientDatagramDispatch.WskReceiveFromEvent;
import io.github.wfpsim.wsk.WskDatagramIndication;
import io.github.wfpsim.wsk.WskEventFlags;
import org.jspecify.annotations.Nullable;

/** Tells a datagram socket's callback of datagrams, when no receive IRP waits. Its turns come one at a time. */
final class DatagramEvents implements Turns.Turn {

    private final SocketEvents events;
    private final WskReceiveFromEvent event;
    private final Turns turns;

    DatagramEvents(SocketEvents events, WskReceiveFromEvent event, Turns turns) {
        this.events = events;
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
        if (!events.callbacks().isEnabled(WskEventFlags.WSK_EVENT_RECEIVE_FROM)) {
            turns.clearLast(this);
            return true;
        }
        Out<ReceivedDatagram> received = Out.empty();
        NtStatus status = events.inbox().tryReceive(true, received);
        ReceivedDatagram datagram = received.get();
        if (status == NtStatus.STATUS_DEVICE_NOT_READY) {
            return false;
        }
        if (datagram != null && turns.someoneWaits()) {
            // A receive that was there before the datagram.
            events.inbox().giveBack(datagram);
        } else if (datagram != null) {
            offer(datagram);
        } else if (status != NtStatus.STATUS_PORT_UNREACHABLE) {
            turns.clearLast(this);
            call(null, new EventReply());
        }
        return true;
    }

    private void offer(ReceivedDatagram datagram) {
        Loan loan = events.loans().open();
        EventReply reply = new EventReply();
        try {
            call(
                    new LentDatagram(
                            loan,
                            loan.copy(datagram.payload().duplicate()),
                            datagram.source(),
                            ControlWriter.bufferOf(datagram.control().toArray(new ControlMessage[0]))),
                    reply);
        } finally {
            if (!reply.wasAsked()) {
                // Just switched off: that is no refusal.
                events.inbox().giveBack(datagram);
            } else if (reply.status() != NtStatus.STATUS_PENDING && reply.status() != NtStatus.STATUS_SUCCESS) {
                refused(datagram);
            }
            events.loans().returned(loan, reply.status());
        }
    }

    /** A static callback goes on with new datagrams; another one is switched off, and the datagram waits. */
    private void refused(ReceivedDatagram datagram) {
        if (!events.isStatic(WskEventFlags.WSK_EVENT_RECEIVE_FROM)) {
            events.inbox().giveBack(datagram);
            events.callbacks().disable(WskEventFlags.WSK_EVENT_RECEIVE_FROM);
        } else {
            events.inbox().lost(datagram, DropReason.CALLBACK_REFUSED);
        }
    }

    private void call(@Nullable WskDatagramIndication indication, EventReply reply) {
        events.call(WskEventFlags.WSK_EVENT_RECEIVE_FROM, context -> {
            reply.ask();
            reply.is(event.receivedFrom(context, events.levelFlag(), indication));
        });
    }
}
