package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.verifier.Fault;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A request that comes down to a driver: plays the I/O manager, which allocates an IRP, sends it to a device and waits for
 * its outcome. Safe for use by many threads.
 *
 * <p>It also checks what the I/O manager relies on: a dispatch routine returns STATUS_PENDING exactly if the IRP was marked
 * pending all the way up.
 *
 * <p>Source: Using IRPs with Winsock Kernel Functions; IoMarkIrpPending (WDK). Requirements: IRP-02, IRP-03, IRP-05, IRP-07,
 * IRP-08.
 */
public final class IrpFromAbove {

    private enum Pending {
        NO,
        YES
    }

    private final DeviceObject device;
    private final Irp irp;
    private final AtomicBoolean sent = new AtomicBoolean();
    private final CompletableFuture<IoStatus> outcome = new CompletableFuture<>();

    /** What the first of the two said, dispatch routine or IRP; the second compares. */
    private final AtomicReference<@Nullable Pending> said = new AtomicReference<>();

    private IrpFromAbove(DeviceObject device, int stackSize) {
        this.device = device;
        this.irp = new Irp(device.io().manager(), null, this, stackSize);
    }

    /**
     * Prepares a request with as many stack locations as the device says.
     *
     * @param device where it goes
     * @return the request, not sent
     */
    public static IrpFromAbove into(DeviceObject device) {
        Objects.requireNonNull(device, "device must not be null: make one with ioCreateDevice");
        return into(device, device.stackSize());
    }

    /**
     * Prepares a request.
     *
     * @param device where it goes
     * @param stackSize stack locations of the IRP, 1 to 127
     * @return the request, not sent
     * @throws IllegalArgumentException for another size
     */
    public static IrpFromAbove into(DeviceObject device, int stackSize) {
        Objects.requireNonNull(device, "device must not be null: make one with ioCreateDevice");
        return new IrpFromAbove(device, Io.requireStackSize(1, stackSize));
    }

    /**
     * Sends the IRP to the device. What the dispatch routine throws passes through.
     *
     * @param argument1 what is asked for, the driver's Parameters.Others.Argument1; may be null
     * @return what the dispatch routine returned
     * @throws IllegalStateException if it was sent before or the driver is unloaded
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_PENDING_NOT_PROPAGATED} if that does not fit the IRP's
     *     pending mark and faults are thrown
     */
    public NtStatus send(@Nullable Object argument1) {
        if (!sent.compareAndSet(false, true)) {
            throw new IllegalStateException(irp + " was sent before: prepare another one");
        }
        NtStatus status = device.io().receive(device, irp, argument1);
        compare(status == NtStatus.STATUS_PENDING ? Pending.YES : Pending.NO);
        return status;
    }

    /**
     * Asks for cancellation, as the I/O manager does when a thread ends.
     *
     * @return true if whoever has the IRP was told to end it
     */
    public boolean cancel() {
        return irp.requestCancel();
    }

    /**
     * Hands out the IRP.
     *
     * @return the IRP
     */
    public Irp irp() {
        return irp;
    }

    /**
     * Tells how the request ended.
     *
     * @return a future of its own, completed once the IRP came back to the top
     */
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
