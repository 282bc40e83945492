package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.StreamResetException;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientConnectionDispatch.WskDisconnectEvent;
import io.github.wfpsim.wsk.WskClientConnectionDispatch.WskReceiveEvent;
import io.github.wfpsim.wsk.WskDataIndication;
import io.github.wfpsim.wsk.WskEventFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Tells a connection's callbacks of data and its end, when no receive IRP waits (WSKS-24). Its turns come one at a time.
 */
final class ConnectionEvents implements Turns.Turn {

    /** Bytes of one piece: the TCP payload of an Ethernet frame. */
    private static final int SEGMENT_BYTES = 1460;

    private final SocketEvents events;
    private final WskClientConnectionDispatch dispatch;
    private final Inflow inflow;
    private final DuplexStream stream;
    private final Turns turns;

    /** Whether a callback took less than all, so that the next one waits for WskReceive. */
    private volatile boolean paused;

    private boolean endTold;
    private boolean deathTold;

    ConnectionEvents(
            SocketEvents events,
            WskClientConnectionDispatch dispatch,
            Inflow inflow,
            DuplexStream stream,
            Turns turns) {
        this.events = events;
        this.dispatch = dispatch;
        this.inflow = inflow;
        this.stream = stream;
        this.turns = turns;
    }

    /** Looks for what has come, after events were switched on. */
    void start() {
        turns.setLast(this);
        turns.pumpLater();
    }

    /** Goes on after a WskReceive. */
    void resume() {
        paused = false;
        start();
    }

    @Override
    public boolean attempt() {
        try {
            return isReceiving() ? indicate() : watch();
        } catch (StreamResetException reset) {
            died();
        } catch (IOException endedHere) {
            // This side has ended it, which is no event.
            turns.clearLast(this);
        }
        return true;
    }

    private boolean isReceiving() {
        return !paused
                && dispatch.wskReceiveEvent() != null
                && events.callbacks().isEnabled(WskEventFlags.WSK_EVENT_RECEIVE);
    }

    /** Offers what is there; false if there is nothing. */
    private boolean indicate() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(Inflow.MOST_BYTES);
        int count = inflow.tryRead(stream, chunk);
        if (count < 0) {
            ended();
        } else if (count > 0 && turns.someoneWaits()) {
            // A receive that was there before the data.
            inflow.giveBack(chunk.flip());
        } else if (count > 0) {
            offer(chunk.flip());
        }
        return count != 0;
    }

    /** Takes data out of the way, to see the end behind it. */
    private boolean watch() throws IOException {
        int count = inflow.pull(stream);
        if (count < 0 && inflow.isEmpty()) {
            ended();
        } else if (count < 0 || inflow.isFull()) {
            // Until somebody has received what waits.
            turns.clearLast(this);
        }
        return count != 0 || inflow.isFull();
    }

    private void offer(ByteBuffer bytes) {
        WskReceiveEvent event = dispatch.wskReceiveEvent();
        int indicated = bytes.remaining();
        Loan loan = events.loans().open();
        WskDataIndication list = list(loan, bytes.duplicate());
        Out<Long> accepted = Out.empty();
        accepted.set((long) indicated);
        EventReply reply = new EventReply();
        try {
            events.call(WskEventFlags.WSK_EVENT_RECEIVE, context -> {
                reply.ask();
                if (event != null) {
                    reply.is(event.received(context, events.levelFlag(), list, indicated, accepted));
                }
            });
        } finally {
            keepRest(bytes, taken(reply.status(), accepted.get(), indicated), reply.wasAsked());
            events.loans().returned(loan, reply.status());
        }
    }

    /** How much of what was shown the callback has taken. */
    private static int taken(NtStatus status, @Nullable Long accepted, int indicated) {
        if (status == NtStatus.STATUS_PENDING) {
            return indicated;
        }
        if (status != NtStatus.STATUS_SUCCESS) {
            return 0;
        }
        return accepted == null ? indicated : (int) Math.max(0, Math.min(accepted, indicated));
    }

    /** Only a callback that was asked has refused: one that was just switched off goes on when it is on again. */
    private void keepRest(ByteBuffer bytes, int taken, boolean asked) {
        if (taken < bytes.remaining()) {
            paused |= asked;
            inflow.giveBack(bytes.position(bytes.position() + taken));
        }
    }

    private static @Nullable WskDataIndication list(Loan loan, ByteBuffer bytes) {
        ArrayDeque<ByteBuffer> segments = new ArrayDeque<>();
        while (bytes.hasRemaining()) {
            int size = Math.min(bytes.remaining(), SEGMENT_BYTES);
            segments.push(bytes.slice().limit(size));
            bytes.position(bytes.position() + size);
        }
        WskDataIndication list = null;
        while (!segments.isEmpty()) {
            list = new LentData(loan, loan.copy(segments.pop()), list);
        }
        return list;
    }

    private void ended() {
        turns.clearLast(this);
        if (!endTold) {
            endTold = tellDisconnected(0);
        }
    }

    private void died() {
        turns.clearLast(this);
        if (deathTold) {
            return;
        }
        deathTold = true;
        tellDisconnected(WskEventFlags.WSK_FLAG_ABORTIVE);
        WskReceiveEvent event = dispatch.wskReceiveEvent();
        if (event != null) {
            events.call(
                    WskEventFlags.WSK_EVENT_RECEIVE,
                    context -> event.received(context, events.levelFlag(), null, 0, Out.empty()));
        }
    }

    private boolean tellDisconnected(int flags) {
        WskDisconnectEvent event = dispatch.wskDisconnectEvent();
        return event != null
                && events.call(
                        WskEventFlags.WSK_EVENT_DISCONNECT,
                        context -> event.disconnected(context, flags | events.levelFlag()));
    }
}
