package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import org.jspecify.annotations.Nullable;

/**
 * An I/O request packet: a request on its way through drivers, with one stack location for each, and its outcome.
 *
 * <p>An IRP is in one pair of hands at a time: a driver's, a provider's that works on it, or on its way up. Only the driver
 * that has it may read or change it. Access while no driver has it raises {@code IRP_USED_AFTER_COMPLETION} and changes
 * nothing; the methods here do not know which driver calls, those of {@link Io} do. Safe for use by many threads in this
 * sense: handing over is one compare-and-set, which also publishes what was written.
 *
 * <p>Source: IRP; Using IRPs with Winsock Kernel Functions (WDK). Requirements: IRP-01 to IRP-18.
 */
public interface Irp {

    /**
     * Reads the outcome, Irp-&gt;IoStatus.
     *
     * @return the block; STATUS_SUCCESS and 0 before the first completion
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    IoStatus ioStatus();

    /**
     * Writes the outcome, as a driver does before {@link Io#ioCompleteRequest}.
     *
     * @param status the status
     * @param information mostly a number of bytes
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    void setIoStatus(NtStatus status, long information);

    /**
     * Reads Information where the request delivers a pointer in it, such as that of a new socket.
     *
     * @return the object; null if Information is a plain number
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    @Nullable
    Object informationPointer();

    /**
     * Tells whether the driver below had marked the IRP pending, Irp-&gt;PendingReturned. Of use in a completion routine.
     *
     * @return true if the routine has to call {@link Io#ioMarkIrpPending} before it lets completion go on
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    boolean pendingReturned();

    /**
     * {@return whether somebody asked for cancellation, Irp-&gt;Cancel: from {@link Io#ioCancelIrp} on, until the IRP
     * is reused}
     */
    boolean isCancelled();

    /** {@return how many stack locations the IRP has, Irp-&gt;StackCount} */
    int stackCount();

    /**
     * Tells the number of the current stack location, Irp-&gt;CurrentLocation; 1 is that of the lowest driver.
     *
     * @return the number; {@link #stackCount()} + 1 before an IRP is sent and above all drivers
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    int currentLocation();
}
