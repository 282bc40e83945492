package io.github.wfpsim.fwpm;

/** Who manages filters, from FwpmEngineOpen0 to FwpmEngineClose0. Identity counts. */
final class PolicySession {

    private final boolean dynamic;
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
}
