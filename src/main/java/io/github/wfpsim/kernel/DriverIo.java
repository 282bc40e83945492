package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.CancelRoutine;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.DriverDispatch;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStackLocation;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.IoStatusException;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.Fault;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the I/O manager for one driver, and who has the IRPs that it hands in. Safe for use by many threads.
 *
 * <p>Requirements: IRP-01 to IRP-17.
 */
public final class DriverIo implements Io {

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
    public DriverIo(IoManager manager, LoadedDriver driver) {
        this.manager = Objects.requireNonNull(manager, "manager must not be null");
        this.driver = Objects.requireNonNull(driver, "driver must not be null");
        this.own = new OwnIrps(driver, manager);
        driver.owns(own);
    }

    /** Finds the machinery behind the functions that a driver calls. */
    static DriverIo of(Io given) {
        if (given instanceof DriverIo io) {
            return io;
        }
        Objects.requireNonNull(given, "io must not be null: give the functions of the driver that hands the IRP in");
        throw new IllegalArgumentException(given + " is of no driver of this machine");
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

    private void requireReceiving(Device device) {
        if (!driver.isLoaded()) {
            throw new IllegalStateException(device + " takes no IRPs: its driver is unloaded");
        }
    }

    // ---- own IRPs

    @Override
    public Irp ioAllocateIrp(int stackSize, boolean chargeQuota) {
        return allocate(stackSize);
    }

    Packet allocate(int stackSize) {
        requireLoaded("IoAllocateIrp");
        Packet irp = new Packet(manager, this, this, requireStackSize(0, stackSize));
        own.add(irp);
        if (!driver.isLoaded() && own.remove(irp)) {
            // Unloaded by another thread meanwhile, which did not see the IRP.
            requireLoaded("IoAllocateIrp");
        }
        return irp;
    }

    @Override
    public void ioReuseIrp(Irp given, NtStatus status) {
        Packet irp = Packet.of(given);
        Objects.requireNonNull(status, "status must not be null: give STATUS_SUCCESS");
        if (isOwn(irp, "IoReuseIrp") && takeForOthers(irp, Packet.Away.ON_ITS_WAY_UP, "IoReuseIrp")) {
            irp.reset(status);
            irp.giveTo(this);
        }
    }

    @Override
    public void ioFreeIrp(Irp given) {
        Packet irp = Packet.of(given);
        if (isOwn(irp, "IoFreeIrp") && takeForOthers(irp, Packet.Away.FREED, "IoFreeIrp")) {
            own.remove(irp);
        }
    }

    @Override
    public boolean ioCancelIrp(Irp given) {
        Packet irp = Packet.of(given);
        if (!isOwn(irp, "IoCancelIrp")) {
            return false;
        }
        if (irp.holder() == Packet.Away.FREED) {
            fault(Fault.IRP_USED_AFTER_COMPLETION, "IoCancelIrp was called with " + irp);
            return false;
        }
        return irp.requestCancel();
    }

    private boolean isOwn(Packet irp, String function) {
        if (irp.isAllocatedBy(this)) {
            return true;
        }
        fault(Fault.IRP_NOT_OWNED, function + " was called with " + irp);
        return false;
    }

    // ---- on the way down

    @Override
    public void ioSetCompletionRoutine(
            Irp given,
            @Nullable IoCompletionRoutine completionRoutine,
            @Nullable Object context,
            boolean invokeOnSuccess,
            boolean invokeOnError,
            boolean invokeOnCancel) {
        Packet irp = Packet.of(given);
        StackLocation next = next(irp);
        if (next == null) {
            return;
        }
        int invokeOn = (invokeOnSuccess ? IoStackLocation.SL_INVOKE_ON_SUCCESS : 0)
                | (invokeOnError ? IoStackLocation.SL_INVOKE_ON_ERROR : 0)
                | (invokeOnCancel ? IoStackLocation.SL_INVOKE_ON_CANCEL : 0);
        next.register(
                completionRoutine == null ? null : new StackLocation.Registration(completionRoutine, context, this),
                invokeOn);
    }

    @Override
    public void ioSkipCurrentIrpStackLocation(Irp given) {
        Packet irp = Packet.of(given);
        if (current(irp) != null) {
            irp.goUp();
        }
    }

    @Override
    public void ioCopyCurrentIrpStackLocationToNext(Irp given) {
        Packet irp = Packet.of(given);
        StackLocation current = current(irp);
        StackLocation next = current == null ? null : next(irp);
        if (current != null && next != null) {
            next.copyFrom(current);
        }
    }

    @Override
    public @Nullable IoStackLocation ioGetCurrentIrpStackLocation(Irp given) {
        return current(Packet.of(given));
    }

    private @Nullable StackLocation current(Packet irp) {
        return has(irp, "IoGetCurrentIrpStackLocation") ? orExhausted(irp.currentOrNull(), irp, "current") : null;
    }

    @Override
    public @Nullable IoStackLocation ioGetNextIrpStackLocation(Irp given) {
        return next(Packet.of(given));
    }

    private @Nullable StackLocation next(Packet irp) {
        return has(irp, "IoGetNextIrpStackLocation") ? orExhausted(irp.nextOrNull(), irp, "next") : null;
    }

    private @Nullable StackLocation orExhausted(@Nullable StackLocation location, Packet irp, String which) {
        if (location == null) {
            fault(Fault.IRP_STACK_EXHAUSTED, irp + " has no " + which + " stack location");
        }
        return location;
    }

    @Override
    public NtStatus ioCallDriver(DeviceObject below, Irp given) {
        Device device = Device.of(below);
        Packet irp = Packet.of(given);
        device.io().requireReceiving(device);
        if (!takeForOthers(irp, Packet.Away.ON_ITS_WAY_UP, "IoCallDriver")) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        StackLocation next = irp.nextOrNull();
        if (next == null) {
            irp.giveTo(this);
            orExhausted(null, irp, "next");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return device.io().dispatch(device, irp, next);
    }

    /** Takes an IRP that the I/O manager sends. */
    NtStatus receive(Device device, Packet irp, @Nullable Object argument1) {
        requireReceiving(device);
        StackLocation top = Objects.requireNonNull(irp.nextOrNull());
        top.setArgument1(argument1);
        return dispatch(device, irp, top);
    }

    private NtStatus dispatch(Device device, Packet irp, StackLocation location) {
        location.setDevice(device);
        irp.goDown();
        irp.giveTo(this);
        return Objects.requireNonNull(
                device.dispatch().dispatch(device, irp), () -> "the dispatch routine of " + device + " returned null");
    }

    @Override
    public DeviceObject ioCreateDevice(String name, int stackSize, DriverDispatch dispatch) {
        Objects.requireNonNull(name, "name must not be null: give one such as \\Device\\Acme");
        Objects.requireNonNull(dispatch, "dispatch must not be null: give the dispatch routine");
        requireLoaded("IoCreateDevice");
        return new Device(this, name, requireStackSize(1, stackSize), dispatch);
    }

    // ---- pending and completing

    @Override
    public void ioMarkIrpPending(Irp given) {
        StackLocation current = current(Packet.of(given));
        if (current != null) {
            current.markPending();
        }
    }

    @Override
    public @Nullable CancelRoutine ioSetCancelRoutine(Irp given, @Nullable CancelRoutine cancelRoutine) {
        Packet irp = Packet.of(given);
        if (!has(irp, "IoSetCancelRoutine")) {
            return null;
        }
        DriverCancel next = cancelRoutine == null ? null : new DriverCancel(manager, cancelRoutine);
        return irp.exchangeCancelHook(next) instanceof DriverCancel before ? before.routine() : null;
    }

    /** A driver's cancel routine in the place where providers put theirs. */
    private record DriverCancel(IoManager manager, CancelRoutine routine) implements Packet.CancelHook {

        @Override
        public boolean cancel(Packet irp) {
            StackLocation current = irp.currentOrNull();
            manager.atDispatchIrql(() -> routine.cancel(current == null ? null : current.deviceObject(), irp));
            return true;
        }
    }

    @Override
    public void ioCompleteRequest(Irp given, int priorityBoost) {
        Packet irp = Packet.of(given);
        if (!has(irp, "IoCompleteRequest")) {
            return;
        }
        if (irp.rawStatus().status() == NtStatus.STATUS_PENDING) {
            throw new IllegalStateException(irp + " has STATUS_PENDING: set the final status before completing it");
        }
        if (takeForOthers(irp, Packet.Away.ON_ITS_WAY_UP, "IoCompleteRequest")) {
            irp.exchangeCancelHook(null);
            new Unwinding(irp, () -> {}).run();
        }
    }

    // ---- for Java code that does not port C

    @Override
    public CompletableFuture<IoStatus> send(Function<? super Irp, NtStatus> call) {
        return send(1, call);
    }

    @Override
    public CompletableFuture<IoStatus> send(int stackSize, Function<? super Irp, NtStatus> call) {
        Objects.requireNonNull(call, "call must not be null: make the request with the IRP that you are given");
        return new IrpFuture<>(this, requireStackSize(1, stackSize), (outcome, pointer) -> outcome).send(call);
    }

    @Override
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

    private boolean has(Packet irp, String function) {
        if (irp.holder() == this) {
            return true;
        }
        fault(Fault.IRP_USED_AFTER_COMPLETION, function + " was called with " + irp);
        return false;
    }

    /** Gives an IRP that this driver has to somebody else; a fault if it has it not. */
    boolean takeForOthers(Packet irp, Object next, String function) {
        if (irp.handOver(this, next)) {
            return true;
        }
        Object holder = irp.holder();
        boolean elsewhere = irp.isAllocatedBy(this) && holder != Packet.Away.FREED;
        boolean pending = elsewhere || holder instanceof IrpRequest;
        fault(pending ? Fault.IRP_BUSY : Fault.IRP_USED_AFTER_COMPLETION, function + " was called with " + irp);
        return false;
    }

    @Override
    public String toString() {
        return driver.name();
    }
}
