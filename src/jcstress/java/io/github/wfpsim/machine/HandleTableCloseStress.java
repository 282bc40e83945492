package io.github.wfpsim.machine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A thread opens a first handle and then looks for the end, while another one ends and then lists what is open. */
@JCStressTest
@Outcome(
        id = {"0, 1", "1, 0", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "one of them at least sees the other")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "the handle stays open for ever")
@State
public class HandleTableCloseStress {

    private static final long FIRST = 4;

    private final HandleTable<Integer> table = new HandleTable<>();
    private volatile boolean ended;

    @Actor
    public void open(II_Result result) {
        table.put(FIRST, 1);
        result.r1 = ended ? 1 : 0;
    }

    @Actor
    public void end(II_Result result) {
        ended = true;
        result.r2 = table.values().size();
    }
}
