package io.github.wfpsim.irp;

import org.jspecify.annotations.Nullable;

/**
 * Ends an IRP that its driver has put aside, DRIVER_CANCEL. Implemented by users; called at most once for each
 * {@link Io#ioSetCancelRoutine}, at DISPATCH_LEVEL, on the thread that cancels, with no lock held: there is no cancel
 * spin lock here.
 *
 * <p>Source: DRIVER_CANCEL; Canceling IRPs (WDK). Requirement: IRP-13.
 */
@FunctionalInterface
public interface CancelRoutine {

    /**
     * Takes the IRP out of the driver's queue, sets STATUS_CANCELLED and 0 bytes and completes it.
     *
     * @param device the driver's device, or null for an own IRP
     * @param irp the IRP
     */
    void cancel(@Nullable DeviceObject device, Irp irp);
}
