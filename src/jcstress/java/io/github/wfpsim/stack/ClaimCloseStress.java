package io.github.wfpsim.stack;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A socket is closed while it claims its five-tuple: the next socket can have it. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the five-tuple is free, and no socket left")
@Outcome(expect = Expect.FORBIDDEN, desc = "a socket that is gone keeps its five-tuple")
@State
public class ClaimCloseStress {

    private final OneTable machine = new OneTable();
    private final Endpoint endpoint = machine.open();

    public ClaimCloseStress() {
        endpoint.setLocal(OneTable.LOCAL);
    }

    @Actor
    public void connect() {
        machine.table.claimTuple(endpoint, OneTable.PEER);
    }

    @Actor
    public void close() {
        machine.close(endpoint);
    }

    @Arbiter
    public void end(II_Result result) {
        result.r2 = machine.table.size();
        Endpoint next = machine.open();
        next.setLocal(OneTable.LOCAL);
        result.r1 = machine.table.claimTuple(next, OneTable.PEER) ? 1 : 0;
    }
}
