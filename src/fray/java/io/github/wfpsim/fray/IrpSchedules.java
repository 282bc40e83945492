package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.Irp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What meets at an IRP that one driver has sent to another: it completes once. */
class IrpSchedules {

    /** A driver that keeps what it gets, until somebody completes or cancels it. */
    private static DeviceObject keeper(Io io, AtomicReference<Irp> kept) {
        return io.ioCreateDevice("\\Device\\Keeper", 1, (device, irp) -> {
            io.ioMarkIrpPending(irp);
            kept.set(irp);
            io.ioSetCancelRoutine(irp, (own, cancelled) -> complete(io, kept, NtStatus.STATUS_CANCELLED));
            return NtStatus.STATUS_PENDING;
        });
    }

    /** Completes what is kept; who takes it out first does. */
    private static void complete(Io io, AtomicReference<Irp> kept, NtStatus status) {
        Irp irp = kept.getAndSet(null);
        if (irp != null) {
            io.ioSetCancelRoutine(irp, null);
            irp.setIoStatus(status, 0);
            io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
        }
    }

    private static Irp sent(Io above, DeviceObject device, List<NtStatus> ends) {
        Irp irp = above.ioAllocateIrp(1, false);
        above.ioSetCompletionRoutine(
                irp,
                (own, completed, context) -> {
                    synchronized (ends) {
                        ends.add(completed.ioStatus().status());
                    }
                    return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                },
                null,
                true,
                true,
                true);
        above.ioCallDriver(device, irp);
        return irp;
    }

    @Test
    void cancel_meetsComplete() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                KernelDriver below = scene.sim.loadDriver("below.sys");
                KernelDriver above = scene.sim.loadDriver("above.sys");
                AtomicReference<Irp> kept = new AtomicReference<>();
                List<NtStatus> ends = new ArrayList<>();
                Irp irp = sent(above.io(), keeper(below.io(), kept), ends);
                atOnce(() -> above.io().ioCancelIrp(irp), () -> complete(below.io(), kept, NtStatus.STATUS_SUCCESS));
                scene.settle();
                assertThat(ends).hasSize(1);
                assertThat(ends.get(0)).isIn(NtStatus.STATUS_SUCCESS, NtStatus.STATUS_CANCELLED);
                above.io().ioFreeIrp(irp);
            }
        });
    }

    @Test
    void twoCancels_completeItOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                KernelDriver below = scene.sim.loadDriver("below.sys");
                KernelDriver above = scene.sim.loadDriver("above.sys");
                List<NtStatus> ends = new ArrayList<>();
                Irp irp = sent(above.io(), keeper(below.io(), new AtomicReference<>()), ends);
                atOnce(() -> above.io().ioCancelIrp(irp), () -> above.io().ioCancelIrp(irp));
                scene.settle();
                assertThat(ends).containsExactly(NtStatus.STATUS_CANCELLED);
                above.io().ioFreeIrp(irp);
            }
        });
    }
}
