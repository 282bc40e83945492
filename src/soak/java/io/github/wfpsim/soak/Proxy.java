package io.github.wfpsim.soak;

/** A proxy of either build: threads that wait, or a completion port. Closing it ends its threads. */
interface Proxy extends AutoCloseable {

    /** Starts to take connections. */
    void start();

    @Override
    void close();
}
