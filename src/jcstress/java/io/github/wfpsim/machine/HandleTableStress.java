package io.github.wfpsim.machine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The last object leaves a page while another one comes: the page is dropped, or kept, but nothing is lost. */
@JCStressTest
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "the new object alone is there")
@Outcome(expect = Expect.FORBIDDEN, desc = "the new object is lost, or the old one found")
@State
public class HandleTableStress {

    private static final long OLD = 4;
    private static final long NEW = 8;
    private static final long LATER_PAGE = 2048;

    private final HandleTable<Integer> table = new HandleTable<>();

    public HandleTableStress() {
        table.put(LATER_PAGE, 3);
        table.put(OLD, 1);
    }

    @Actor
    public void close() {
        table.remove(OLD);
    }

    @Actor
    public void open() {
        table.put(NEW, 2);
    }

    @Arbiter
    public void end(II_Result result) {
        result.r1 = valueOf(OLD) + valueOf(NEW);
        result.r2 = table.size();
    }

    private int valueOf(long handle) {
        Integer found = table.get(handle);
        return found == null ? 0 : found;
    }
}
