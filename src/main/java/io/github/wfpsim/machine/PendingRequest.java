package io.github.wfpsim.machine;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * A call whose end may come after its return, as its provider sees it: answered at once, or let wait until somebody takes
 * it and ends it.
 *
 * <p>Who gets to end it is settled by one compare-and-set, so that completion, cancellation and close may come from any
 * thread at once. Nothing is called with a lock held. What the caller hears of the end is up to the subclasses.
 *
 * <p>Requirements: IRP-13 to IRP-16, WSA-54, WSA-55, IOCP-09.
 */
public abstract class PendingRequest {

    private enum State {
        /** The provider looks at its arguments, on the caller's thread. */
        STARTED,
        /** It can be ended or cancelled, from any thread. */
        PENDING,
        /** Somebody has won the right to end it. */
        TAKEN,
        /** The outcome stands; the caller hears of it, or is about to. */
        FINISHED
    }

    private static final AtomicReferenceFieldUpdater<PendingRequest, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(PendingRequest.class, State.class, "state");

    private final String function;
    private final boolean inline;
    private volatile State state = State.STARTED;
    private volatile boolean unwanted;
    private volatile Runnable cancelHook = () -> {};

    /**
     * Creates a request that has just been made.
     *
     * @param function Windows name of the function that was called
     * @param inline whether it is to end before the call returns, if it can
     */
    protected PendingRequest(String function, boolean inline) {
        this.function = function;
        this.inline = inline;
    }

    /** {@return the Windows name of the function that made the call} */
    public final String function() {
        return function;
    }

    /** {@return whether the call is to end before it returns, if it can (WSK-42, WSA-48)} */
    public final boolean isInline() {
        return inline;
    }

    // ---- answering at once

    /** The call ends before it returns. */
    protected final void answer() {
        advance(State.STARTED, State.FINISHED);
    }

    /** The call ends before it returns, unless that was said before, or it waits; true if so. */
    protected final boolean answerUnlessAnswered() {
        return STATE.compareAndSet(this, State.STARTED, State.FINISHED);
    }

    // ---- waiting

    /**
     * Lets the call wait. To be called before the request is put where another thread finds it; if {@link #isOver()}
     * afterwards, it was cancelled already.
     *
     * @param hook takes the request out of the provider's queue; run on the thread that cancels, before the end is told
     */
    protected final void letWait(Runnable hook) {
        onCancelRun(hook);
        becomePending(State.STARTED);
    }

    /**
     * Changes what a cancellation does, when the call waits for something else from now on. If it was cancelled before,
     * that is done at once.
     *
     * @param hook as for waiting
     */
    public final void onCancel(Runnable hook) {
        onCancelRun(hook);
        if (unwanted) {
            hook.run();
        }
    }

    private void onCancelRun(Runnable hook) {
        this.cancelHook = Objects.requireNonNull(hook, "hook must not be null: give a no-op");
    }

    /** Called before the request begins to wait, and before it waits on after it was given back. */
    protected void beforeWaiting() {}

    /** Whether the caller asked for cancellation in a way of its own, while nobody could be cancelled. */
    protected boolean isCancelAsked() {
        return false;
    }

    private void becomePending(State now) {
        beforeWaiting();
        advance(now, State.PENDING);
        if (unwanted || isCancelAsked()) {
            cancel();
        }
    }

    /**
     * Wins the right to end a waiting request, before data is moved for it. The winner has to end it or to {@link
     * #giveBack} it.
     *
     * @return false if it was ended, taken or cancelled before
     */
    public boolean take() {
        return win();
    }

    private boolean win() {
        if (!STATE.compareAndSet(this, State.PENDING, State.TAKEN)) {
            return false;
        }
        afterTaking();
        return true;
    }

    /** Called by whoever has just won the right to end the request. */
    protected void afterTaking() {}

    /**
     * Gives back what {@link #take} won: the request waits on, for data that has not come yet. A cancellation that came
     * meanwhile takes effect now.
     */
    public final void giveBack() {
        becomePending(State.TAKEN);
    }

    // ---- ending

    /** The outcome stands, after {@link #take}. */
    protected final void end() {
        advance(State.TAKEN, State.FINISHED);
    }

    /** Ends a request that was taken in order to cancel it. */
    protected abstract void endCancelled();

    /**
     * Cancels the request, as the caller and the close of a socket do. One that somebody just tries is cancelled when it is
     * given back, unless it ends well.
     *
     * @return false if it was not cancelled by this call
     */
    public final boolean cancel() {
        unwanted = true;
        if (!win()) {
            return false;
        }
        try {
            cancelHook.run();
        } finally {
            endCancelled();
        }
        return true;
    }

    /** {@return whether it is settled how the call ends, unless who took it gives it back} */
    public final boolean isOver() {
        return state == State.TAKEN || isFinished();
    }

    /** {@return whether the outcome stands; false while somebody just tries to end the call} */
    public final boolean isFinished() {
        return state == State.FINISHED;
    }

    private void advance(State from, State to) {
        if (!STATE.compareAndSet(this, from, to)) {
            throw new IllegalStateException(function + " is " + state + " but should be " + from);
        }
    }
}
