package io.github.wfpsim.machine;

import io.github.wfpsim.host.Deadline;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock and the threads that wait for what it guards to change. The only class in which a thread of the simulator
 * stands still: nothing else calls {@link Object#wait()}, {@link Thread#join()} or what waits for a future, real sockets
 * of bridges excepted. Its owner synchronizes on it around the state that it guards, and calls
 * {@link #wakeAll} there after each change that somebody may wait for; inside, no other lock is taken and no stranger
 * called.
 *
 * <p>A wait is a question that is asked again after each change, a deadline in virtual time, and words for what is waited
 * for, which are made only if somebody asks {@link Waits#standing}. Since all of it is known here, whoever wants to decide
 * which thread runs next does so in {@code stand} and {@code awaitEnd}, and a limit on waiting belongs there too. Who need not wait should not
 * come here: the owner looks before it calls, and then nothing is made.
 */
public final class WaitingLine {

    private final Waits waits;

    /** How many threads stand here; to notify nobody is not free. */
    private int standing;

    /**
     * Creates a line in which nobody stands.
     *
     * @param waits where its waits are listed
     */
    public WaitingLine(Waits waits) {
        this.waits = Objects.requireNonNull(waits, "waits must not be null");
    }

    /**
     * Waits until something is so. Called without the lock.
     *
     * @param ready looks, inside the lock
     * @param deadline when to give up
     * @param what what is waited for, as in "waits for a packet"; called by any thread, without the lock
     * @return false if the deadline passed first
     * @throws InterruptedException if the thread is interrupted and it is not so yet
     */
    public boolean await(BooleanSupplier ready, Deadline deadline, Supplier<String> what) throws InterruptedException {
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wakeAll)) {
            return stand(ready, deadline, null, what);
        }
    }

    /**
     * Waits until something is so, or patience ends. Called without the lock.
     *
     * @param ready looks, inside the lock
     * @param patience how long to wait, in real time
     * @param what what is waited for
     * @return false if patience ended first
     * @throws InterruptedException if the thread is interrupted and it is not so yet
     */
    public boolean await(BooleanSupplier ready, Patience patience, Supplier<String> what) throws InterruptedException {
        return stand(ready, Deadline.NEVER, patience, what);
    }

    /**
     * Waits until something is so, whatever happens; an interrupt stays with the thread for later. Called without the lock.
     *
     * @param ready looks, inside the lock
     * @param what what is waited for
     */
    public void awaitThroughInterrupts(BooleanSupplier ready, Supplier<String> what) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    await(ready, Deadline.NEVER, what);
                    return;
                } catch (InterruptedException early) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits until a thread has ended, or patience ends. Called without the lock.
     *
     * @param thread the thread
     * @param patience how long to wait, in real time
     * @param what what is waited for
     * @return false if patience ended first
     * @throws InterruptedException if the waiting thread is interrupted
     */
    public boolean awaitEnd(Thread thread, Patience patience, Supplier<String> what) throws InterruptedException {
        try (Waits.Wait wait = waits.begin(what)) {
            TimeUnit.NANOSECONDS.timedJoin(thread, patience.leftNanos());
        }
        return !thread.isAlive();
    }

    private boolean stand(BooleanSupplier ready, Deadline deadline, @Nullable Patience patience, Supplier<String> what)
            throws InterruptedException {
        try (Waits.Wait wait = waits.begin(what)) {
            synchronized (this) {
                standing++;
                try {
                    while (true) {
                        // Looked at first, so that what came in time is not missed.
                        boolean late = deadline.isExpired() || (patience != null && patience.isOver());
                        if (ready.getAsBoolean()) {
                            return true;
                        }
                        if (late) {
                            return false;
                        }
                        pause(patience);
                    }
                } finally {
                    standing--;
                }
            }
        }
    }

    // The caller's loop asks again.
    @SuppressWarnings("WaitNotInLoop")
    private void pause(@Nullable Patience patience) throws InterruptedException {
        if (patience == null) {
            wait();
        } else {
            TimeUnit.NANOSECONDS.timedWait(this, patience.leftNanos());
        }
    }

    /** Has all who wait ask again. Called with the lock or without it. */
    public void wakeAll() {
        synchronized (this) {
            if (standing > 0) {
                notifyAll();
            }
        }
    }
}
