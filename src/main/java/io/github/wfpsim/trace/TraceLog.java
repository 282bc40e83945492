package io.github.wfpsim.trace;

import java.time.Instant;
import java.util.List;

/** The newest events, up to a fixed number. Safe for use by many threads. */
public interface TraceLog {

    /**
     * An event with its place in the order.
     *
     * @param sequence 1 for the machine's first event, without gaps
     * @param time virtual time
     * @param event what happened
     */
    record Entry(long sequence, Instant time, TraceEvent event) {}

    /** {@return a copy of the kept events, oldest first} */
    List<Entry> entries();

    /**
     * Lists the kept events of one endpoint, oldest first.
     *
     * @param endpoint its handle
     * @return a copy
     */
    List<Entry> entriesOf(long endpoint);

    /**
     * Lists the kept events of all connections that records tie together, oldest first.
     *
     * @param lineage what ties them
     * @return a copy
     */
    List<Entry> entriesOfLineage(long lineage);

    /** {@return how many events no longer fit, since the start or the last clear} */
    long dropped();

    /** Forgets the kept events; the sequence goes on. */
    void clear();
}
