package io.github.wfpsim.examples;

/** A proxy of either build: threads that wait, or completion ports. */
interface ProxyService extends AutoCloseable {

    /** Starts to take connections. */
    void start();

    /** Tells how many connections were inspected. */
    int served();

    @Override
    void close();
}
