package io.github.wfpsim.net;

/**
 * Leads connections to a simulated address to a real TCP port on this computer's loopback; made by
 * {@link Network#bridge}. Safe for use by many threads.
 */
public interface Bridge extends AutoCloseable {

    /** Takes the bridge away and resets its connections. A second call does nothing. */
    @Override
    void close();
}
