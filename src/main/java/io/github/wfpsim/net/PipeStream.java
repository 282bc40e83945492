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
        int written = out.write(from, deadline);
        resetIfTooLate();
        return written;
    }

    @Override
    public int tryRead(ByteBuffer into) throws IOException {
        StreamArguments.requireWritable(into);
        return in.tryRead(into);
    }

    @Override
    public int tryWrite(ByteBuffer from) throws IOException {
        StreamArguments.requireSource(from);
        int written = out.tryWrite(from);
        resetIfTooLate();
        return written;
    }

    /** The peer answers bytes that it wants no more with a reset; the write that brings it about still succeeds. */
    private void resetIfTooLate() {
        if (out.cameTooLate()) {
            in.reset(true);
            out.reset(false);
        }
    }

    @Override
    public int available() {
        return in.available();
    }

    @Override
    public void whenReadable(Runnable next) {
        StreamArguments.require(next);
        in.whenReadable(next);
    }

    @Override
    public void whenWritable(Runnable next) {
        StreamArguments.require(next);
        out.whenWritable(next);
    }

    @Override
    public boolean whenInputEnded(Runnable next) {
        StreamArguments.require(next);
        in.whenEnded(next);
        return true;
    }

    @Override
    public boolean isReadable() {
        return in.isReadable();
    }

    @Override
    public boolean isWritable() {
        return out.isWritable();
    }

    @Override
    public boolean isInputEnded() {
        return in.isOutputEnded();
    }

    @Override
    public void shutdownOutput() {
        out.end();
    }

    @Override
    public void shutdownInput() {
        if (!in.endInput()) {
            reset();
        }
    }

    @Override
    public void reset() {
        out.reset(true);
        in.reset(false);
    }

    @Override
    public void cut() {
        in.cut();
        out.cut();
    }

    @Override
    public boolean isEnded() {
        return in.isDrained() && out.isOutputEnded();
    }

    @Override
    public boolean isReset() {
        return in.isReset() || out.isReset();
    }

    @Override
    public void close() {
        out.end();
        if (!in.endInput()) {
            reset();
        }
    }
}
