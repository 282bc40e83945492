package io.github.wfpsim.stack;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who waits at one side of a socket, first in first out: accepts, receives or sends. Only the first one tries, and only
 * when the socket may be ready. The private lock guards the queue; nobody is called inside it.
 */
public final class Turns {

    /** One who waits. */
    public interface Turn {

        /**
         * Tries to end. Called by one thread at a time.
         *
         * @return true if it is over, well or not; false if the socket is not ready for it
         */
        boolean attempt();
    }

    private final Consumer<Runnable> whenReady;
    private final Executor dispatcher;
    private final Object lock = new Object();
    private final ArrayDeque<Turn> waiting = new ArrayDeque<>(1);
    private @Nullable Turn last;
    private boolean pumping;
    private boolean again;
    private boolean watching;

    /**
     * Creates an empty queue.
     *
     * @param whenReady calls once when the socket may be ready
     * @param dispatcher runs the attempts that follow
     */
    public Turns(Consumer<Runnable> whenReady, Executor dispatcher) {
        this.whenReady = whenReady;
        this.dispatcher = dispatcher;
    }

    /**
     * Gives the queue that a place holds, made by the first who asks.
     *
     * @param place where it is kept
     * @param maker makes one; gives null as long as the socket cannot have any
     * @return the one queue of that place; null if there cannot be one yet
     */
    public static @Nullable Turns once(AtomicReference<@Nullable Turns> place, Supplier<@Nullable Turns> maker) {
        Turns there = place.get();
        if (there == null) {
            Turns made = maker.get();
            there = made == null || place.compareAndSet(null, made) ? made : place.get();
        }
        return there;
    }

    /** Whether nobody waits, and nobody takes what nobody waits for. */
    public boolean isEmpty() {
        synchronized (lock) {
            return waiting.isEmpty() && last == null;
        }
    }

    /** Whether somebody waits who goes before the one of {@link #setLast}. */
    public boolean someoneWaits() {
        synchronized (lock) {
            return !waiting.isEmpty();
        }
    }

    /**
     * Lets somebody take what nobody waits for, such as an event callback. It tries again and again, on the dispatcher
     * only, until {@link #clearLast}. Others may begin to wait while it tries: it has to ask {@link #someoneWaits} after
     * it has seen what it could take, and leave it to them.
     */
    public void setLast(Turn taker) {
        synchronized (lock) {
            last = taker;
            again = true;
        }
    }

    /** Ends what {@link #setLast} began, unless it is somebody else's turn by now. */
    public void clearLast(Turn taker) {
        synchronized (lock) {
            last = last == taker ? null : last;
        }
    }

    /** Adds one at the end; it does not try before {@link #pump} or {@link #pumpLater}. */
    public void add(Turn turn) {
        synchronized (lock) {
            waiting.add(turn);
        }
    }

    /** Takes one out, such as a cancelled one; whoever waited behind it tries. */
    public void remove(Turn turn) {
        boolean others;
        synchronized (lock) {
            boolean first = waiting.peek() == turn;
            others = waiting.remove(turn) && first && !waiting.isEmpty();
        }
        if (others) {
            pumpLater();
        }
    }

    /**
     * Lets somebody try on this thread, if nobody waits or tries; else, and if the socket is not ready, it waits. Nobody
     * comes between the attempt and the wait: what is half done goes on first.
     *
     * @param atOnce whether it may try before it waits
     * @param attempt tries; null if the socket is not ready for it
     * @param enqueue calls {@link #add}
     * @return what the attempt came to; null if it waits
     */
    public <R> @Nullable R tryOrWait(boolean atOnce, Supplier<@Nullable R> attempt, Runnable enqueue) {
        if (!atOnce || !enter()) {
            enqueue.run();
            return null;
        }
        try {
            R now = attempt.get();
            if (now == null) {
                enqueue.run();
            }
            return now;
        } finally {
            leave();
        }
    }

    /** Lets the caller try as if it was the first; false if somebody waits or tries. */
    boolean enter() {
        synchronized (lock) {
            boolean free = !pumping && waiting.isEmpty() && last == null;
            pumping |= free;
            return free;
        }
    }

    /** Ends what {@link #enter} began; whoever came meanwhile tries. */
    void leave() {
        boolean others;
        synchronized (lock) {
            others = again;
            again = false;
            pumping = false;
        }
        if (others) {
            pumpLater();
        }
    }

    private void over(Turn turn) {
        synchronized (lock) {
            waiting.remove(turn);
        }
    }

    /** Has the first ones try on the dispatcher. */
    public void pumpLater() {
        dispatcher.execute(() -> pump(true));
    }

    /** Has the first ones try on this thread, until one finds the socket not ready. */
    public void pump() {
        pump(false);
    }

    private void pump(boolean dispatched) {
        synchronized (lock) {
            if (pumping) {
                again = true;
                return;
            }
            pumping = true;
        }
        boolean done = false;
        try {
            pumpAll(dispatched);
            done = true;
        } finally {
            if (!done) {
                giveUp();
            }
        }
    }

    private void pumpAll(boolean dispatched) {
        Turn turn = next(dispatched);
        while (turn != null) {
            if (turn.attempt()) {
                over(turn);
            } else if (stopsAt(turn)) {
                watch();
                return;
            }
            turn = next(dispatched);
        }
    }

    /** An attempt threw, as a callback of a driver may: the others go on. */
    private void giveUp() {
        synchronized (lock) {
            pumping = false;
        }
        pumpLater();
    }

    private @Nullable Turn first() {
        return waiting.isEmpty() ? last : waiting.peek();
    }

    /** The first one; null, and nobody pumps any more, if nobody waits, or if it has to try on the dispatcher. */
    private @Nullable Turn next(boolean dispatched) {
        Turn first;
        boolean elsewhere;
        synchronized (lock) {
            again = false;
            first = pumping ? first() : null;
            elsewhere = !dispatched && first != null && waiting.isEmpty();
            pumping = first != null && !elsewhere;
        }
        if (elsewhere) {
            pumpLater();
        }
        return elsewhere ? null : first;
    }

    /** Ends pumping, unless something has changed during the attempt; from then on another thread may pump. */
    private boolean stopsAt(Turn turn) {
        synchronized (lock) {
            if (again || first() != turn) {
                return false;
            }
            pumping = false;
            return true;
        }
    }

    private void watch() {
        synchronized (lock) {
            if (watching) {
                return;
            }
            watching = true;
        }
        whenReady.accept(this::ready);
    }

    private void ready() {
        synchronized (lock) {
            watching = false;
        }
        pumpLater();
    }
}
