package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * One direction of a connection: a ring of bytes that is made with the first byte and grows to a bound. Guarded by its
 * private monitor, inside which nothing else is taken.
 */
final class BytePipe {

    private static final int FIRST_CAPACITY = 1024;
    private static final byte[] NONE = new byte[0];

    private final Object monitor = new Object();
    private final int capacity;
    private byte[] ring = NONE;
    private int head;
    private int size;
    private boolean writing;
    private boolean ended;
    private boolean readerGone;
    private volatile boolean cameTooLate;
    private boolean reset;
    private boolean resetByWriter;
    private boolean cut;

    BytePipe(int capacity) {
        this.capacity = capacity;
    }

    int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        if (!into.hasRemaining()) {
            return 0;
        }
        int now = tryRead(into);
        if (now != 0) {
            return now;
        }
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (true) {
                    int read = tryReadLocked(into);
                    if (read != 0) {
                        return read;
                    }
                    if (deadline.isExpired()) {
                        throw new StreamTimeoutException("no byte came in time", 0);
                    }
                    monitor.wait();
                }
            }
        }
    }

    int tryRead(ByteBuffer into) throws IOException {
        synchronized (monitor) {
            return tryReadLocked(into);
        }
    }

    private int tryReadLocked(ByteBuffer into) throws IOException {
        if (cut || (reset && resetByWriter)) {
            throw new StreamResetException("the peer reset the connection");
        }
        if (readerGone || reset) {
            throw new ClosedChannelException();
        }
        if (size == 0) {
            return ended ? -1 : 0;
        }
        int count = Math.min(size, into.remaining());
        int first = Math.min(count, ring.length - head);
        into.put(ring, head, first);
        into.put(ring, 0, count - first);
        size -= count;
        head = size == 0 ? 0 : (head + count) % ring.length;
        if (count > 0) {
            monitor.notifyAll();
        }
        return count;
    }

    int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        int wanted = from.remaining();
        if (!writeAtOnce(from)) {
            try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
                synchronized (monitor) {
                    writeInTurn(from, deadline);
                }
            }
        }
        return wanted;
    }

    /** Whether bytes came when the reader wanted none any more, which TCP answers with a reset. */
    boolean cameTooLate() {
        return cameTooLate;
    }

    private boolean writeAtOnce(ByteBuffer from) throws IOException {
        synchronized (monitor) {
            requireWritable();
            boolean fits = !writing && (readerGone || from.remaining() <= capacity - size);
            if (fits) {
                put(from);
            }
            return fits || !from.hasRemaining();
        }
    }

    /** Writes all bytes before another writer gets its turn. */
    private void writeInTurn(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        int written = 0;
        boolean myTurn = false;
        try {
            while (true) {
                requireWritable();
                if (myTurn || !writing) {
                    myTurn = true;
                    writing = true;
                    written += put(from);
                }
                if (!from.hasRemaining()) {
                    return;
                }
                if (deadline.isExpired()) {
                    throw new StreamTimeoutException("the peer did not read in time", written);
                }
                monitor.wait();
            }
        } finally {
            if (myTurn) {
                writing = false;
                monitor.notifyAll();
            }
        }
    }

    int tryWrite(ByteBuffer from) throws IOException {
        synchronized (monitor) {
            requireWritable();
            return writing ? 0 : put(from);
        }
    }

    private void requireWritable() throws IOException {
        if (cut || (reset && !resetByWriter)) {
            throw new StreamResetException("the peer reset the connection");
        }
        if (ended || reset) {
            throw new ClosedChannelException();
        }
    }

    private int put(ByteBuffer from) {
        if (readerGone) {
            // Nobody will ever read it: what TCP has taken and the application never sees.
            int dropped = from.remaining();
            cameTooLate = cameTooLate || dropped > 0;
            from.position(from.limit());
            return dropped;
        }
        int count = Math.min(capacity - size, from.remaining());
        if (count == 0) {
            return 0;
        }
        makeRoom(size + count);
        int tail = (head + size) % ring.length;
        int first = Math.min(count, ring.length - tail);
        from.get(ring, tail, first);
        from.get(ring, 0, count - first);
        size += count;
        monitor.notifyAll();
        return count;
    }

    private void makeRoom(int needed) {
        if (needed <= ring.length) {
            return;
        }
        long grown = Math.max(FIRST_CAPACITY, ring.length);
        while (grown < needed) {
            grown *= 2;
        }
        byte[] larger = new byte[(int) Math.min(grown, capacity)];
        int first = Math.min(size, ring.length - head);
        System.arraycopy(ring, head, larger, 0, first);
        System.arraycopy(ring, 0, larger, first, size - first);
        ring = larger;
        head = 0;
    }

    int available() {
        synchronized (monitor) {
            return size;
        }
    }

    /** The writer ends its output. */
    void end() {
        synchronized (monitor) {
            ended = true;
            monitor.notifyAll();
        }
    }

    /** The reader ends its input; false if bytes were thrown away, which resets this direction at once. */
    boolean endInput() {
        synchronized (monitor) {
            boolean nothingLost = size == 0;
            readerGone = true;
            reset |= !nothingLost;
            forget();
            monitor.notifyAll();
            return nothingLost;
        }
    }

    /** Resets the direction on behalf of one of its ends. */
    void reset(boolean byWriter) {
        synchronized (monitor) {
            if (!reset) {
                reset = true;
                resetByWriter = byWriter;
                forget();
            }
            monitor.notifyAll();
        }
    }

    /** Resets the direction on behalf of neither end. */
    void cut() {
        synchronized (monitor) {
            reset = true;
            cut = true;
            forget();
            monitor.notifyAll();
        }
    }

    boolean isReset() {
        synchronized (monitor) {
            return reset;
        }
    }

    private void forget() {
        ring = NONE;
        head = 0;
        size = 0;
    }

    private void wake() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }
}
