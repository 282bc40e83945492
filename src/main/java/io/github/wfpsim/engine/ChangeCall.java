package io.github.wfpsim.engine;

import org.jspecify.annotations.Nullable;

/** A call of the callback of a subscription. */
final class ChangeCall implements RunningCall {

    private volatile @Nullable Thread runner = Thread.currentThread();

    /** Notes that the callback has returned. */
    void end() {
        runner = null;
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
