package io.github.wfpsim.soak;

import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmSession;
import java.util.concurrent.locks.LockSupport;

/** What happens beside the exchanges: a driver comes and goes, and policy forbids a port now and then. */
final class Troubles implements AutoCloseable {

    private static final long STEP_NANOS = 1_000_000;
    private static final int STEPS_OF_A_VISIT = 50;

    private final WfpSim sim;
    private final String application;
    private final Tally tally;
    private final Thread driver = Soak.daemon("visitor", this::visits);
    private final Thread policy = Soak.daemon("policy", this::policies);
    private volatile boolean over;

    Troubles(WfpSim sim, String application, Tally tally) {
        this.sim = sim;
        this.application = application;
        this.tally = tally;
        driver.start();
        policy.start();
    }

    private void visits() {
        while (!over) {
            Visitor visitor = new Visitor(sim, application, tally);
            visitor.install();
            for (int step = 0; step < STEPS_OF_A_VISIT && !over; step++) {
                LockSupport.parkNanos(STEP_NANOS);
                visitor.completeLate();
            }
            visitor.unload();
        }
    }

    private void policies() {
        Filter forbidden = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                .when(FilterCondition.remotePort(Plan.Route.POLICY.port()))
                .block();
        while (!over) {
            LockSupport.parkNanos(STEP_NANOS);
            // The filter goes with its session.
            try (Fwpm session = sim.fwpm().open(FwpmSession.dynamic("policy"))) {
                session.addFilter(forbidden);
                tally.policyChanged();
            }
        }
    }

    /** Waits until both are through. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        driver.join();
        policy.join();
    }
}
