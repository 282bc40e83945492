package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One end of a connection inside the simulator: what it reads from and what it writes to. */
final class PipeStream implements DuplexStream {

    private final BytePipe in;
    private final BytePipe out;

    PipeStream(BytePipe in, BytePipe out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        StreamArguments.requireWritable(into);
        StreamArguments.require(deadline);
        return in.read(into, deadline);
    }

    @Override
    public int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        StreamArguments.requireSource(from);
        StreamArguments.require(deadline);
        return out.write(from, deadline);
    }

    @Override
    public int tryRead(ByteBuffer into) throws IOException {
        StreamArguments.requireWritable(into);
        return in.tryRead(into);
    }

    @Override
    public int tryWrite(ByteBuffer from) throws IOException {
        StreamArguments.requireSource(from);
        return out.tryWrite(from);
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
}
