package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** As much of a machine as one IRP needs, with that IRP. */
class OneRequest {

    /** How the request ended, for the results: the routine ran once, and the status. */
    static final int COMPLETED = 11;

    static final int CANCELLED = 12;

    final FaultRecorder verifier = new FaultRecorder(FaultMode.RECORD, new TraceRecorder(new VirtualClock(), 0));
    final TaskQueue dispatcher = new TaskQueue(DispatcherMode.MANUAL, new Waits());
    final LoadedDriver driver = new LoadedDriver("acme.sys", verifier);
    final DriverIo io;
    final Irp irp;
    private final AtomicInteger routines = new AtomicInteger();
    private volatile NtStatus status = NtStatus.STATUS_PENDING;

    OneRequest(CompletionMode mode) {
        SimOptions options = SimOptions.defaults()
                .completionMode(mode)
                .dispatcher(DispatcherMode.MANUAL)
                .faultMode(FaultMode.RECORD);
        this.io = new DriverIo(new IoManager(options, dispatcher, verifier, new ThreadIrql(verifier)), driver);
        this.irp = io.ioAllocateIrp(1, false);
        io.ioSetCompletionRoutine(
                irp,
                (device, completed, context) -> {
                    status = completed.ioStatus().status();
                    routines.incrementAndGet();
                    return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                },
                null,
                true,
                true,
                true);
    }

    IrpRequest begin() {
        return Objects.requireNonNull(IrpRequest.begin(io, irp, "WskReceive"));
    }

    int cancel() {
        return io.ioCancelIrp(irp) ? 1 : 0;
    }

    int faults() {
        return verifier.violations().size();
    }

    /** Ten for each call of the routine, and one for success, two for cancelled. */
    int end() {
        NtStatus last = status;
        int how = last == NtStatus.STATUS_SUCCESS ? 1 : 0;
        return 10 * routines.get() + (last == NtStatus.STATUS_CANCELLED ? 2 : how);
    }
}
