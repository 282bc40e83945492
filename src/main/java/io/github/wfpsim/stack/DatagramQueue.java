package io.github.wfpsim.stack;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingQueue;
import io.github.wfpsim.machine.Waits;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that a socket has not received yet, first in first out. What does not fit is lost, as with SO_RCVBUF.
 */
final class DatagramQueue {

    /** SO_RCVBUF of a new UDP socket, in bytes. */
    private static final int DEFAULT_BYTES = 65_536;

    private final WaitingQueue<Entry> waiting;
    private final Bytes bytes = new Bytes();
    private volatile int limit = DEFAULT_BYTES;

    DatagramQueue(Waits waits, Supplier<String> what) {
        this.waiting = new WaitingQueue<>(waits, what, bytes);
    }

    /** The bytes that wait, FIONREAD. */
    int bytes() {
        return bytes.held;
    }

    /** The bytes that wait; written under the queue's lock. */
    private final class Bytes implements WaitingQueue.Room<Entry> {

        private volatile int held;

        @Override
        public boolean take(Entry entry, boolean first) {
            int size = entry.payload().remaining();
            // The first one fits always, so that no datagram is too large for every queue.
            boolean fits = first || Integer.toUnsignedLong(held + size) <= Integer.toUnsignedLong(limit);
            hold(fits ? size : 0);
            return fits;
        }

        @Override
        public void giveBack(Entry entry) {
            hold(-entry.payload().remaining());
        }

        private void hold(int more) {
            int before = held;
            held = before + more;
        }
    }

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
        return waiting.offer(entry);
    }

    /** Calls somebody once: when there is an entry or the queue is closed, at once if so already. */
    void whenReady(Runnable next) {
        waiting.whenReady(next);
    }

    /** Whether there is an entry, or the queue is closed. */
    boolean isReady() {
        return waiting.isReady();
    }

    /** Takes the oldest entry if there is one. */
    @Nullable
    Entry poll() {
        return waiting.poll();
    }

    /**
     * Takes the oldest entry, waiting for one.
     *
     * @return null if the queue was closed or the deadline passed first
     */
    @Nullable
    Entry take(Deadline deadline) throws InterruptedException {
        return waiting.take(deadline);
    }

    /** Shows the oldest packet and leaves it, waiting as {@link #take} does; news of a packet that nobody took goes. */
    @Nullable
    Entry peek(Deadline deadline) throws InterruptedException {
        Entry oldest = waiting.peek(entry -> !entry.unreachable(), deadline);
        return oldest == null || oldest.unreachable() ? oldest : oldest.view();
    }

    /** Closes the queue, wakes every waiter and hands back what nobody has received. */
    List<Entry> close() {
        return waiting.close();
    }
}
