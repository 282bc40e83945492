package io.github.wfpsim.host;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The time of one host. It stands still until {@link #advance} moves it.
 *
 * <p>Safe for use by many threads. Timers run on the thread that advances the clock, in the order of their due times
 * and, for equal ones, of their registration; no lock is held meanwhile, so a timer may use the clock.
 *
 * <p>Requirements: UDP-11.
 */
public final class VirtualClock {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** Guards all fields below; {@code nanos} may be read without it. */
    private final Object lock = new Object();

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::sequence));
    private long nextSequence;
    private long promised;
    private volatile long nanos;

    /** Who hears of new timers; called without the lock. */
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Creates a clock that shows 2026-01-01T00:00:00Z. */
    public VirtualClock() {
        this.nanos = 0;
    }

    /** {@return the virtual time} */
    public Instant now() {
        return START.plusNanos(nanos);
    }

    /** {@return the virtual time since the host was built, in nanoseconds} */
    public long nanos() {
        return nanos;
    }

    /**
     * Moves the time on and runs every timer that comes due, each at its own due time. Overlapping calls, from other
     * threads or from a timer, add up. A timer that throws does not keep the others from running.
     *
     * @param amount how far; zero runs what is due now
     * @throws IllegalArgumentException if the amount is negative or beyond what the clock can show
     * @throws RuntimeException what the first failing timer threw, with later failures as suppressed
     */
    public void advance(Duration amount) {
        long target = promise(amount);
        List<RuntimeException> failures = new ArrayList<>();
        for (Timer timer = takeDue(target); timer != null; timer = takeDue(target)) {
            try {
                timer.action.run();
            } catch (RuntimeException failure) {
                failures.add(failure);
            }
        }
        if (!failures.isEmpty()) {
            RuntimeException first = failures.get(0);
            // An exception cannot suppress itself, which happens when a timer throws a shared instance.
            failures.stream().filter(later -> later != first).forEach(first::addSuppressed);
            throw first;
        }
    }

    /**
     * Has an action run when the time comes.
     *
     * @param delay how long from now; with zero it runs at the next {@link #advance}
     * @param action what to run
     * @return the timer, to cancel it
     * @throws IllegalArgumentException if the delay is negative
     */
    public Timer schedule(Duration delay, Runnable action) {
        long wait = requireNotNegative(delay, "delay");
        Objects.requireNonNull(action, "action must not be null: pass what is to run");
        Timer timer;
        synchronized (lock) {
            timer = add(saturatedSum(nanos, wait), action);
        }
        listeners.forEach(Runnable::run);
        return timer;
    }

    /**
     * {@return how long until the next timer is due, deadlines of waiting calls included; zero if it is due now, empty
     * if no timer waits} {@code untilNextTimer().ifPresent(this::advance)} brings it about.
     */
    public Optional<Duration> untilNextTimer() {
        synchronized (lock) {
            Timer first = timers.peek();
            return first == null ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(0, first.due - nanos)));
        }
    }

    /**
     * Has somebody called after each new timer, deadlines of waiting calls included.
     *
     * @param listener called on the thread that made the timer, no lock held; it must not block
     * @return to be closed when it is to hear no more
     */
    public Deadline.Registration onNewTimer(Runnable listener) {
        Objects.requireNonNull(listener, "listener must not be null: pass what is to be called");
        // One of its own for each registration, so that closing one twice does not end another.
        Runnable own = () -> listener.run();
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    /**
     * Makes a deadline.
     *
     * @param timeout how long from now; zero makes one that has expired, a delay beyond what the clock can show one
     *     that never does
     * @return the deadline
     * @throws IllegalArgumentException if the timeout is negative
     */
    public Deadline deadlineAfter(Duration timeout) {
        long wait = requireNotNegative(timeout, "timeout");
        long expiry = saturatedSum(nanos, wait);
        return expiry == Long.MAX_VALUE ? Deadline.NEVER : new Deadline(this, expiry);
    }

    /** Schedules for a point in time; null, and nothing scheduled, if it has come already. */
    @Nullable
    Timer scheduleUnlessPast(long due, Runnable action) {
        Timer timer;
        synchronized (lock) {
            timer = due <= nanos ? null : add(due, action);
        }
        if (timer != null) {
            listeners.forEach(Runnable::run);
        }
        return timer;
    }

    private Timer add(long due, Runnable action) {
        Timer timer = new Timer(due, nextSequence++, action);
        timers.add(timer);
        return timer;
    }

    private long promise(Duration amount) {
        long step = requireNotNegative(amount, "amount");
        synchronized (lock) {
            if (step == Long.MAX_VALUE || saturatedSum(promised, step) == Long.MAX_VALUE) {
                throw new IllegalArgumentException("amount must keep the clock within 292 years: " + amount);
            }
            promised += step;
            return promised;
        }
    }

    /** Takes the first timer due by the target and moves the time to it, or to the target if there is none. */
    private @Nullable Timer takeDue(long target) {
        synchronized (lock) {
            Timer first = timers.peek();
            // Never backwards: an overlapping advance may have been faster.
            if (first == null || first.due > target) {
                nanos = Math.max(nanos, target);
                return null;
            }
            nanos = Math.max(nanos, first.due);
            return timers.poll();
        }
    }

    private void cancel(Timer timer) {
        synchronized (lock) {
            timers.remove(timer);
        }
    }

    private static long requireNotNegative(Duration duration, String name) {
        Objects.requireNonNull(duration, name + " must not be null: use Duration.ZERO for none");
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative, time runs forward only: " + duration);
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    private static long saturatedSum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    /** An action that waits for its time. */
    public final class Timer implements AutoCloseable {

        private final long due;
        private final long sequence;
        private final Runnable action;

        private Timer(long due, long sequence, Runnable action) {
            this.due = due;
            this.sequence = sequence;
            this.action = action;
        }

        private long due() {
            return due;
        }

        private long sequence() {
            return sequence;
        }

        /** Cancels the action; without effect if it has run, is running or was cancelled. */
        @Override
        public void close() {
            cancel(this);
        }
    }
}
