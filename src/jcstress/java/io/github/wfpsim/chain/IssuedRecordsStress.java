package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RedirectRecord;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Who finds a chain among the records that were issued last finds it whole: the place is stored with release. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "not there yet")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "there, with its redirect")
@Outcome(expect = Expect.FORBIDDEN, desc = "there, but not whole")
@State
public class IssuedRecordsStress {

    private static final byte[] BLOB = {1, 2, 3, 4};

    private final IssuedRecords issued = new IssuedRecords();

    @Actor
    public void issue() {
        RedirectChain chain = Chains.of(7);
        chain.setWireForm(BLOB);
        issued.add(chain, BLOB);
    }

    @Actor
    public void find(I_Result result) {
        RedirectChain chain = issued.find(ByteBuffer.wrap(BLOB), 0, BLOB.length);
        if (chain != null) {
            RedirectRecord newest = chain.newest();
            boolean whole = chain.size() == 1 && newest != null && newest.targetPid() == Chains.TARGET_PID;
            result.r1 = whole ? 1 : 2;
        }
    }
}
