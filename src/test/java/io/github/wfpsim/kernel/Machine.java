package io.github.wfpsim.kernel;

import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.Finding;
import java.util.List;

/** As much of a machine as a driver needs. */
public final class Machine {

    public static final String DRIVER = "acme.sys";

    public final FaultRecorder verifier;
    public final LoadedDriver driver;
    public final NonPagedPool pool;
    public final ThreadIrql irql;

    private Machine(FaultMode mode) {
        this.verifier = new FaultRecorder(mode, new TraceRecorder(new VirtualClock(), 0));
        this.driver = new LoadedDriver(DRIVER, verifier);
        this.pool = (NonPagedPool) driver.pool();
        this.irql = new ThreadIrql(verifier);
    }

    public static Machine throwing() {
        return new Machine(FaultMode.THROW);
    }

    public static Machine recording() {
        return new Machine(FaultMode.RECORD);
    }

    public List<Fault> faults() {
        return verifier.violations().stream().map(Finding::kind).toList();
    }
}
