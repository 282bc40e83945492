package io.github.wfpsim.fabric;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The first bytes of a connection come while their reader closes: that resets it, whoever was first. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "both ends see the reset")
@Outcome(expect = Expect.FORBIDDEN, desc = "bytes that nobody read are forgotten")
@State
public class FirstWriteCloseStress {

    private final PipeStream.Pair pair = Pairs.of(1024);

    @Actor
    public void writer() {
        try {
            pair.left().tryWrite(ByteBuffer.allocate(3));
        } catch (IOException peerWasFaster) {
            // Allowed: what counts is the end.
        }
    }

    @Actor
    public void closer() {
        pair.right().close();
    }

    @Arbiter
    public void end(ZZ_Result result) {
        result.r1 = pair.left().isReset();
        result.r2 = pair.right().isReset();
    }
}
