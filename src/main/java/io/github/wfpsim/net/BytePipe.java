package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Watchers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;

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
    private final Watchers readers = new Watchers();
    private final Watchers writers = new Watchers();
    private final Watchers endings = new Watchers();

    BytePipe(int capacity) {
        this.capacity = capacity;
    }

    int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        if (!into.hasRemaining()) {
            // Nothing to wait for; a direction that is over fails all the same.
            return Math.max(0, tryRead(into));
        }
        int now = tryRead(into);
        if (now != 0) {
            return now;
        }
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
            return readWaiting(into, deadline);
        } finally {
            tell(writers);
        }
    }

    private int readWaiting(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
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

    int tryRead(ByteBuffer into) throws IOException {
        int count;
        synchronized (monitor) {
            count = tryReadLocked(into);
        }
        tell(writers);
        return count;
    }

    // ---- watching

    /** Calls somebody once: when a read would not have to wait, at once if so already. */
    void whenReadable(Runnable next) {
        synchronized (monitor) {
            if (size == 0 && !ended && !isOver()) {
                readers.add(next);
                return;
            }
        }
        next.run();
    }

    /** Calls somebody once: when a write would not have to wait, at once if so already. */
    void whenWritable(Runnable next) {
        synchronized (monitor) {
            if ((size == capacity || writing) && !ended && !isOver()) {
                writers.add(next);
                return;
            }
        }
        next.run();
    }

    /** Calls somebody once: when the writer has ended or the direction was reset, at once if so already. */
    void whenEnded(Runnable next) {
        synchronized (monitor) {
            if (!ended && !reset) {
                endings.add(next);
                return;
            }
        }
        next.run();
    }

    /** Whether a read would not have to wait. */
    boolean isReadable() {
        synchronized (monitor) {
            return size > 0 || ended || isOver();
        }
    }

    /** Whether a write would not have to wait. */
    boolean isWritable() {
        synchronized (monitor) {
            return (size < capacity && !writing) || ended || isOver();
        }
    }

    private boolean isOver() {
        return readerGone || reset;
    }

    /** Calls who watches, outside the monitor; who does not watch costs one look. */
    private void tell(Watchers watchers) {
        if (watchers.isEmpty()) {
            return;
        }
        List<Runnable> ready;
        synchronized (monitor) {
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
    }

    private void tellAll() {
        tell(readers);
        tell(writers);
        if (!endings.isEmpty() && (isOutputEnded() || isReset())) {
            tell(endings);
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
        try {
            if (!writeAtOnce(from)) {
                try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
                    writeInTurn(from, deadline);
                }
            }
        } finally {
            tellAll();
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
                synchronized (monitor) {
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
                    if (readers.isEmpty()) {
                        monitor.wait();
                    }
                }
                tell(readers);
            }
        } finally {
            if (myTurn) {
                giveTurnBack();
            }
        }
    }

    private void giveTurnBack() {
        synchronized (monitor) {
            writing = false;
            monitor.notifyAll();
        }
    }

    int tryWrite(ByteBuffer from) throws IOException {
        int count;
        synchronized (monitor) {
            requireWritable();
            count = writing ? 0 : put(from);
        }
        tell(readers);
        return count;
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
        tellAll();
    }

    /** The reader ends its input; false if bytes were thrown away, which resets this direction at once. */
    boolean endInput() {
        boolean nothingLost;
        synchronized (monitor) {
            nothingLost = size == 0;
            readerGone = true;
            reset |= !nothingLost;
            forget();
            monitor.notifyAll();
        }
        tellAll();
        return nothingLost;
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
        tellAll();
    }

    /** Resets the direction on behalf of neither end. */
    void cut() {
        synchronized (monitor) {
            reset = true;
            cut = true;
            forget();
            monitor.notifyAll();
        }
        tellAll();
    }

    boolean isOutputEnded() {
        synchronized (monitor) {
            return ended;
        }
    }

    /** Whether the writer has ended and the reader has everything. */
    boolean isDrained() {
        synchronized (monitor) {
            return ended && size == 0;
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
