package io.github.wfpsim.kernel;

import io.github.wfpsim.host.SimOptions.CompletionMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two threads hand the same IRP in: one is served, the other hears that it is busy. */
@JCStressTest
@Outcome(
        id = {"1, 0, 1", "0, 1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "taken once")
@Outcome(expect = Expect.FORBIDDEN, desc = "taken twice or never, or without a fault")
@State
public class HandInTwiceStress {

    private final OneRequest machine = new OneRequest(CompletionMode.INLINE);

    private int handIn() {
        return IrpRequest.begin(machine.io, machine.irp, "WskReceive") == null ? 0 : 1;
    }

    @Actor
    public void first(III_Result result) {
        result.r1 = handIn();
    }

    @Actor
    public void second(III_Result result) {
        result.r2 = handIn();
    }

    @Arbiter
    public void end(III_Result result) {
        result.r3 = machine.faults();
    }
}
