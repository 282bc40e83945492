package io.github.wfpsim.stack;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.Watchers;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that a socket has not received yet, first in first out. What does not fit is lost, as with SO_RCVBUF. Guarded
 * by its own private monitor, inside which nothing else is taken.
 */
final class DatagramQueue {

    /** SO_RCVBUF of a new UDP socket, in bytes. */
    private static final int DEFAULT_BYTES = 65_536;

    private final Object monitor = new Object();
    private final ArrayDeque<Entry> waiting = new ArrayDeque<>(1);
    private final Watchers watchers = new Watchers();
    private volatile int limit = DEFAULT_BYTES;
    private int bytes;
    private boolean closed;

    /**
     * What a receive takes.
     *
     * @param source the peer as the owner sees it
     * @param payload the bytes
     * @param announces the redirect that the packet's flow comes from, if it is the one that created the flow; else null
     * @param unreachable whether this is no packet but the news that the source took none
     */
    record Entry(
            InetSocketAddress source,
            ByteBuffer payload,
            @Nullable RedirectedFlow announces,
            boolean unreachable) {

        /** A packet. */
        public static Entry packet(InetSocketAddress source, ByteBuffer payload, @Nullable RedirectedFlow announces) {
            return new Entry(source, payload, announces, false);
        }

        /** The same, with a position of its own in the payload. */
        Entry view() {
            return new Entry(source, payload.duplicate(), announces, unreachable);
        }

        /** An ICMP port unreachable message about a packet that was sent. */
        public static Entry unreachable(InetSocketAddress destination) {
            return new Entry(destination, ByteBuffer.allocate(0), null, true);
        }
    }

    /** SO_RCVBUF, in bytes without sign. */
    int limit() {
        return limit;
    }

    /** Changes what has room from now on; what waits already stays. */
    void setLimit(int unsignedBytes) {
        this.limit = unsignedBytes;
    }

    /** Adds an entry; false if it is lost for want of room, or because the socket is closed. */
    boolean add(Entry entry) {
        List<Runnable> ready;
        synchronized (monitor) {
            int size = entry.payload().remaining();
            // The first one fits always, so that no datagram is too large for every queue.
            if (closed
                    || (!waiting.isEmpty() && Integer.toUnsignedLong(bytes + size) > Integer.toUnsignedLong(limit))) {
                return false;
            }
            bytes += size;
            waiting.add(entry);
            monitor.notifyAll();
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
        return true;
    }

    /** Calls somebody once: when there is an entry or the queue is closed, at once if so already. */
    void whenReady(Runnable next) {
        synchronized (monitor) {
            if (waiting.isEmpty() && !closed) {
                watchers.add(next);
                return;
            }
        }
        next.run();
    }

    /** Whether there is an entry, or the queue is closed. */
    boolean isReady() {
        synchronized (monitor) {
            return !waiting.isEmpty() || closed;
        }
    }

    /** Takes the oldest entry if there is one. */
    @Nullable
    Entry poll() {
        synchronized (monitor) {
            return pollLocked();
        }
    }

    private @Nullable Entry pollLocked() {
        Entry entry = waiting.poll();
        bytes -= entry == null ? 0 : entry.payload().remaining();
        return entry;
    }

    /**
     * Takes the oldest entry, waiting for one.
     *
     * @return null if the queue was closed or the deadline passed first
     */
    @Nullable
    Entry take(Deadline deadline) throws InterruptedException {
        return oldest(deadline, true);
    }

    /** Shows the oldest packet and leaves it, waiting as {@link #take} does; news of a packet that nobody took goes. */
    @Nullable
    Entry peek(Deadline deadline) throws InterruptedException {
        return oldest(deadline, false);
    }

    private @Nullable Entry oldest(Deadline deadline, boolean taken) throws InterruptedException {
        try (var wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (waiting.isEmpty() && !closed && !deadline.isExpired()) {
                    monitor.wait();
                }
                Entry entry = waiting.peek();
                return taken || entry == null || entry.unreachable() ? pollLocked() : entry.view();
            }
        }
    }

    /** Closes the queue, loses what is in it and wakes every waiter. */
    void close() {
        List<Runnable> ready;
        synchronized (monitor) {
            closed = true;
            waiting.clear();
            bytes = 0;
            monitor.notifyAll();
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
    }

    private void wake() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }
}
