package io.github.wfpsim.machine;

import java.util.ArrayList;
import java.util.List;

/** What went wrong where no caller could hear it, kept until somebody closes. Safe for use by many threads. */
public final class KeptFailures {

    /** A broken task may fail thousands of times. */
    private static final int MAX_FAILURES = 100;

    private final List<RuntimeException> failures = new ArrayList<>();

    /** Creates an empty list. */
    public KeptFailures() {}

    /**
     * Keeps one, unless there are too many.
     *
     * @param failure what went wrong
     */
    public void keep(RuntimeException failure) {
        synchronized (failures) {
            if (failures.size() < MAX_FAILURES) {
                failures.add(failure);
            }
        }
    }

    /**
     * Throws what was kept, and forgets it.
     *
     * @throws RuntimeException the first one, with later ones as suppressed
     */
    public void throwAll() {
        List<RuntimeException> kept;
        synchronized (failures) {
            kept = List.copyOf(failures);
            failures.clear();
        }
        Failures.throwFirst(kept);
    }
}
