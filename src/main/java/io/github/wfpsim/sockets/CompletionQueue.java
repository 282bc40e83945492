package io.github.wfpsim.sockets;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.winsock.CompletionPort;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The packets of a completion port. Guarded by its private monitor. */
final class CompletionQueue implements CompletionPort {

    private final Object monitor = new Object();
    private final ArrayDeque<Entry> packets = new ArrayDeque<>();
    private boolean closed;

    /** The port as this room knows it; a port comes from CreateIoCompletionPort. */
    static CompletionQueue of(CompletionPort port) {
        Objects.requireNonNull(port, "completionPort must not be null: give one that CreateIoCompletionPort made");
        if (port instanceof CompletionQueue queue) {
            return queue;
        }
        throw new IllegalArgumentException(
                port + " is no port of a machine: give one that CreateIoCompletionPort made");
    }

    /** Adds a packet; false if the port is closed. */
    boolean post(Entry entry) {
        synchronized (monitor) {
            if (!closed) {
                packets.add(entry);
                monitor.notifyAll();
            }
            return !closed;
        }
    }

    /** Takes packets, waiting for the first; none if the deadline passed or the port is closed. */
    List<Entry> take(int most, Deadline deadline) throws InterruptedException {
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (packets.isEmpty() && !closed && !deadline.isExpired()) {
                    monitor.wait();
                }
                List<Entry> taken = new ArrayList<>();
                while (taken.size() < most && !packets.isEmpty()) {
                    taken.add(packets.remove());
                }
                return taken;
            }
        }
    }

    @Override
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

    @Override
    public void close() {
        synchronized (monitor) {
            closed = true;
            packets.clear();
            monitor.notifyAll();
        }
    }
}
