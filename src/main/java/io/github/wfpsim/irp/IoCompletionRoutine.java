package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import org.jspecify.annotations.Nullable;

/**
 * Hears of the end of a request, IO_COMPLETION_ROUTINE. Implemented by users.
 *
 * <p>Called on an arbitrary thread, at the host's {@code completionIrql} or the higher level of the thread that completes,
 * with no lock of the simulator held. While it runs, the IRP belongs to its driver again. What it throws leaves the IRP
 * with the driver and reaches whoever completed the request; on the dispatcher that is the host's close.
 *
 * <p>Source: IO_COMPLETION_ROUTINE; Using IRPs with Winsock Kernel Functions. Requirements: IRP-06 to IRP-12.
 */
@FunctionalInterface
public interface IoCompletionRoutine {

    /**
     * Looks at the outcome in {@link Irp#ioStatus()} and says who has the IRP from now on.
     *
     * @param device the driver's device that the IRP was sent to; null for an own IRP, in which the driver has no stack
     *     location
     * @param irp the IRP
     * @param context what was given to IoSetCompletionRoutine
     * @return STATUS_MORE_PROCESSING_REQUIRED keeps the IRP, which is the only right answer for an own one; anything else
     *     lets completion go on
     */
    NtStatus completed(@Nullable DeviceObject device, Irp irp, @Nullable Object context);
}
