package io.github.wfpsim.kernel;

import io.github.wfpsim.host.SimOptions.CompletionMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The driver cancels a pending request while a close does: one of them wins. */
@JCStressTest
@Outcome(id = "1, 0, 12", expect = Expect.ACCEPTABLE, desc = "cancelled by the driver")
@Outcome(id = "0, 1, 12", expect = Expect.ACCEPTABLE, desc = "cancelled by the close")
@Outcome(expect = Expect.FORBIDDEN, desc = "cancelled twice, or never, or by nobody")
@State
public class CancelCloseStress {

    private final OneRequest machine = new OneRequest(CompletionMode.INLINE);
    private final IrpRequest request = machine.begin();

    public CancelCloseStress() {
        request.pend(() -> {});
    }

    @Actor
    public void driver(III_Result result) {
        result.r1 = machine.cancel();
    }

    @Actor
    public void close(III_Result result) {
        result.r2 = request.cancel() ? 1 : 0;
    }

    @Arbiter
    public void end(III_Result result) {
        result.r3 = machine.end();
    }
}
