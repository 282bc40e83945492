package io.github.wfpsim.stack;

import io.github.wfpsim.net.ConnectionState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Who finds a new endpoint in the table finds it whole: its fields are stored lazily, and the table publishes them. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "not in the table yet")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "there, and whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "there, but not whole")
@State
public class NewEndpointStress {

    private final OneTable machine = new OneTable();

    @Actor
    public void open() {
        machine.open();
    }

    @Actor
    public void find(I_Result result) {
        for (Endpoint endpoint : machine.table.endpoints()) {
            boolean whole = endpoint.state() == ConnectionState.OPEN
                    && endpoint.local() != null
                    && endpoint.inherited() != null;
            result.r1 = whole ? 1 : 2;
        }
    }
}
