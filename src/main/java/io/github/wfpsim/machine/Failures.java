package io.github.wfpsim.machine;

import java.util.List;

/** Joins the failures of callbacks that all had to run: the first is thrown, the others ride along as suppressed. */
final class Failures {

    private Failures() {}

    static void throwFirst(List<RuntimeException> failures) {
        if (failures.isEmpty()) {
            return;
        }
        RuntimeException first = failures.get(0);
        for (RuntimeException later : failures.subList(1, failures.size())) {
            // An exception cannot suppress itself, which happens when a callback throws a shared instance.
            if (later != first) {
                first.addSuppressed(later);
            }
        }
        throw first;
    }
}
