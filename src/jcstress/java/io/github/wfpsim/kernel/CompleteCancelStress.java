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

/** The transport completes a pending request while the driver cancels it: one of them wins. */
@JCStressTest
@Outcome(id = "1, 0, 11", expect = Expect.ACCEPTABLE, desc = "completed")
@Outcome(id = "0, 1, 12", expect = Expect.ACCEPTABLE, desc = "cancelled by the driver")
@Outcome(expect = Expect.FORBIDDEN, desc = "completed twice, or never, or by nobody")
@State
public class CompleteCancelStress {

    private final OneRequest machine = new OneRequest(CompletionMode.INLINE);
    private final IrpRequest request = machine.begin();

    public CompleteCancelStress() {
        request.pend(() -> {});
    }

    @Actor
    public void transport(III_Result result) {
        result.r1 = request.complete(NtStatus.STATUS_SUCCESS, 7) ? 1 : 0;
    }

    @Actor
    public void driver(III_Result result) {
        result.r2 = machine.cancel();
    }

    @Arbiter
    public void end(III_Result result) {
        result.r3 = machine.end();
    }
}
