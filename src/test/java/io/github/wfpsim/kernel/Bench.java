package io.github.wfpsim.kernel;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.verifier.Finding;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** As much of a machine as IRPs need, with a driver, one above it, and a provider below. Tests run the dispatcher. */
final class Bench {

    static final NtStatus KEEP = NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
    static final IoStatus FIVE_BYTES = new IoStatus(NtStatus.STATUS_SUCCESS, 5);

    final FaultRecorder verifier;
    final ThreadIrql irql;
    final TaskQueue dispatcher;
    final IoManager manager;
    final LoadedDriver driver;
    final LoadedDriver upperDriver;
    final Pool pool;
    final DriverIo io;
    final Mm mm;
    final DriverIo upper;

    Bench(SimOptions options) {
        this.verifier = new FaultRecorder(options.faultMode(), new TraceRecorder(new VirtualClock(), 0));
        this.irql = new ThreadIrql(verifier);
        this.dispatcher = new TaskQueue(options.dispatcher(), new Waits());
        this.manager = new IoManager(options, dispatcher, verifier, irql);
        this.driver = new LoadedDriver("acme.sys", verifier);
        this.upperDriver = new LoadedDriver("upper.sys", verifier);
        this.pool = driver.pool();
        this.io = new DriverIo(manager, driver);
        this.mm = new DriverMm(manager, driver);
        this.upper = new DriverIo(manager, upperDriver);
    }

    static SimOptions manual() {
        return SimOptions.defaults().dispatcher(DispatcherMode.MANUAL);
    }

    static Bench throwing() {
        return new Bench(manual());
    }

    static Bench recording() {
        return new Bench(manual().faultMode(FaultMode.RECORD));
    }

    static Bench inline() {
        return new Bench(manual().completionMode(CompletionMode.INLINE));
    }

    /** An own IRP with one location, ready to be handed in. */
    Irp ownIrp(IoCompletionRoutine routine) {
        Irp irp = io.ioAllocateIrp(1, false);
        io.ioSetCompletionRoutine(irp, routine, null, true, true, true);
        return irp;
    }

    /** What a function of Winsock Kernel does with a valid request. */
    NtStatus call(Irp irp, Supplier<IoStatus> work) {
        IrpRequest request = IrpRequest.begin(io, irp, "WskControlSocket");
        return request == null ? NtStatus.STATUS_INVALID_PARAMETER : request.run(work);
    }

    NtStatus call(Irp irp) {
        return call(irp, () -> FIVE_BYTES);
    }

    /** What it does with a request that waits for somebody. */
    IrpRequest pend(Irp irp, Runnable cancelHook) {
        IrpRequest request = Objects.requireNonNull(IrpRequest.begin(io, irp, "WskReceive"));
        request.pend(cancelHook);
        return request;
    }

    IrpRequest pend(Irp irp) {
        return pend(irp, () -> {});
    }

    List<Fault> faults() {
        return verifier.violations().stream().map(Finding::kind).toList();
    }

    static void assertFault(Fault fault, ThrowingCallable call) {
        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(call)
                .satisfies(thrown -> org.assertj.core.api.Assertions.assertThat(
                                thrown.violation().kind())
                        .isEqualTo(fault));
    }

    void assertFaultAtClose(Fault fault) {
        assertFault(fault, verifier::throwDeferred);
    }
}
