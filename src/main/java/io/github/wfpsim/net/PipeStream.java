package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** One end of a connection inside the simulator: what it reads from and what it writes to. */
final class PipeStream implements DuplexStream {

    private static final String NO_DEADLINE = "deadline must not be null: use Deadline.NEVER";

    private final BytePipe in;
    private final BytePipe out;

    PipeStream(BytePipe in, BytePipe out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        return in.read(writable(into), Objects.requireNonNull(deadline, NO_DEADLINE));
    }

    @Override
    public int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        return out.write(readable(from), Objects.requireNonNull(deadline, NO_DEADLINE));
    }

    @Override
    public int tryRead(ByteBuffer into) throws IOException {
        return in.tryRead(writable(into));
    }

    @Override
    public int tryWrite(ByteBuffer from) throws IOException {
        return out.tryWrite(readable(from));
    }

    @Override
    public int available() {
        return in.available();
    }

    @Override
    public void shutdownOutput() {
        out.end();
    }

    @Override
    public void shutdownInput() {
        in.endInput();
    }

    @Override
    public void reset() {
        out.reset(true);
        in.reset(false);
    }

    @Override
    public boolean isReset() {
        return in.isReset() || out.isReset();
    }

    @Override
    public void close() {
        if (in.available() > 0) {
            reset();
        } else {
            out.end();
            in.endInput();
        }
    }

    private static ByteBuffer writable(ByteBuffer into) {
        Objects.requireNonNull(into, "into must not be null: give a buffer to fill");
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("into must not be read-only: give a buffer that can be filled");
        }
        return into;
    }

    private static ByteBuffer readable(ByteBuffer from) {
        return Objects.requireNonNull(from, "from must not be null: give a buffer to send");
    }
}
