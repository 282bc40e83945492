package io.github.wfpsim.machine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives out handle numbers as Windows does: multiples of four, from 4 on, never 0, never one twice.
 *
 * <p>Lock-free. One source per host keeps runs of the same script equal.
 */
public final class HandleSource {

    private static final long STEP = 4;

    private final AtomicLong last = new AtomicLong();

    /** Creates a source whose first number is 4. */
    public HandleSource() {
        // nothing given out yet
    }

    /** {@return a number that was not returned before, a positive multiple of four} */
    public long next() {
        return last.addAndGet(STEP);
    }
}
