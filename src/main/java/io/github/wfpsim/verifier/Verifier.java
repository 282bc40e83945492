package io.github.wfpsim.verifier;

import java.util.List;

/**
 * The faults and diagnostics of one machine, as they were found.
 *
 * <p>With {@code faultMode} THROW a fault is thrown by the call that committed it as well, once that call's work is done;
 * with RECORD it is only recorded. Safe for use by many threads.
 */
public interface Verifier {

    /** Faults and diagnostics, each beyond this many are traced and thrown, but not kept. */
    int MOST_KEPT = 10_000;

    /** {@return a copy of the faults so far, oldest first} */
    List<Finding<Fault>> violations();

    /** {@return a copy of the diagnostics so far, oldest first} */
    List<Finding<Diagnostic>> diagnostics();
}
