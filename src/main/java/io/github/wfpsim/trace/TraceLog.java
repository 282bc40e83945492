package io.github.wfpsim.trace;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The newest events, up to a fixed number. Safe for use by many threads; guarded by a private monitor. */
public final class TraceLog {

    /**
     * An event with its place in the order.
     *
     * @param sequence 1 for the machine's first event, without gaps
     * @param time virtual time
     * @param event what happened
     */
    public record Entry(long sequence, Instant time, TraceEvent event) {}

    private final Object monitor = new Object();
    private final ArrayDeque<Entry> ring = new ArrayDeque<>(0);
    private final int capacity;
    private long sequence;
    private long dropped;

    TraceLog(int capacity) {
        this.capacity = capacity;
    }

    Entry append(Instant time, TraceEvent event) {
        synchronized (monitor) {
            Entry entry = new Entry(++sequence, time, event);
            if (capacity > 0) {
                if (ring.size() == capacity) {
                    ring.removeFirst();
                    dropped++;
                }
                ring.addLast(entry);
            }
            return entry;
        }
    }

    /**
     * Lists the kept events, oldest first.
     *
     * @return a copy
     */
    public List<Entry> entries() {
        synchronized (monitor) {
            return List.copyOf(ring);
        }
    }

    /**
     * Lists the kept events of one endpoint, oldest first.
     *
     * @param endpoint its handle
     * @return a copy
     */
    public List<Entry> entriesOf(long endpoint) {
        List<Entry> chosen = new ArrayList<>(entries());
        chosen.removeIf(entry -> {
            Subject subject = entry.event().subject();
            return subject == null || subject.endpoint() != endpoint;
        });
        return List.copyOf(chosen);
    }

    /**
     * Lists the kept events of all connections that records tie together, oldest first.
     *
     * @param lineage what ties them
     * @return a copy
     */
    public List<Entry> entriesOfLineage(long lineage) {
        List<Entry> chosen = new ArrayList<>(entries());
        chosen.removeIf(entry -> {
            Subject subject = entry.event().subject();
            return subject == null || subject.lineage() != lineage;
        });
        return List.copyOf(chosen);
    }

    /**
     * Tells how many events no longer fit.
     *
     * @return events dropped since the start or the last clear
     */
    public long dropped() {
        synchronized (monitor) {
            return dropped;
        }
    }

    /** Forgets the kept events; the sequence goes on. */
    public void clear() {
        synchronized (monitor) {
            ring.clear();
            dropped = 0;
        }
    }
}
