package io.github.wfpsim.machine;

import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import java.util.concurrent.atomic.AtomicLong;

/** Whether requests end before the call returns: always, never, or as drawn from a seed. Safe for use by many threads. */
public final class InlineDraws {

    // Constants of SplitMix64: a counter becomes numbers that look drawn.
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final long MIX_A = 0xBF58476D1CE4E5B9L;
    private static final long MIX_B = 0x94D049BB133111EBL;

    private final CompletionMode mode;
    private final long seed;
    private final AtomicLong draws = new AtomicLong();

    /**
     * Starts a series.
     *
     * @param options completion mode and seed
     * @param series tells series of one machine apart
     */
    public InlineDraws(SimOptions options, long series) {
        this.mode = options.completionMode();
        this.seed = options.seed() + series;
    }

    /** Whether the next request does; to be asked once for each (WSK-42, WSA-48). */
    public boolean next() {
        return mode == CompletionMode.INLINE || (mode == CompletionMode.SEEDED_RANDOM && draw());
    }

    private boolean draw() {
        long z = seed + draws.incrementAndGet() * GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * MIX_A;
        z = (z ^ (z >>> 27)) * MIX_B;
        return (z ^ (z >>> 31)) < 0;
    }
}
