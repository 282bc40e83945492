package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;

/**
 * Takes the IRPs that are sent to a device, DRIVER_DISPATCH. Implemented by users; called on the sender's thread with no
 * lock of the simulator held.
 *
 * <p>Source: DRIVER_DISPATCH (WDK). Requirements: IRP-03, IRP-07.
 */
@FunctionalInterface
public interface DriverDispatch {

    /**
     * Completes the IRP, passes it on, or puts it aside.
     *
     * @param device the device
     * @param irp the IRP; this driver has its current stack location
     * @return what the lower driver or Winsock Kernel returned; the final status if the IRP was completed here;
     *     STATUS_PENDING after {@link Io#ioMarkIrpPending}
     */
    NtStatus dispatch(DeviceObject device, Irp irp);
}
