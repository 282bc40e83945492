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

/** The first bytes of a connection come while its reader begins to watch: they arrive, and it hears of them once. */
@JCStressTest
@Outcome(id = "1, 3", expect = Expect.ACCEPTABLE, desc = "told once, and all is there")
@Outcome(expect = Expect.FORBIDDEN, desc = "bytes are lost, or nobody is told")
@State
public class FirstBytesStress {

    private final PipeStream.Pair pair = Pairs.of(1024);
    private volatile int told;

    @Actor
    public void writer() {
        try {
            pair.left().tryWrite(ByteBuffer.allocate(3));
        } catch (IOException impossible) {
            // jcstress takes no actors with checked exceptions.
            throw new UncheckedIOException(impossible);
        }
    }

    @Actor
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void reader() {
        pair.right().whenReadable(() -> told++);
    }

    @Arbiter
    public void end(II_Result result) {
        result.r1 = told;
        result.r2 = pair.right().available();
    }
}
