package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The transport takes a request, finds no data and gives it back, while the driver cancels: it ends cancelled. */
@JCStressTest
@Outcome(id = "1, 12", expect = Expect.ACCEPTABLE, desc = "cancelled by the driver")
@Outcome(id = "0, 12", expect = Expect.ACCEPTABLE, desc = "cancelled as it was given back")
@Outcome(expect = Expect.FORBIDDEN, desc = "the cancellation was lost, or done twice")
@State
public class GiveBackCancelStress {

    private final OneRequest machine = new OneRequest(CompletionMode.INLINE);
    private final IrpRequest request = machine.begin();

    public GiveBackCancelStress() {
        request.pend(() -> {});
    }

    @Actor
    public void transport() {
        if (request.take()) {
            request.giveBack();
        }
    }

    @Actor
    public void driver(II_Result result) {
        result.r1 = machine.cancel();
    }

    @Arbiter
    public void end(II_Result result) {
        request.complete(NtStatus.STATUS_SUCCESS, 7);
        result.r2 = machine.end();
    }
}
