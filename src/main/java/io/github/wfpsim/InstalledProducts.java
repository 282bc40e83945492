package io.github.wfpsim;

import io.github.wfpsim.machine.KeptFailures;
import io.github.wfpsim.machine.Residents;
import java.util.Collections;
import java.util.List;

/** The products of a machine, which close with it if nobody closes them before. Safe for use by many threads. */
final class InstalledProducts {

    private final Residents<AutoCloseable> installed = new Residents<>();

    /** Keeps a product, or closes it at once if the machine has begun to close. */
    void keep(AutoCloseable product) {
        if (!installed.add(product)) {
            try {
                product.close();
            } catch (Exception failed) {
                throw new IllegalStateException(WfpSim.CLOSED, failed);
            }
            throw new IllegalStateException(WfpSim.CLOSED);
        }
    }

    void forget(AutoCloseable product) {
        installed.remove(product);
    }

    /** Before anything is closed: a thread that cannot wait for a product would lose what it holds. */
    void requireCloseable() {
        for (AutoCloseable product : installed.now()) {
            if (product instanceof KernelProduct inDriver) {
                inDriver.requireAnotherThread();
            }
        }
    }

    /** Closes those that nobody closed, the newest first. */
    KeptFailures close() {
        KeptFailures failures = new KeptFailures();
        List<AutoCloseable> newestFirst = installed.close();
        Collections.reverse(newestFirst);
        for (AutoCloseable product : newestFirst) {
            try {
                product.close();
            } catch (Exception thrown) {
                failures.keep(unchecked(thrown));
            }
        }
        return failures;
    }

    private static RuntimeException unchecked(Exception thrown) {
        return thrown instanceof RuntimeException unchecked
                ? unchecked
                : new IllegalStateException("a product threw when it closed: " + thrown, thrown);
    }
}
