package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** The transport completes, the driver cancels and a close cancels a pending request: one of them wins. Runs with three processors or more. */
@JCStressTest
@Outcome(id = "1, 0, 0, 11", expect = Expect.ACCEPTABLE, desc = "completed")
@Outcome(id = "0, 1, 0, 12", expect = Expect.ACCEPTABLE, desc = "cancelled by the driver")
@Outcome(id = "0, 0, 1, 12", expect = Expect.ACCEPTABLE, desc = "cancelled by the close")
@Outcome(expect = Expect.FORBIDDEN, desc = "completed twice, or never, or by nobody")
@State
public class CompleteCancelCloseStress {

    private final OneRequest machine = new OneRequest(CompletionMode.INLINE);
    private final IrpRequest request = machine.begin();

    public CompleteCancelCloseStress() {
        request.pend(() -> {});
    }

    @Actor
    public void transport(IIII_Result result) {
        result.r1 = request.complete(NtStatus.STATUS_SUCCESS, 7) ? 1 : 0;
    }

    @Actor
    public void driver(IIII_Result result) {
        result.r2 = machine.cancel();
    }

    @Actor
    public void close(IIII_Result result) {
        result.r3 = request.cancel() ? 1 : 0;
    }

    @Arbiter
    public void end(IIII_Result result) {
        result.r4 = machine.end();
    }
}
