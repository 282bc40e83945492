package io.github.wfpsim.table;

import io.github.wfpsim.host.Deadline;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that a socket has not received yet, first in first out. What does not fit is lost, as with SO_RCVBUF. Guarded
 * by its own private monitor, inside which nothing else is taken.
 */
public final class DatagramQueue {

    /** SO_RCVBUF of a new UDP socket, in bytes. */
    static final int DEFAULT_BYTES = 65_536;

    private final Object monitor = new Object();
    private final ArrayDeque<Entry> waiting = new ArrayDeque<>(1);
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
    public record Entry(
            InetSocketAddress source,
            ByteBuffer payload,
            @Nullable RedirectedFlow announces,
            boolean unreachable) {

        /** A packet. */
        public static Entry packet(InetSocketAddress source, ByteBuffer payload, @Nullable RedirectedFlow announces) {
            return new Entry(source, payload, announces, false);
        }

        /** An ICMP port unreachable message about a packet that was sent. */
        public static Entry unreachable(InetSocketAddress destination) {
            return new Entry(destination, ByteBuffer.allocate(0), null, true);
        }
    }

    /** Adds an entry; false if it is lost for want of room, or because the socket is closed. */
    public boolean add(Entry entry) {
        synchronized (monitor) {
            int size = entry.payload().remaining();
            // The first one fits always, so that no datagram is too large for every queue.
            if (closed || (!waiting.isEmpty() && bytes + size > DEFAULT_BYTES)) {
                return false;
            }
            bytes += size;
            waiting.add(entry);
            monitor.notifyAll();
            return true;
        }
    }

    /**
     * Takes the oldest entry, waiting for one.
     *
     * @return null if the queue was closed or the deadline passed first
     */
    public @Nullable Entry take(Deadline deadline) throws InterruptedException {
        try (var wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (waiting.isEmpty() && !closed && !deadline.isExpired()) {
                    monitor.wait();
                }
                Entry entry = waiting.poll();
                bytes -= entry == null ? 0 : entry.payload().remaining();
                return entry;
            }
        }
    }

    /** Closes the queue, loses what is in it and wakes every waiter. */
    void close() {
        synchronized (monitor) {
            closed = true;
            waiting.clear();
            bytes = 0;
            monitor.notifyAll();
        }
    }

    private void wake() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }
}
