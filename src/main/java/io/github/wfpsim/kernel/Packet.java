package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.Fault;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * An IRP: its stack locations, its outcome, and who has it. Handing over is one compare-and-set, which also publishes what
 * was written.
 *
 * <p>Requirements: IRP-01 to IRP-18.
 */
final class Packet implements Irp {

    /** Where an IRP is when no driver and no provider has it. */
    enum Away {
        ON_ITS_WAY_UP,
        COMPLETED,
        FREED
    }

    /** Cancels what has the IRP. */
    @FunctionalInterface
    interface CancelHook {

        /** Returns false if the request was just being completed. */
        boolean cancel(Packet irp);
    }

    private static final AtomicReferenceFieldUpdater<Packet, Object> HOLDER =
            AtomicReferenceFieldUpdater.newUpdater(Packet.class, Object.class, "holder");

    private static final AtomicReferenceFieldUpdater<Packet, @Nullable CancelHook> CANCEL_HOOK =
            AtomicReferenceFieldUpdater.newUpdater(Packet.class, CancelHook.class, "cancelHook");

    private final IoManager manager;
    private final long number;

    /** The driver whose own IRP this is; null for one of the I/O manager's. */
    private final @Nullable DriverIo allocator;

    private final @Nullable ManagerIrp above;
    private final StackLocation[] stack;

    /** An {@link DriverIo}, an {@link IrpRequest}, an {@link ManagerIrp} that has not sent it, or {@link Away}. */
    private volatile Object holder;

    private volatile @Nullable CancelHook cancelHook;
    private volatile boolean cancel;
    private volatile boolean claimed;

    // Written by the holder alone, published by the next hand-over.
    private IoStatus ioStatus = new IoStatus(NtStatus.STATUS_SUCCESS, 0);
    private @Nullable Object pointer;
    private boolean pendingReturned;
    private int current;

    Packet(IoManager manager, @Nullable DriverIo allocator, Object holder, int stackSize) {
        this.manager = manager;
        this.number = manager.nextNumber();
        this.allocator = allocator;
        this.holder = holder;
        this.above = holder instanceof ManagerIrp sender ? sender : null;
        this.stack = new StackLocation[stackSize];
        for (int i = 0; i < stackSize; i++) {
            stack[i] = new StackLocation();
        }
        this.current = stackSize + 1;
    }

    // ---- what drivers read and write

    @Override
    public IoStatus ioStatus() {
        touch("IoStatus was read");
        return ioStatus;
    }

    @Override
    public void setIoStatus(NtStatus status, long information) {
        IoStatus block = new IoStatus(status, information);
        if (touch("IoStatus was written")) {
            ioStatus = block;
            pointer = null;
        }
    }

    @Override
    public @Nullable Object informationPointer() {
        touch("IoStatus.Information was read");
        return pointer;
    }

    @Override
    public boolean pendingReturned() {
        touch("PendingReturned was read");
        return pendingReturned;
    }

    @Override
    public boolean isCancelled() {
        return cancel;
    }

    @Override
    public int stackCount() {
        return stack.length;
    }

    @Override
    public int currentLocation() {
        touch("CurrentLocation was read");
        return current;
    }

    private boolean touch(String access) {
        if (holder instanceof DriverIo) {
            return true;
        }
        manager.verifier().fault(null, Fault.IRP_USED_AFTER_COMPLETION, owner(), access + ": " + this);
        return false;
    }

    // ---- who has it

    /** Finds the IRP behind what a driver gives. */
    static Packet of(Irp given) {
        if (given instanceof Packet packet) {
            return packet;
        }
        Objects.requireNonNull(given, "irp must not be null: allocate one with ioAllocateIrp");
        throw new IllegalArgumentException(given + " is no IRP of this machine: allocate one with ioAllocateIrp");
    }

    IoManager manager() {
        return manager;
    }

    long number() {
        return number;
    }

    @Nullable
    DriverIo allocator() {
        return allocator;
    }

    boolean isAllocatedBy(DriverIo driver) {
        return allocator == driver;
    }

    /** Tells the I/O manager that its IRP is back; for an IRP that no driver allocated. */
    void tellAbove() {
        if (above != null) {
            above.returned();
        }
    }

    Object holder() {
        return holder;
    }

    boolean handOver(Object from, Object to) {
        return HOLDER.compareAndSet(this, from, to);
    }

    /** Gives the IRP away; called by the one that has it. */
    void giveTo(Object next) {
        holder = next;
    }

    private String owner() {
        return allocator == null ? "I/O manager" : allocator.toString();
    }

    // ---- stack locations; called by the one that has it

    /** Location of the driver that has the IRP; null above all drivers. */
    @Nullable
    StackLocation currentOrNull() {
        return current >= 1 && current <= stack.length ? stack[current - 1] : null;
    }

    /** Location of the next driver; null if there is no room for another one. */
    @Nullable
    StackLocation nextOrNull() {
        return current >= 2 ? stack[current - 2] : null;
    }

    void goDown() {
        claimed = true;
        current--;
    }

    void goUp() {
        current++;
    }

    IoStatus rawStatus() {
        return ioStatus;
    }

    boolean rawPendingReturned() {
        return pendingReturned;
    }

    /** Whether it ever was sent since it was allocated or reused. */
    boolean wasClaimed() {
        return claimed;
    }

    void finish(IoStatus outcome, @Nullable Object informationPointer) {
        this.ioStatus = outcome;
        this.pointer = informationPointer;
    }

    void setPendingReturned(boolean pending) {
        this.pendingReturned = pending;
    }

    /** What IoReuseIrp makes of it. */
    void reset(NtStatus status) {
        for (StackLocation location : stack) {
            location.clear();
        }
        ioStatus = new IoStatus(status, 0);
        pointer = null;
        pendingReturned = false;
        cancelHook = null;
        cancel = false;
        claimed = false;
        current = stack.length + 1;
    }

    // ---- cancelling

    @Nullable
    CancelHook exchangeCancelHook(@Nullable CancelHook next) {
        return CANCEL_HOOK.getAndSet(this, next);
    }

    void removeCancelHook(CancelHook expected) {
        CANCEL_HOOK.compareAndSet(this, expected, null);
    }

    /** Sets the flag, and cancels what can be cancelled; false if there was nothing. */
    boolean requestCancel() {
        cancel = true;
        CancelHook hook = cancelHook == null ? null : exchangeCancelHook(null);
        return hook != null && hook.cancel(this);
    }

    @Override
    public String toString() {
        return "IRP #" + number + " of " + owner() + " (" + whereabouts() + ")";
    }

    private String whereabouts() {
        Object now = holder;
        if (now instanceof IrpRequest request) {
            return "pending in " + request.function();
        }
        if (now instanceof ManagerIrp) {
            return "not sent";
        }
        return now instanceof DriverIo
                ? "held by " + now
                : now.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
