package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import java.util.concurrent.CompletableFuture;
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
public interface IrpFromAbove {

    /**
     * Sends the IRP to the device. What the dispatch routine throws passes through.
     *
     * @param argument1 what is asked for, the driver's Parameters.Others.Argument1; may be null
     * @return what the dispatch routine returned
     * @throws IllegalStateException if it was sent before or the driver is unloaded
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_PENDING_NOT_PROPAGATED} if that does not fit the IRP's
     *     pending mark and faults are thrown
     */
    NtStatus send(@Nullable Object argument1);

    /**
     * Asks for cancellation, as the I/O manager does when a thread ends.
     *
     * @return true if whoever has the IRP was told to end it
     */
    boolean cancel();

    /** {@return the IRP} */
    Irp irp();

    /**
     * {@return a future of the caller's own that tells how the request ended, completed once the IRP came back to the
     * top}
     */
    CompletableFuture<IoStatus> outcome();
}
