package io.github.wfpsim.engine;

import java.util.List;
import java.util.function.Consumer;

/** Who manages filters, from FwpmEngineOpen0 to FwpmEngineClose0. Identity counts. */
final class PolicySession {

    private final boolean dynamic;
    private volatile Consumer<List<InstalledFilter>> onDeleted = gone -> {};
    private volatile boolean closed;

    PolicySession(boolean dynamic) {
        this.dynamic = dynamic;
    }

    /** Whether its objects go with it. */
    boolean isDynamic() {
        return dynamic;
    }

    boolean isClosed() {
        return closed;
    }

    void markClosed() {
        this.closed = true;
    }

    /** Registers who tells callouts of filters whose deletion has taken effect; called with no lock held. */
    void onDeleted(Consumer<List<InstalledFilter>> listener) {
        this.onDeleted = listener;
    }

    Consumer<List<InstalledFilter>> onDeleted() {
        return onDeleted;
    }
}
