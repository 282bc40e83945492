package io.github.wfpsim.stack;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.Watchers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Connections that a listener has not accepted yet, first in first out. Guarded by its own private monitor, inside which
 * nothing else is taken.
 */
final class AcceptQueue {

    private final Object monitor = new Object();
    private final ArrayDeque<Endpoint> waiting = new ArrayDeque<>(1);
    private final int backlog;
    private int reserved;
    private int takers;
    private final Watchers watchers = new Watchers();
    private boolean closed;

    AcceptQueue(int backlog) {
        this.backlog = backlog;
    }

    /** Reserves a place for a connection that is being set up; false if the queue is full or closed. */
    boolean reserve() {
        synchronized (monitor) {
            if (closed || waiting.size() + reserved >= backlog) {
                return false;
            }
            reserved++;
            return true;
        }
    }

    /** Gives a reserved place back. */
    void release() {
        synchronized (monitor) {
            reserved--;
        }
    }

    /** Fills a reserved place; false if the listener closed meanwhile. */
    boolean offer(Endpoint established) {
        List<Runnable> ready;
        synchronized (monitor) {
            reserved--;
            if (closed) {
                return false;
            }
            waiting.add(established);
            wakeTakers();
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
        return true;
    }

    /** Calls somebody once: when there is a connection or the queue is closed, at once if so already. */
    void whenReady(Runnable next) {
        synchronized (monitor) {
            if (waiting.isEmpty() && !closed) {
                watchers.add(next);
                return;
            }
        }
        next.run();
    }

    /** Whether there is a connection, or the queue is closed. */
    boolean isReady() {
        synchronized (monitor) {
            return !waiting.isEmpty() || closed;
        }
    }

    /**
     * Takes the oldest connection, waiting for one.
     *
     * @return null if the queue was closed or the deadline passed first
     */
    @Nullable
    Endpoint take(Deadline deadline) throws InterruptedException {
        Endpoint there = poll();
        return there == null ? takeWaiting(deadline) : there;
    }

    private @Nullable Endpoint takeWaiting(Deadline deadline) throws InterruptedException {
        try (var wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                takers++;
                try {
                    while (waiting.isEmpty() && !closed && !deadline.isExpired()) {
                        monitor.wait();
                    }
                } finally {
                    takers--;
                }
                return waiting.poll();
            }
        }
    }

    /** Takes the oldest connection if there is one. */
    @Nullable
    Endpoint poll() {
        synchronized (monitor) {
            return waiting.poll();
        }
    }

    /** Closes the queue, wakes every waiter and hands back what nobody accepted. */
    List<Endpoint> close() {
        List<Endpoint> orphans;
        List<Runnable> ready;
        synchronized (monitor) {
            closed = true;
            orphans = new ArrayList<>(waiting);
            waiting.clear();
            wakeTakers();
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
        return orphans;
    }

    boolean isClosed() {
        synchronized (monitor) {
            return closed;
        }
    }

    private void wake() {
        synchronized (monitor) {
            wakeTakers();
        }
    }

    /** Called inside the monitor. To notify nobody is not free. */
    private void wakeTakers() {
        if (takers > 0) {
            monitor.notifyAll();
        }
    }
}
