package io.github.wfpsim.fabric;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A reader empties the buffer, which gives its memory up, while the next bytes come: all arrive, in their order. */
@JCStressTest
@Outcome(
        id = {"12, 34", "1234, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "the second bytes come after the read, or before it")
@Outcome(expect = Expect.FORBIDDEN, desc = "bytes are lost, doubled or out of order")
@State
public class RingReuseStress {

    private final PipeStream.Pair pair = Pairs.of(1024);

    public RingReuseStress() {
        write(1, 2);
    }

    private void write(int one, int two) {
        try {
            pair.left().tryWrite(ByteBuffer.wrap(new byte[] {(byte) one, (byte) two}));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** What there is, as decimal digits. */
    private int read() {
        ByteBuffer into = ByteBuffer.allocate(8);
        try {
            pair.right().tryRead(into);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        int digits = 0;
        for (int i = 0; i < into.position(); i++) {
            digits = 10 * digits + into.get(i);
        }
        return digits;
    }

    @Actor
    public void writer() {
        write(3, 4);
    }

    @Actor
    public void reader(II_Result result) {
        result.r1 = read();
    }

    @Arbiter
    public void end(II_Result result) {
        result.r2 = read();
    }
}
