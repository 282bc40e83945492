package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.verifier.Fault;
import java.util.Objects;
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
public final class Io {

    /** No priority boost, the usual second argument of {@link #ioCompleteRequest}. */
    public static final int IO_NO_INCREMENT = 0;

    /** Stack locations are counted in a CCHAR. */
    private static final int MOST_LOCATIONS = Byte.MAX_VALUE;

    private final IoManager manager;
    private final LoadedDriver driver;
    private final OwnIrps own;

    /**
     * Creates the functions of one driver. Called by the root.
     *
     * @param manager what the machine's IRPs share
     * @param driver who calls
     */
    public Io(IoManager manager, LoadedDriver driver) {
        this.manager = Objects.requireNonNull(manager, "manager must not be null");
        this.driver = Objects.requireNonNull(driver, "driver must not be null");
        this.own = new OwnIrps(driver, manager);
        driver.owns(own);
    }

    IoManager manager() {
        return manager;
    }

    boolean isLoaded() {
        return driver.isLoaded();
    }

    void fault(Fault fault, String detail) {
        manager.verifier().fault(null, fault, driver.name(), detail);
    }

    static int requireStackSize(int least, int stackSize) {
        if (stackSize < least || stackSize > MOST_LOCATIONS) {
            throw new IllegalArgumentException(
                    "stackSize must be " + least + " to " + MOST_LOCATIONS + " but was " + stackSize);
        }
        return stackSize;
    }

    private void requireLoaded(String function) {
        if (!driver.isLoaded()) {
            throw new IllegalStateException(function + " was called by " + driver + ", which is unloaded");
        }
    }

    private void requireReceiving(DeviceObject device) {
        if (!driver.isLoaded()) {
            throw new IllegalStateException(device + " takes no IRPs: its driver is unloaded");
        }
    }

    // ---- own IRPs

    /**
     * Allocates an IRP, IoAllocateIrp. <b>Simulated.</b> It is the driver's own until {@link #ioFreeIrp}.
     *
     * @param stackSize stack locations, 0 to 127; Winsock Kernel needs one
     * @param chargeQuota <b>stored</b>; there are no quotas here
     * @return the IRP
     * @throws IllegalArgumentException for another size
     * @throws IllegalStateException if the driver is unloaded
     */
    public Irp ioAllocateIrp(int stackSize, boolean chargeQuota) {
        requireLoaded("IoAllocateIrp");
        Irp irp = new Irp(manager, this, this, requireStackSize(0, stackSize));
        own.add(irp);
        if (!driver.isLoaded() && own.remove(irp)) {
            // Unloaded by another thread meanwhile, which did not see the IRP.
            requireLoaded("IoAllocateIrp");
        }
        return irp;
    }

    /**
     * Prepares an own IRP for another request, IoReuseIrp. <b>Simulated.</b> Everything in it is zero afterwards but the
     * status.
     *
     * @param irp a completed IRP of this driver's own
     * @param status the status to start with
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_NOT_OWNED} if it came from above, {@code IRP_BUSY} if it
     *     is pending, {@code IRP_USED_AFTER_COMPLETION} if it is freed
     */
    public void ioReuseIrp(Irp irp, NtStatus status) {
        requireIrp(irp);
        Objects.requireNonNull(status, "status must not be null: give STATUS_SUCCESS");
        if (isOwn(irp, "IoReuseIrp") && takeForOthers(irp, Irp.Away.ON_ITS_WAY_UP, "IoReuseIrp")) {
            irp.reset(status);
            irp.giveTo(this);
        }
    }

    /**
     * Frees an own IRP, IoFreeIrp. <b>Simulated.</b>
     *
     * @param irp an IRP of this driver's own that is not pending
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_NOT_OWNED} if it came from above, {@code IRP_BUSY} if it
     *     is pending, {@code IRP_USED_AFTER_COMPLETION} if it is freed
     */
    public void ioFreeIrp(Irp irp) {
        requireIrp(irp);
        if (isOwn(irp, "IoFreeIrp") && takeForOthers(irp, Irp.Away.FREED, "IoFreeIrp")) {
            own.remove(irp);
        }
    }

    /**
     * Asks whoever works on an own IRP to end it, IoCancelIrp. <b>Simulated.</b>
     *
     * @param irp an IRP of this driver's own, sent or not
     * @return true if there was a cancel routine and it was called, so the request ends with STATUS_CANCELLED; false if
     *     there was none, or the request is just completing
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_NOT_OWNED} if it came from above, {@code
     *     IRP_USED_AFTER_COMPLETION} if it is freed
     */
    public boolean ioCancelIrp(Irp irp) {
        requireIrp(irp);
        if (!isOwn(irp, "IoCancelIrp")) {
            return false;
        }
        if (irp.holder() == Irp.Away.FREED) {
            fault(Fault.IRP_USED_AFTER_COMPLETION, "IoCancelIrp was called with " + irp);
            return false;
        }
        return irp.requestCancel();
    }

    private boolean isOwn(Irp irp, String function) {
        if (irp.isAllocatedBy(this)) {
            return true;
        }
        fault(Fault.IRP_NOT_OWNED, function + " was called with " + irp);
        return false;
    }

    // ---- on the way down

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
    public void ioSetCompletionRoutine(
            Irp irp,
            @Nullable IoCompletionRoutine completionRoutine,
            @Nullable Object context,
            boolean invokeOnSuccess,
            boolean invokeOnError,
            boolean invokeOnCancel) {
        IoStackLocation next = ioGetNextIrpStackLocation(irp);
        if (next == null) {
            return;
        }
        int invokeOn = (invokeOnSuccess ? IoStackLocation.SL_INVOKE_ON_SUCCESS : 0)
                | (invokeOnError ? IoStackLocation.SL_INVOKE_ON_ERROR : 0)
                | (invokeOnCancel ? IoStackLocation.SL_INVOKE_ON_CANCEL : 0);
        next.register(
                completionRoutine == null ? null : new IoStackLocation.Registration(completionRoutine, context, this),
                invokeOn);
    }

    /**
     * Gives this driver's stack location to the next one, IoSkipCurrentIrpStackLocation. <b>Simulated.</b> The driver hears
     * nothing of the outcome then, and must set no completion routine.
     *
     * @param irp an IRP from above that this driver has
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if the driver has no location in it,
     *     {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    public void ioSkipCurrentIrpStackLocation(Irp irp) {
        if (ioGetCurrentIrpStackLocation(irp) != null) {
            irp.goUp();
        }
    }

    /**
     * Copies this driver's stack location to the next one but for the completion routine,
     * IoCopyCurrentIrpStackLocationToNext. <b>Simulated.</b>
     *
     * @param irp an IRP from above that this driver has
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if one of the two is missing, {@code
     *     IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    public void ioCopyCurrentIrpStackLocationToNext(Irp irp) {
        IoStackLocation current = ioGetCurrentIrpStackLocation(irp);
        IoStackLocation next = current == null ? null : ioGetNextIrpStackLocation(irp);
        if (current != null && next != null) {
            next.copyFrom(current);
        }
    }

    /**
     * Hands out this driver's part of an IRP, IoGetCurrentIrpStackLocation. <b>Simulated.</b>
     *
     * @param irp an IRP from above that this driver has
     * @return the location; null after a fault that was not thrown
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} for an own IRP, {@code
     *     IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    public @Nullable IoStackLocation ioGetCurrentIrpStackLocation(Irp irp) {
        return has(irp, "IoGetCurrentIrpStackLocation") ? orExhausted(irp.currentOrNull(), irp, "current") : null;
    }

    /**
     * Hands out the next driver's part of an IRP, IoGetNextIrpStackLocation. <b>Simulated.</b>
     *
     * @param irp an IRP that this driver has
     * @return the location; null after a fault that was not thrown
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} if there is none, {@code
     *     IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    public @Nullable IoStackLocation ioGetNextIrpStackLocation(Irp irp) {
        return has(irp, "IoGetNextIrpStackLocation") ? orExhausted(irp.nextOrNull(), irp, "next") : null;
    }

    private @Nullable IoStackLocation orExhausted(@Nullable IoStackLocation location, Irp irp, String which) {
        if (location == null) {
            fault(Fault.IRP_STACK_EXHAUSTED, irp + " has no " + which + " stack location");
        }
        return location;
    }

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
    public NtStatus ioCallDriver(DeviceObject device, Irp irp) {
        Objects.requireNonNull(device, "device must not be null: give the device below");
        requireIrp(irp);
        device.io().requireReceiving(device);
        if (!takeForOthers(irp, Irp.Away.ON_ITS_WAY_UP, "IoCallDriver")) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        IoStackLocation next = irp.nextOrNull();
        if (next == null) {
            irp.giveTo(this);
            orExhausted(null, irp, "next");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return device.io().dispatch(device, irp, next);
    }

    /** Takes an IRP that the I/O manager sends. */
    NtStatus receive(DeviceObject device, Irp irp, @Nullable Object argument1) {
        requireReceiving(device);
        IoStackLocation top = Objects.requireNonNull(irp.nextOrNull());
        top.setArgument1(argument1);
        return dispatch(device, irp, top);
    }

    private NtStatus dispatch(DeviceObject device, Irp irp, IoStackLocation location) {
        location.setDevice(device);
        irp.goDown();
        irp.giveTo(this);
        return Objects.requireNonNull(
                device.dispatch().dispatch(device, irp), () -> "the dispatch routine of " + device + " returned null");
    }

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
    public DeviceObject ioCreateDevice(String name, int stackSize, DriverDispatch dispatch) {
        Objects.requireNonNull(name, "name must not be null: give one such as \\Device\\Acme");
        Objects.requireNonNull(dispatch, "dispatch must not be null: give the dispatch routine");
        requireLoaded("IoCreateDevice");
        return new DeviceObject(this, name, requireStackSize(1, stackSize), dispatch);
    }

    // ---- pending and completing

    /**
     * Says that the dispatch routine returns STATUS_PENDING, IoMarkIrpPending. <b>Simulated.</b> A completion routine does
     * so if PendingReturned is set and it lets completion go on.
     *
     * @param irp an IRP from above that this driver has
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_STACK_EXHAUSTED} for an own IRP, in which the driver has
     *     no location to mark, {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    public void ioMarkIrpPending(Irp irp) {
        IoStackLocation current = ioGetCurrentIrpStackLocation(irp);
        if (current != null) {
            current.markPending();
        }
    }

    /**
     * Makes an IRP that the driver puts aside cancellable, or takes that back, IoSetCancelRoutine. <b>Simulated.</b>
     *
     * @param irp an IRP that this driver has
     * @param cancelRoutine the routine, or null before the IRP is completed or passed on
     * @return the routine before; null if there was none or it is being called now, so that it owns the IRP
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if the driver does not have the IRP
     */
    public @Nullable CancelRoutine ioSetCancelRoutine(Irp irp, @Nullable CancelRoutine cancelRoutine) {
        if (!has(irp, "IoSetCancelRoutine")) {
            return null;
        }
        DriverCancel next = cancelRoutine == null ? null : new DriverCancel(manager, cancelRoutine);
        return irp.exchangeCancelHook(next) instanceof DriverCancel before ? before.routine() : null;
    }

    /** A driver's cancel routine in the place where providers put theirs. */
    private record DriverCancel(IoManager manager, CancelRoutine routine) implements Irp.CancelHook {

        @Override
        public boolean cancel(Irp irp) {
            IoStackLocation current = irp.currentOrNull();
            manager.atDispatchIrql(() -> routine.cancel(current == null ? null : current.deviceObject(), irp));
            return true;
        }
    }

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
    public void ioCompleteRequest(Irp irp, int priorityBoost) {
        if (!has(irp, "IoCompleteRequest")) {
            return;
        }
        if (irp.rawStatus().status() == NtStatus.STATUS_PENDING) {
            throw new IllegalStateException(irp + " has STATUS_PENDING: set the final status before completing it");
        }
        if (takeForOthers(irp, Irp.Away.ON_ITS_WAY_UP, "IoCompleteRequest")) {
            irp.exchangeCancelHook(null);
            new Unwinding(irp, () -> {}).run();
        }
    }

    // ---- for Java code that does not port C

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
    public CompletableFuture<IoStatus> send(Function<? super Irp, NtStatus> call) {
        return send(1, call);
    }

    /**
     * Makes a request with an own IRP for a stack of drivers, as {@link #send(Function)}.
     *
     * @param stackSize stack locations, such as the device's {@link DeviceObject#stackSize()}
     * @param call makes the request with the IRP that it is given and returns the function's status
     * @return the outcome
     * @throws IllegalArgumentException if the size is not 1 to 127
     * @throws IllegalStateException if the driver is unloaded
     */
    public CompletableFuture<IoStatus> send(int stackSize, Function<? super Irp, NtStatus> call) {
        Objects.requireNonNull(call, "call must not be null: make the request with the IRP that you are given");
        return new IrpFuture<>(this, requireStackSize(1, stackSize), (outcome, pointer) -> outcome).send(call);
    }

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
    public <T> CompletableFuture<T> sendFor(Class<T> type, Function<? super Irp, NtStatus> call) {
        Objects.requireNonNull(type, "type must not be null: give the class of what the request delivers");
        Objects.requireNonNull(call, "call must not be null: make the request with the IRP that you are given");
        return new IrpFuture<>(this, 1, (outcome, pointer) -> delivered(type, outcome, pointer)).send(call);
    }

    private static <T> T delivered(Class<T> type, IoStatus outcome, @Nullable Object pointer) {
        outcome.requireSuccess();
        if (!type.isInstance(pointer)) {
            String found = pointer == null ? "nothing" : pointer.getClass().getSimpleName();
            throw new IoStatusException(
                    outcome, "the request delivered " + found + " where " + type.getSimpleName() + " was asked for");
        }
        return type.cast(pointer);
    }

    // ---- who has the IRP

    private static void requireIrp(Irp irp) {
        Objects.requireNonNull(irp, "irp must not be null: allocate one with ioAllocateIrp");
    }

    private boolean has(Irp irp, String function) {
        requireIrp(irp);
        if (irp.holder() == this) {
            return true;
        }
        fault(Fault.IRP_USED_AFTER_COMPLETION, function + " was called with " + irp);
        return false;
    }

    /** Gives an IRP that this driver has to somebody else; a fault if it has it not. */
    boolean takeForOthers(Irp irp, Object next, String function) {
        if (irp.handOver(this, next)) {
            return true;
        }
        Object holder = irp.holder();
        boolean elsewhere = irp.isAllocatedBy(this) && holder != Irp.Away.FREED;
        boolean pending = elsewhere || holder instanceof IrpRequest;
        fault(pending ? Fault.IRP_BUSY : Fault.IRP_USED_AFTER_COMPLETION, function + " was called with " + irp);
        return false;
    }

    @Override
    public String toString() {
        return driver.name();
    }
}
