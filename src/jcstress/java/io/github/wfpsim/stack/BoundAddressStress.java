package io.github.wfpsim.stack;

import io.github.wfpsim.net.ConnectionState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Who sees that a socket is bound sees its address: stored lazily, and published by the move to BOUND. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "not bound yet")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "bound, with its address")
@Outcome(expect = Expect.FORBIDDEN, desc = "bound to nothing")
@State
public class BoundAddressStress {

    private final Endpoint endpoint = new OneTable().open();

    public BoundAddressStress() {
        endpoint.transition(ConnectionState.OPEN, ConnectionState.BINDING);
    }

    @Actor
    public void bind() {
        endpoint.setLocal(OneTable.LOCAL);
        endpoint.transition(ConnectionState.BINDING, ConnectionState.BOUND);
    }

    @Actor
    public void look(I_Result result) {
        if (endpoint.state() == ConnectionState.BOUND) {
            result.r1 = endpoint.local().equals(OneTable.LOCAL) ? 1 : 2;
        }
    }
}
