package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.driver.CurrentIrql;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Fault;
import java.util.Objects;

/** The level of each thread, and who may call what at it. Safe for use by many threads. */
public final class ThreadIrql implements CurrentIrql {

    /** What a thread keeps, so that a change of level is a write of a field. */
    private static final class Level {
        private Irql now = Irql.PASSIVE_LEVEL;
    }

    private final ThreadLocal<Level> levels = ThreadLocal.withInitial(Level::new);
    private final FaultRecorder verifier;

    /**
     * Creates the levels of one machine.
     *
     * @param verifier hears of calls made at too high a level
     */
    public ThreadIrql(FaultRecorder verifier) {
        this.verifier = Objects.requireNonNull(verifier, "verifier must not be null");
    }

    @Override
    public Irql get() {
        return levels.get().now;
    }

    @Override
    public void runAt(Irql irql, Runnable action) {
        Objects.requireNonNull(irql, "irql must not be null: give the level to run at");
        Objects.requireNonNull(action, "action must not be null: give what to run");
        Irql before = replace(irql);
        try {
            action.run();
        } finally {
            replace(before);
        }
    }

    /**
     * Changes the level of the calling thread, as KeRaiseIrql and KeLowerIrql do. For {@link #runAt} where the action is
     * no object: whoever calls it sets the old level again.
     *
     * @param irql the level from now on
     * @return the level until now
     */
    public Irql replace(Irql irql) {
        Objects.requireNonNull(irql, "irql must not be null: give the level to run at");
        Level level = levels.get();
        Irql before = level.now;
        level.now = irql;
        return before;
    }

    /**
     * Checks that the calling thread may call a function that is limited to a level.
     *
     * @param highest the highest level at which the function may be called
     * @param function the function's Windows name, for the fault
     * @return true if the call is legal; false after fault {@code IRQL_TOO_HIGH}
     * @throws io.github.wfpsim.verifier.FaultException if it is not and faults are thrown
     */
    public boolean allows(Irql highest, String function) {
        Objects.requireNonNull(highest, "highest must not be null: give the highest level allowed");
        Objects.requireNonNull(function, "function must not be null: give the function's Windows name");
        Irql now = get();
        if (now.code() <= highest.code()) {
            return true;
        }
        verifier.fault(null, Fault.IRQL_TOO_HIGH, function, "called at " + now + ", allowed up to " + highest);
        return false;
    }
}
