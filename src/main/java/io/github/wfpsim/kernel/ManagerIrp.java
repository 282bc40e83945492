package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.IrpFromAbove;
import io.github.wfpsim.machine.WaitedFuture;
import io.github.wfpsim.verifier.Fault;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The I/O manager's side of a request that comes down to a driver: allocates the IRP, sends it and waits for its outcome.
 * Safe for use by many threads.
 *
 * <p>It also checks what the I/O manager relies on: a dispatch routine returns STATUS_PENDING exactly if the IRP was marked
 * pending all the way up.
 *
 * <p>Requirements: IRP-02, IRP-03, IRP-05, IRP-07, IRP-08.
 */
final class ManagerIrp implements IrpFromAbove {

    private enum Pending {
        NO,
        YES
    }

    private final Device device;
    private final Packet irp;
    private final AtomicBoolean sent = new AtomicBoolean();
    private final WaitedFuture<IoStatus> outcome;

    /** What the first of the two said, dispatch routine or IRP; the second compares. */
    private final AtomicReference<@Nullable Pending> said = new AtomicReference<>();

    ManagerIrp(Device device, int stackSize) {
        this.device = device;
        this.irp = new Packet(device.io().manager(), null, this, stackSize);
        this.outcome = new WaitedFuture<>(device.io().manager().waits(), "the end of a request to " + device);
    }

    @Override
    public NtStatus send(@Nullable Object argument1) {
        if (!sent.compareAndSet(false, true)) {
            throw new IllegalStateException(irp + " was sent before: prepare another one");
        }
        NtStatus status = device.io().receive(device, irp, argument1);
        compare(status == NtStatus.STATUS_PENDING ? Pending.YES : Pending.NO);
        return status;
    }

    @Override
    public boolean cancel() {
        return irp.requestCancel();
    }

    @Override
    public Packet irp() {
        return irp;
    }

    @Override
    public CompletableFuture<IoStatus> outcome() {
        return outcome.copy();
    }

    /** The IRP is back; called once. */
    void returned() {
        IoStatus ended = irp.rawStatus();
        try {
            compare(irp.rawPendingReturned() ? Pending.YES : Pending.NO);
        } finally {
            outcome.complete(ended);
        }
    }

    private void compare(Pending now) {
        Pending before = said.getAndUpdate(first -> first == null ? now : first);
        if (before != null && before != now) {
            device.io()
                    .fault(
                            Fault.IRP_PENDING_NOT_PROPAGATED,
                            "the dispatch routine of " + device + " and the pending mark of " + irp + " disagree");
        }
    }

    @Override
    public String toString() {
        return irp + " to " + device;
    }
}
