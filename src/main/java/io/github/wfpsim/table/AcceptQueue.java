package io.github.wfpsim.table;

import io.github.wfpsim.host.Deadline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Connections that a listener has not accepted yet, first in first out. Guarded by its own private monitor, inside which
 * nothing else is taken.
 */
public final class AcceptQueue {

    private final Object monitor = new Object();
    private final ArrayDeque<Endpoint> waiting = new ArrayDeque<>(1);
    private final int backlog;
    private int reserved;
    private boolean closed;

    public AcceptQueue(int backlog) {
        this.backlog = backlog;
    }

    /** Reserves a place for a connection that is being set up; false if the queue is full or closed. */
    public boolean reserve() {
        synchronized (monitor) {
            if (closed || waiting.size() + reserved >= backlog) {
                return false;
            }
            reserved++;
            return true;
        }
    }

    /** Gives a reserved place back. */
    public void release() {
        synchronized (monitor) {
            reserved--;
        }
    }

    /** Fills a reserved place; false if the listener closed meanwhile. */
    public boolean offer(Endpoint established) {
        synchronized (monitor) {
            reserved--;
            if (closed) {
                return false;
            }
            waiting.add(established);
            monitor.notifyAll();
            return true;
        }
    }

    /**
     * Takes the oldest connection, waiting for one.
     *
     * @return null if the queue was closed or the deadline passed first
     */
    public @Nullable Endpoint take(Deadline deadline) throws InterruptedException {
        try (var wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (waiting.isEmpty() && !closed && !deadline.isExpired()) {
                    monitor.wait();
                }
                return waiting.poll();
            }
        }
    }

    /** Takes the oldest connection if there is one. */
    public @Nullable Endpoint poll() {
        synchronized (monitor) {
            return waiting.poll();
        }
    }

    /** Closes the queue, wakes every waiter and hands back what nobody accepted. */
    public List<Endpoint> close() {
        synchronized (monitor) {
            closed = true;
            List<Endpoint> orphans = new ArrayList<>(waiting);
            waiting.clear();
            monitor.notifyAll();
            return orphans;
        }
    }

    public boolean isClosed() {
        synchronized (monitor) {
            return closed;
        }
    }

    private void wake() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }
}
