package io.github.wfpsim.engine;

import org.jspecify.annotations.Nullable;

/** A call of a function of a callout that has not returned. */
interface RunningCall {

    /** The thread that runs it; null once it has returned. */
    @Nullable
    Thread runner();

    /** Whether it is classifyFn, asked about a flow. */
    boolean isAbout(long flowId);
}
