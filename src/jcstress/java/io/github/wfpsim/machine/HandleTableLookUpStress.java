package io.github.wfpsim.machine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The first object of a page comes while it is looked up: once found, it stays found. */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "looked up before, meanwhile or afterwards")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "found and lost again")
@State
public class HandleTableLookUpStress {

    private static final long FIRST_PAGE = 4;
    private static final long NEXT_PAGE = 2048;

    private final HandleTable<Integer> table = new HandleTable<>();

    public HandleTableLookUpStress() {
        table.put(FIRST_PAGE, 1);
    }

    @Actor
    public void open() {
        table.put(NEXT_PAGE, 1);
    }

    @Actor
    public void lookUp(II_Result result) {
        result.r1 = table.get(NEXT_PAGE) == null ? 0 : 1;
        result.r2 = table.get(NEXT_PAGE) == null ? 0 : 1;
    }
}
