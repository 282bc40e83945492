package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.machine.Watchers;
import io.github.wfpsim.net.StreamResetException;
import io.github.wfpsim.net.StreamTimeoutException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: a ring of bytes that is made with the first byte and grows to a bound. Guarded by its own
 * line, which nobody else sees and inside which nothing else is taken.
 */
final class BytePipe {

    private static final int FIRST_CAPACITY = 128;

    /** Rings up to this size are not kept while they are empty: to make one again costs next to nothing. */
    private static final int KEPT_ABOVE = 4096;

    private static final byte[] NONE = new byte[0];

    private final int capacity;
    private final WaitingLine line;
    private final Object end;
    private byte[] ring = NONE;
    private int head;
    private int size;
    private boolean writing;
    private boolean readerGone;
    private boolean resetByWriter;
    private boolean cut;

    // Changed under the lock, and looked at without it.
    private volatile boolean ended;
    private volatile boolean reset;
    private volatile boolean cameTooLate;
    private volatile @Nullable Watchers readers;
    private volatile @Nullable Watchers writers;
    private volatile @Nullable Watchers endings;

    BytePipe(int capacity, Waits waits, Object end) {
        this.capacity = capacity;
        this.line = new WaitingLine(waits);
        this.end = end;
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
        while (line.await(this::mayRead, deadline, () -> "bytes on " + end)) {
            now = tryRead(into);
            if (now != 0) {
                return now;
            }
        }
        throw new StreamTimeoutException("no byte came in time", 0);
    }

    int tryRead(ByteBuffer into) throws IOException {
        int count;
        synchronized (line) {
            count = tryReadLocked(into);
        }
        tell(writers);
        return count;
    }

    // ---- watching

    /** Calls somebody once: when a read would not have to wait, at once if so already. */
    void whenReadable(Runnable next) {
        synchronized (line) {
            if (!mayRead()) {
                readers = with(next, readers);
                return;
            }
        }
        next.run();
    }

    /** Calls somebody once: when a write would not have to wait, at once if so already. */
    void whenWritable(Runnable next) {
        synchronized (line) {
            if (!mayWrite()) {
                writers = with(next, writers);
                return;
            }
        }
        next.run();
    }

    /** Calls somebody once: when the writer has ended or the direction was reset, at once if so already. */
    void whenEnded(Runnable next) {
        synchronized (line) {
            if (!ended && !reset) {
                endings = with(next, endings);
                return;
            }
        }
        next.run();
    }

    /** Whether a read would not have to wait. */
    boolean isReadable() {
        synchronized (line) {
            return mayRead();
        }
    }

    /** Whether a write would not have to wait. */
    boolean isWritable() {
        synchronized (line) {
            return mayWrite();
        }
    }

    /** Called inside the lock, as is {@link #mayWrite}. */
    private boolean mayRead() {
        return size > 0 || ended || isOver();
    }

    private boolean mayWrite() {
        return (size < capacity && !writing) || ended || isOver();
    }

    private boolean isOver() {
        return readerGone || reset;
    }

    private static Watchers with(Runnable next, @Nullable Watchers there) {
        Watchers watchers = there == null ? new Watchers() : there;
        watchers.add(next);
        return watchers;
    }

    /** Calls who watches, outside the lock; who does not watch costs one look. */
    private void tell(@Nullable Watchers watchers) {
        if (watchers == null || watchers.isEmpty()) {
            return;
        }
        List<Runnable> ready;
        synchronized (line) {
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
    }

    private void tellAll() {
        tell(readers);
        tell(writers);
        if (ended || reset) {
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
        head = size == 0 ? 0 : after(count);
        if (size == 0 && ring.length <= KEPT_ABOVE) {
            ring = NONE;
        }
        if (count > 0) {
            line.wakeAll();
        }
        return count;
    }

    int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        int wanted = from.remaining();
        try {
            if (!writeAtOnce(from)) {
                writeInTurn(from, deadline);
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
        synchronized (line) {
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
                synchronized (line) {
                    requireWritable();
                    if (myTurn || !writing) {
                        myTurn = true;
                        writing = true;
                        written += put(from);
                    }
                }
                if (!from.hasRemaining()) {
                    return;
                }
                tell(readers);
                boolean mine = myTurn;
                if (!line.await(() -> mayGoOn(mine), deadline, () -> "room for bytes on " + end)) {
                    throw new StreamTimeoutException("the peer did not read in time", written);
                }
            }
        } finally {
            if (myTurn) {
                giveTurnBack();
            }
        }
    }

    /** Whether a writer, in its turn or waiting for it, has something to do. Called inside the lock. */
    private boolean mayGoOn(boolean myTurn) {
        return ended || isOver() || (myTurn ? size < capacity : !writing);
    }

    private void giveTurnBack() {
        synchronized (line) {
            writing = false;
            line.wakeAll();
        }
    }

    int tryWrite(ByteBuffer from) throws IOException {
        int count;
        synchronized (line) {
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
        int tail = after(size);
        int first = Math.min(count, ring.length - tail);
        from.get(ring, tail, first);
        from.get(ring, 0, count - first);
        size += count;
        line.wakeAll();
        return count;
    }

    /** The place so many bytes behind the head; no sum of the two, which may be too large for an int. */
    private int after(int count) {
        int beyond = head - ring.length + count;
        return beyond < 0 ? beyond + ring.length : beyond;
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
        synchronized (line) {
            return size;
        }
    }

    /** Bytes of memory that it keeps for bytes to come. */
    int kept() {
        synchronized (line) {
            return ring.length;
        }
    }

    /** The writer ends its output. */
    void end() {
        synchronized (line) {
            ended = true;
            line.wakeAll();
        }
        tellAll();
    }

    /** The reader ends its input; false if bytes were thrown away, which resets this direction at once. */
    boolean endInput() {
        boolean nothingLost;
        synchronized (line) {
            nothingLost = size == 0;
            readerGone = true;
            reset |= !nothingLost;
            forget();
            line.wakeAll();
        }
        tellAll();
        return nothingLost;
    }

    /** Resets the direction on behalf of one of its ends. */
    void reset(boolean byWriter) {
        synchronized (line) {
            if (!reset) {
                reset = true;
                resetByWriter = byWriter;
                forget();
            }
            line.wakeAll();
        }
        tellAll();
    }

    /** Resets the direction on behalf of neither end. */
    void cut() {
        synchronized (line) {
            reset = true;
            cut = true;
            forget();
            line.wakeAll();
        }
        tellAll();
    }

    boolean isOutputEnded() {
        return ended;
    }

    /** Whether the writer has ended and the reader has everything. */
    boolean isDrained() {
        synchronized (line) {
            return ended && size == 0;
        }
    }

    boolean isReset() {
        return reset;
    }

    private void forget() {
        ring = NONE;
        head = 0;
        size = 0;
    }
}
