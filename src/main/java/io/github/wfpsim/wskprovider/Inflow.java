package io.github.wfpsim.wskprovider;

import io.github.wfpsim.net.DuplexStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What has come by a connection and nobody has taken yet: bytes that a callback refused, before those in the stream. The
 * private lock guards them; the stream is read outside it.
 */
final class Inflow {

    /** Most bytes that one callback gets, and that wait here. */
    static final int MOST_BYTES = 65_536;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Object lock = new Object();
    private ByteBuffer waiting = NOTHING;

    boolean isEmpty() {
        synchronized (lock) {
            return !waiting.hasRemaining();
        }
    }

    /** Reads what is there, as {@link DuplexStream#tryRead} does. */
    int tryRead(DuplexStream stream, ByteBuffer into) throws IOException {
        int count = takeInto(into);
        return count > 0 ? count : stream.tryRead(into);
    }

    private int takeInto(ByteBuffer into) {
        synchronized (lock) {
            int count = Math.min(waiting.remaining(), into.remaining());
            into.put(waiting.slice().limit(count));
            waiting.position(waiting.position() + count);
            return count;
        }
    }

    /** Puts bytes back in front of all others. */
    void giveBack(ByteBuffer bytes) {
        synchronized (lock) {
            waiting = joined(bytes, waiting);
        }
    }

    /** Moves bytes from the stream to here, so that its end is seen behind them; -1 at its end, 0 if none moved. */
    int pull(DuplexStream stream) throws IOException {
        ByteBuffer more = ByteBuffer.allocate(room());
        int count = more.hasRemaining() ? stream.tryRead(more) : 0;
        synchronized (lock) {
            waiting = joined(waiting, more.flip());
        }
        return count;
    }

    boolean isFull() {
        return room() == 0;
    }

    private int room() {
        synchronized (lock) {
            return Math.max(0, MOST_BYTES - waiting.remaining());
        }
    }

    private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second)
                .flip();
    }
}
