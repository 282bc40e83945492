package io.github.wfpsim.kernel;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A buffer is freed while a request borrows it: that never goes unnoticed. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "freed while lent")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "freed before")
@Outcome(id = "0, 2", expect = Expect.ACCEPTABLE_INTERESTING, desc = "both sides noticed")
@Outcome(expect = Expect.FORBIDDEN, desc = "a freed buffer is lent without a fault")
@State
public class BorrowFreeStress {

    private final OneRequest machine = new OneRequest(CompletionMode.INLINE);
    private final IrpRequest request = machine.begin();
    private final PoolBlock block = machine.driver.pool().allocate(8, "Strs");

    @Actor
    public void provider(II_Result result) {
        result.r1 = request.borrow(block) == null ? 0 : 1;
    }

    @Actor
    public void driver() {
        block.free();
    }

    @Arbiter
    public void end(II_Result result) {
        result.r2 = machine.faults();
    }
}
