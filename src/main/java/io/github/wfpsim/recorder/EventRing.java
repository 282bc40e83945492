package io.github.wfpsim.recorder;

import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.trace.TraceLog;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The newest events, in a ring of fixed capacity. Guarded by a private monitor. */
final class EventRing implements TraceLog {

    private final Object monitor = new Object();
    private final ArrayDeque<Entry> ring = new ArrayDeque<>(0);
    private final int capacity;
    private long sequence;
    private long dropped;

    EventRing(int capacity) {
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

    @Override
    public List<Entry> entries() {
        synchronized (monitor) {
            return List.copyOf(ring);
        }
    }

    @Override
    public List<Entry> entriesOf(long endpoint) {
        List<Entry> chosen = new ArrayList<>(entries());
        chosen.removeIf(entry -> {
            Subject subject = entry.event().subject();
            return subject == null || subject.endpoint() != endpoint;
        });
        return List.copyOf(chosen);
    }

    @Override
    public List<Entry> entriesOfLineage(long lineage) {
        List<Entry> chosen = new ArrayList<>(entries());
        chosen.removeIf(entry -> {
            Subject subject = entry.event().subject();
            return subject == null || subject.lineage() != lineage;
        });
        return List.copyOf(chosen);
    }

    @Override
    public long dropped() {
        synchronized (monitor) {
            return dropped;
        }
    }

    @Override
    public void clear() {
        synchronized (monitor) {
            ring.clear();
            dropped = 0;
        }
    }
}
