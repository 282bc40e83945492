package io.github.wfpsim.driver;

import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.trace.Trace;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.Verifier;
import io.github.wfpsim.verifier.Violation;
import java.util.List;

/** As much of a machine as a driver needs. */
final class Machine {

    static final String DRIVER = "acme.sys";

    final Verifier verifier;
    final Driver driver;
    final Pool pool;
    final CurrentIrql irql;

    private Machine(FaultMode mode) {
        this.verifier = new Verifier(mode, new Trace(new VirtualClock(), 0));
        this.driver = new Driver(DRIVER, verifier);
        this.pool = driver.pool();
        this.irql = new CurrentIrql(verifier);
    }

    static Machine throwing() {
        return new Machine(FaultMode.THROW);
    }

    static Machine recording() {
        return new Machine(FaultMode.RECORD);
    }

    List<Fault> faults() {
        return verifier.violations().stream().map(Violation::fault).toList();
    }
}
