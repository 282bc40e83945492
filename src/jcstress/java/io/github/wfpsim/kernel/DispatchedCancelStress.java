package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.IoStatus;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A control request is processed by the dispatcher while the driver cancels: a cancelled one has done nothing. */
@JCStressTest
@Outcome(id = "0, 1, 11", expect = Expect.ACCEPTABLE, desc = "processed")
@Outcome(id = "1, 0, 12", expect = Expect.ACCEPTABLE, desc = "cancelled")
@Outcome(expect = Expect.FORBIDDEN, desc = "processed and cancelled, or neither")
@State
public class DispatchedCancelStress {

    private final OneRequest machine = new OneRequest(CompletionMode.PENDING);
    private final AtomicInteger processed = new AtomicInteger();

    public DispatchedCancelStress() {
        machine.begin().run(() -> {
            processed.incrementAndGet();
            return new IoStatus(NtStatus.STATUS_SUCCESS, 7);
        });
    }

    @Actor
    public void dispatcher() {
        machine.dispatcher.runAll();
    }

    @Actor
    public void driver(III_Result result) {
        result.r1 = machine.cancel();
    }

    @Arbiter
    public void end(III_Result result) {
        machine.dispatcher.runAll();
        result.r2 = processed.get();
        result.r3 = machine.end();
    }
}
