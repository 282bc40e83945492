package io.github.wfpsim.host;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A point in virtual time at which a wait gives up. Immutable and safe for use by many threads.
 *
 * <p>A blocking wait registers for the expiry to be woken up, and asks {@link #isExpired} after each wake-up.
 */
public final class Deadline {

    /** The deadline that does not expire. */
    public static final Deadline NEVER = new Deadline(null, Long.MAX_VALUE);

    private static final Registration NOTHING_TO_CANCEL = () -> {};

    private final @Nullable VirtualClock clock;
    private final long expiry;

    Deadline(@Nullable VirtualClock clock, long expiry) {
        this.clock = clock;
        this.expiry = expiry;
    }

    /** {@return whether the time has come, from the expiry on} */
    public boolean isExpired() {
        return clock != null && clock.nanos() >= expiry;
    }

    /**
     * Has an action run at the expiry, on the thread that advances the clock; at once, on this thread, if the deadline
     * has expired already.
     *
     * @param action what to run, typically the wake-up of a waiting thread; runs at most once
     * @return to be closed when the wait is over, so that the clock forgets the action
     */
    public Registration onExpiry(Runnable action) {
        Objects.requireNonNull(action, "action must not be null: pass the wake-up of the waiting thread");
        if (clock == null) {
            return NOTHING_TO_CANCEL;
        }
        VirtualClock.Timer timer = clock.scheduleUnlessPast(expiry, action);
        if (timer == null) {
            action.run();
            return NOTHING_TO_CANCEL;
        }
        return timer::close;
    }

    @Override
    public String toString() {
        return clock == null ? "Deadline[never]" : "Deadline[at " + expiry + " ns]";
    }

    /** The tie between a deadline or a clock and an action. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {

        /** Cancels the action; without effect if it has run. Idempotent. */
        @Override
        void close();
    }
}
