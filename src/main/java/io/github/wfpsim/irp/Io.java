package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the I/O manager that a driver calls, one object for each driver.
 *
 * <p>Safe for use by many threads, at any IRQL up to DISPATCH_LEVEL. After the driver was unloaded, calls that would create
 * something throw {@link IllegalStateException}. A breach of the rules raises a fault and does nothing else; a fault in a
 * completion routine that runs on the dispatcher surfaces from the host's close.
 *
 * <p>Source: wdm.h; Using IRPs with Winsock Kernel Functions (WDK). Requirements: IRP-01 to IRP-17.
 */
public interface Io {

    /** No priority boost, the usual second argument of {@link #ioCompleteRequest}. */
    int IO_NO_INCREMENT = 0;

    /**
     * Allocates an IRP, IoAllocateIrp. <b>Simulated.</b> It is the driver's own until {@link #ioFreeIrp}.
     *
     * @param stackSize stack locations, 0 to 127; Winsock Kernel needs one
     * @param chargeQuota <b>stored</b>; there are no quotas here
     * @return the IRP
     * @throws IllegalArgumentException for another size
     * @throws IllegalStateException if the driver is unloaded
     */
    Irp ioAllocateIrp(int stackSize, boolean chargeQuota);

    /**
     * Prepares an own IRP for another request, IoReuseIrp. <b>Simulated.</b> Everything in it is zero afterwards but the
     * status.
     *
     * @param irp a completed IRP of this driver's own
     * @param status the status to start with
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_NOT_OWNED} if it came from above, {@code IRP_BUSY} if it
     *     is pending, {@code IRP_USED_AFTER_COMPLETION} if it is freed
     */
    void ioReuseIrp(Irp irp, NtStatus status);

    /**
     * Frees an own IRP, IoFreeIrp. <b>Simulated.</b>
     *
     * @param irp an IRP of this driver's own that is not pending
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_NOT_OWNED} if it came from above, {@code IRP_BUSY} if it
     *     is pending, {@code IRP_USED_AFTER_COMPLETION} if it is freed
     */
    void ioFreeIrp(Irp irp);

    /**
     * Asks whoever works on an own IRP to end it, IoCancelIrp. <b>Simulated.</b>
     *
     * @param irp an IRP of this driver's own, sent or not
     * @return true if there was a cancel routine and it was called, so the request ends with STATUS_CANCELLED; false if
     *     there was none, or the request is just completing
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_NOT_OWNED} if it came from above, {@code
     *     IRP_USED_AFTER_COMPLETION} if it is freed
     */
    boolean ioCancelIrp(Irp irp);

    /**
     * Registers for the end of the request that the IRP is going to be handed in for, IoSetCompletionRoutine.
     * <b>Simulated.</b>
     *
     * @param irp an IRP that this driver has
     * @param completionRoutine the routine; null takes an earlier one back
     * @param context what the routine gets; may be null
     * @param invokeOnSuccess whether it hears of success
     * @param invokeOnError whether it hears of failure
     * @param invokeOnCancel whether it hears of requests that were to be cancelled, whatever their status
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if there is no next stack location,
     *     {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    void ioSetCompletionRoutine(
            Irp irp,
            @Nullable IoCompletionRoutine completionRoutine,
            @Nullable Object context,
            boolean invokeOnSuccess,
            boolean invokeOnError,
            boolean invokeOnCancel);

    /**
     * Gives this driver's stack location to the next one, IoSkipCurrentIrpStackLocation. <b>Simulated.</b> The driver hears
     * nothing of the outcome then, and must set no completion routine.
     *
     * @param irp an IRP from above that this driver has
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if the driver has no location in it,
     *     {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    void ioSkipCurrentIrpStackLocation(Irp irp);

    /**
     * Copies this driver's stack location to the next one but for the completion routine,
     * IoCopyCurrentIrpStackLocationToNext. <b>Simulated.</b>
     *
     * @param irp an IRP from above that this driver has
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if one of the two is missing, {@code
     *     IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    void ioCopyCurrentIrpStackLocationToNext(Irp irp);

    /**
     * Hands out this driver's part of an IRP, IoGetCurrentIrpStackLocation. <b>Simulated.</b>
     *
     * @param irp an IRP from above that this driver has
     * @return the location; null after a fault that was not thrown
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} for an own IRP, {@code
     *     IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    @Nullable
    IoStackLocation ioGetCurrentIrpStackLocation(Irp irp);

    /**
     * Hands out the next driver's part of an IRP, IoGetNextIrpStackLocation. <b>Simulated.</b>
     *
     * @param irp an IRP that this driver has
     * @return the location; null after a fault that was not thrown
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if there is none, {@code
     *     IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    @Nullable
    IoStackLocation ioGetNextIrpStackLocation(Irp irp);

    /**
     * Sends an IRP to a driver, IoCallDriver. <b>Simulated.</b>
     *
     * @param device where it goes
     * @param irp an IRP that this driver has
     * @return what the dispatch routine returned; STATUS_INVALID_PARAMETER after a fault that was not thrown
     * @throws IllegalStateException if that driver is unloaded
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if there is no next stack location,
     *     {@code IRP_BUSY} if an own IRP is pending, {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    NtStatus ioCallDriver(DeviceObject device, Irp irp);

    /**
     * Creates a device that takes IRPs from above, IoCreateDevice. <b>Simulated</b> without type, characteristics and
     * extension. It lives as long as the driver.
     *
     * @param name its name, such as {@code \Device\Acme}
     * @param stackSize stack locations that IRPs sent to it need, 1 to 127; with Winsock Kernel below, 2
     * @param dispatch takes the IRPs
     * @return the device
     * @throws IllegalArgumentException for another size
     * @throws IllegalStateException if the driver is unloaded
     */
    DeviceObject ioCreateDevice(String name, int stackSize, DriverDispatch dispatch);

    /**
     * Says that the dispatch routine returns STATUS_PENDING, IoMarkIrpPending. <b>Simulated.</b> A completion routine does
     * so if PendingReturned is set and it lets completion go on.
     *
     * @param irp an IRP from above that this driver has
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} for an own IRP, in which the driver has
     *     no location to mark, {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    void ioMarkIrpPending(Irp irp);

    /**
     * Makes an IRP that the driver puts aside cancellable, or takes that back, IoSetCancelRoutine. <b>Simulated.</b>
     *
     * @param irp an IRP that this driver has
     * @param cancelRoutine the routine, or null before the IRP is completed or passed on
     * @return the routine before; null if there was none or it is being called now, so that it owns the IRP
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    @Nullable
    CancelRoutine ioSetCancelRoutine(Irp irp, @Nullable CancelRoutine cancelRoutine);

    /**
     * Completes an IRP from above, IoCompleteRequest. <b>Simulated.</b> Set its status block first. Routines of the drivers
     * above run before the call returns, and the driver lets go of the IRP.
     *
     * @param irp an IRP from above that this driver has
     * @param priorityBoost <b>stored</b>; {@link #IO_NO_INCREMENT}
     * @throws IllegalStateException if its status is STATUS_PENDING
     * @throws io.github.wfpsim.verifier.FaultException {@code OWN_IRP_COMPLETED_UPWARD} for an own IRP, {@code
     *     IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    void ioCompleteRequest(Irp irp, int priorityBoost);

    /**
     * Makes a request with an own IRP and frees that on every path. The call may be any that takes an IRP; it must be made at
     * most once.
     *
     * <p>The future ends when the IRP completes, before which buffers of the request stay untouched. Cancelling it cancels
     * the IRP: {@code cancel} tells what IoCancelIrp told, and the future counts as cancelled once the IRP has completed with
     * STATUS_CANCELLED. What the call throws ends the future exceptionally. A call that returned without taking the IRP ends
     * it with the status returned. Actions that depend on the future run on the thread that completes, mostly the dispatcher's,
     * as a work item would: they may start other requests, but must not wait for them: where that
     * would never end, it is an {@link IllegalStateException}.
     *
     * @param call makes the request with the IRP that it is given, which has one stack location, and returns the function's
     *     status
     * @return the outcome
     * @throws IllegalStateException if the driver is unloaded
     */
    CompletableFuture<IoStatus> send(Function<? super Irp, NtStatus> call);

    /**
     * Makes a request with an own IRP for a stack of drivers, as {@link #send(Function)}.
     *
     * @param stackSize stack locations, such as the device's {@link DeviceObject#stackSize()}
     * @param call makes the request with the IRP that it is given and returns the function's status
     * @return the outcome
     * @throws IllegalArgumentException if the size is not 1 to 127
     * @throws IllegalStateException if the driver is unloaded
     */
    CompletableFuture<IoStatus> send(int stackSize, Function<? super Irp, NtStatus> call);

    /**
     * Makes a request that delivers an object, such as a new or accepted socket, with an own IRP. As {@link
     * #send(Function)}, but the future carries what Information points to ({@link Irp#informationPointer()}).
     *
     * <p>Any outcome but success, and any other object, ends the future with an {@link IoStatusException}; a socket that
     * nobody takes from the future is found at unload.
     *
     * @param <T> type of the object
     * @param type what the request delivers, such as {@code WskListenSocket.class}
     * @param call makes the request with the IRP that it is given, which has one stack location, and returns the function's
     *     status
     * @return the object
     * @throws IllegalStateException if the driver is unloaded
     */
    <T> CompletableFuture<T> sendFor(Class<T> type, Function<? super Irp, NtStatus> call);
}
