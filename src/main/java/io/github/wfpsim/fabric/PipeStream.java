package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection inside the simulator. It keeps the direction that it reads; it writes to that of its peer. A
 * direction is made when something happens in it, so that an idle connection is its two ends and nothing else.
 */
public final class PipeStream implements DuplexStream {

    private static final AtomicReferenceFieldUpdater<PipeStream, @Nullable BytePipe> INCOMING =
            AtomicReferenceFieldUpdater.newUpdater(PipeStream.class, BytePipe.class, "incoming");

    /**
     * The two ends of a connection.
     *
     * @param left one end
     * @param right the other end
     */
    public record Pair(DuplexStream left, DuplexStream right) {}

    private final int capacity;
    private final Waits waits;
    private final FiveTuple connection;
    private final PipeStream peer;
    private volatile @Nullable BytePipe incoming;

    private PipeStream(int capacity, Waits waits, FiveTuple connection, @Nullable PipeStream peer) {
        this.capacity = capacity;
        this.waits = waits;
        this.connection = connection;
        this.peer = peer == null ? new PipeStream(capacity, waits, connection, this) : peer;
    }

    /**
     * Creates a connection inside the simulator.
     *
     * @param capacityBytes most bytes that wait in each direction; a writer that is ahead by more waits
     * @param waits where waits for bytes and for room are listed
     * @param connection names the connection in them
     * @return its ends; buffers are made with the first byte
     */
    public static Pair pair(int capacityBytes, Waits waits, FiveTuple connection) {
        if (capacityBytes <= 0) {
            throw new IllegalArgumentException("capacity must be positive but was " + capacityBytes);
        }
        PipeStream left = new PipeStream(capacityBytes, waits, connection, null);
        return new Pair(left, left.peer);
    }

    @Override
    public String toString() {
        return "the connection between " + IpAddress.text(connection.local()) + " and "
                + IpAddress.text(connection.remote());
    }

    /** What comes in; made by the first who needs it. */
    private BytePipe in() {
        BytePipe made = incoming;
        if (made == null) {
            INCOMING.compareAndSet(this, null, new BytePipe(capacity, waits, this));
            made = Objects.requireNonNull(incoming, "once made, it stays");
        }
        return made;
    }

    /** What goes out. */
    private BytePipe out() {
        return peer.in();
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        StreamArguments.requireWritable(into);
        StreamArguments.require(deadline);
        return in().read(into, deadline);
    }

    @Override
    public int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        StreamArguments.requireSource(from);
        StreamArguments.require(deadline);
        BytePipe out = out();
        int written = out.write(from, deadline);
        resetIfTooLate(out);
        return written;
    }

    @Override
    public int tryRead(ByteBuffer into) throws IOException {
        StreamArguments.requireWritable(into);
        BytePipe in = incoming;
        return in == null ? 0 : in.tryRead(into);
    }

    @Override
    public int tryWrite(ByteBuffer from) throws IOException {
        StreamArguments.requireSource(from);
        BytePipe out = out();
        int written = out.tryWrite(from);
        resetIfTooLate(out);
        return written;
    }

    /** The peer answers bytes that it wants no more with a reset; the write that brings it about still succeeds. */
    private void resetIfTooLate(BytePipe out) {
        if (out.cameTooLate()) {
            in().reset(true);
            out.reset(false);
        }
    }

    @Override
    public int available() {
        BytePipe in = incoming;
        return in == null ? 0 : in.available();
    }

    @Override
    public void whenReadable(Runnable next) {
        StreamArguments.require(next);
        in().whenReadable(next);
    }

    @Override
    public void whenWritable(Runnable next) {
        StreamArguments.require(next);
        out().whenWritable(next);
    }

    @Override
    public boolean whenInputEnded(Runnable next) {
        StreamArguments.require(next);
        in().whenEnded(next);
        return true;
    }

    @Override
    public boolean isReadable() {
        BytePipe in = incoming;
        return in != null && in.isReadable();
    }

    @Override
    public boolean isWritable() {
        BytePipe out = peer.incoming;
        return out == null || out.isWritable();
    }

    @Override
    public boolean isInputEnded() {
        BytePipe in = incoming;
        return in != null && in.isOutputEnded();
    }

    @Override
    public void shutdownOutput() {
        out().end();
    }

    @Override
    public void shutdownInput() {
        if (!in().endInput()) {
            reset();
        }
    }

    @Override
    public void reset() {
        out().reset(true);
        in().reset(false);
    }

    @Override
    public void cut() {
        in().cut();
        out().cut();
    }

    @Override
    public boolean isEnded() {
        BytePipe in = incoming;
        return in != null && in.isDrained() && peer.isInputEnded();
    }

    @Override
    public boolean isReset() {
        return isReset(incoming) || isReset(peer.incoming);
    }

    private static boolean isReset(@Nullable BytePipe direction) {
        return direction != null && direction.isReset();
    }

    @Override
    public void close() {
        out().end();
        if (!in().endInput()) {
            reset();
        }
    }
}
