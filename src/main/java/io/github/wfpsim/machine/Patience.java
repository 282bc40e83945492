package io.github.wfpsim.machine;

import java.time.Duration;

/**
 * How long somebody waits in real time, counted from where it is made. The only class that reads real time, and only for
 * who has a limit of this kind: nothing that happens on a machine depends on it. Immutable.
 */
public final class Patience {

    private final long end;

    private Patience(long end) {
        this.end = end;
    }

    /**
     * Begins to be patient.
     *
     * @param howLong for how long
     * @return patience that ends then
     */
    public static Patience of(Duration howLong) {
        return new Patience(System.nanoTime() + howLong.toNanos());
    }

    /** Real time that is left, in nanoseconds; at least one, so that it is never taken for no limit. */
    long leftNanos() {
        return Math.max(1, end - System.nanoTime());
    }

    boolean isOver() {
        return end - System.nanoTime() <= 0;
    }
}
