package io.github.wfpsim.trace;

/** What happened on one machine: its newest events, and who hears of each as it happens. Safe for use by many threads. */
public interface Trace {

    /**
     * Adds a listener.
     *
     * @param listener hears of every later event
     * @return closes to take the listener away
     */
    Registration addListener(TraceListener listener);

    /** {@return the log, which keeps the newest events} */
    TraceLog log();

    /** Takes a listener away when closed. */
    interface Registration extends AutoCloseable {

        /** Takes the listener away. A second call does nothing. */
        @Override
        void close();
    }
}
