package io.github.wfpsim.engine;

import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Fault;
import org.jspecify.annotations.Nullable;

/** A call of a callout's notifyFn, for which it is lent a filter. */
final class NotifyCall implements Loan, RunningCall {

    private final FaultRecorder verifier;
    private final String driver;
    private volatile @Nullable Thread runner = Thread.currentThread();

    NotifyCall(FaultRecorder verifier, String driver) {
        this.verifier = verifier;
        this.driver = driver;
    }

    /** Notes that notifyFn has returned. */
    void end() {
        runner = null;
    }

    @Override
    public boolean isOver() {
        return runner == null;
    }

    @Override
    public boolean refuseStale(String object, String use) {
        verifier.fault(null, Fault.STALE_REFERENCE, object, use + " by " + driver + " after notifyFn had returned");
        return false;
    }

    @Override
    public @Nullable Thread runner() {
        return runner;
    }

    @Override
    public boolean isAbout(long flowId) {
        return false;
    }
}
