package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The driver cancels while the request begins to wait: the wish is not lost. */
@JCStressTest
@Outcome(id = "1, 0, 12", expect = Expect.ACCEPTABLE, desc = "cancelled by the driver")
@Outcome(id = "0, 0, 12", expect = Expect.ACCEPTABLE, desc = "the request saw the flag")
@Outcome(expect = Expect.FORBIDDEN, desc = "the cancellation was lost, or done twice")
@State
public class PendCancelStress {

    private final OneRequest machine = new OneRequest(CompletionMode.INLINE);
    private final IrpRequest request = machine.begin();

    @Actor
    public void provider() {
        request.pend(() -> {});
    }

    @Actor
    public void driver(III_Result result) {
        result.r1 = machine.cancel();
    }

    @Arbiter
    public void end(III_Result result) {
        result.r2 = request.complete(NtStatus.STATUS_SUCCESS, 7) ? 1 : 0;
        result.r3 = machine.end();
    }
}
