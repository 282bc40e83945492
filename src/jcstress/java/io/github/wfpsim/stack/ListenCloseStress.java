package io.github.wfpsim.stack;

import io.github.wfpsim.abi.IpProtocol;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A bound socket is closed while it begins to listen: no connection finds it, and its address is free. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "nobody listens, and the address is free")
@Outcome(expect = Expect.FORBIDDEN, desc = "a socket that is gone listens, or keeps its address")
@State
public class ListenCloseStress {

    private final OneTable machine = new OneTable();
    private final Endpoint endpoint = machine.open();

    public ListenCloseStress() {
        machine.table.reserve(endpoint, OneTable.LOCAL);
    }

    @Actor
    public void listen() {
        machine.table.listen(endpoint);
    }

    @Actor
    public void close() {
        machine.close(endpoint);
    }

    @Arbiter
    public void end(II_Result result) {
        result.r1 = machine.table.listenerFor(IpProtocol.IPPROTO_TCP, OneTable.LOCAL) == null ? 0 : 1;
        result.r2 = machine.table.reserve(machine.open(), OneTable.LOCAL) == null ? 0 : 1;
    }
}
