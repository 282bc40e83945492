package io.github.wfpsim.stack;

import io.github.wfpsim.machine.PendingRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request of a door that waits for its turn at a socket. Buffers are touched only while nobody else can end it.
 *
 * @param <R> how an attempt ends
 */
public abstract class RequestTurn<R> implements Turns.Turn {

    private final PendingRequest request;

    /** For a request that has not begun to wait. */
    protected RequestTurn(PendingRequest request) {
        this.request = request;
    }

    /** Does what can be done now; null if the socket is not ready to end the request. */
    public abstract @Nullable R tryNow();

    /** Ends the request, which this attempt has taken. */
    protected abstract void end(R outcome);

    /** Ends the request of an attempt that threw. */
    protected abstract void giveUp();

    /** Whether the socket was closed, so that nobody waits there any more. */
    protected abstract boolean isClosed();

    /** Goes on after the request began to wait, and was put where others find it. */
    public final void waitIn(Turns turns) {
        if (isClosed()) {
            // By another thread meanwhile, which did not see the request.
            request.cancel();
        }
        if (request.isInline()) {
            turns.pump();
        } else {
            turns.pumpLater();
        }
    }

    @Override
    public final boolean attempt() {
        if (!request.take()) {
            return true;
        }
        boolean done = false;
        try {
            R outcome = tryNow();
            done = true;
            if (outcome == null) {
                return giveBack();
            }
            end(outcome);
            return true;
        } finally {
            if (!done) {
                giveUp();
            }
        }
    }

    private boolean giveBack() {
        request.giveBack();
        if (isClosed()) {
            request.cancel();
        }
        return request.isOver();
    }
}
