package io.github.wfpsim.driver;

import io.github.wfpsim.abi.Irql;

/**
 * The simulated interrupt request level of each thread.
 *
 * <p>Threads run at {@link Irql#PASSIVE_LEVEL} unless raised. The engine raises the thread of a callout to the host's
 * {@code classifyIrql} for the time of the call. Safe for use by many threads; each sees its own level.
 *
 * <p>Source: KeGetCurrentIrql (WDK). Requirements: WFP-37, WFP-41.
 */
public interface CurrentIrql {

    /** {@return the level of the calling thread, as KeGetCurrentIrql does} */
    Irql get();

    /**
     * Runs an action at a level and restores the old one afterwards, also if the action throws.
     *
     * @param irql the level to run at
     * @param action what to run
     */
    void runAt(Irql irql, Runnable action);
}
