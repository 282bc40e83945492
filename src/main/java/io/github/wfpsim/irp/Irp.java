package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.verifier.Fault;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
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
public final class Irp {

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
        boolean cancel(Irp irp);
    }

    private static final AtomicReferenceFieldUpdater<Irp, Object> HOLDER =
            AtomicReferenceFieldUpdater.newUpdater(Irp.class, Object.class, "holder");

    private static final AtomicReferenceFieldUpdater<Irp, @Nullable CancelHook> CANCEL_HOOK =
            AtomicReferenceFieldUpdater.newUpdater(Irp.class, CancelHook.class, "cancelHook");

    private final IoManager manager;
    private final long number;

    /** The driver whose own IRP this is; null for one of the I/O manager's. */
    private final @Nullable Io allocator;

    private final @Nullable IrpFromAbove above;
    private final IoStackLocation[] stack;

    /** An {@link Io}, an {@link IrpRequest}, an {@link IrpFromAbove} that has not sent it, or {@link Away}. */
    private volatile Object holder;

    private volatile @Nullable CancelHook cancelHook;
    private volatile boolean cancel;
    private volatile boolean claimed;

    // Written by the holder alone, published by the next hand-over.
    private IoStatus ioStatus = new IoStatus(NtStatus.STATUS_SUCCESS, 0);
    private @Nullable Object pointer;
    private boolean pendingReturned;
    private int current;

    Irp(IoManager manager, @Nullable Io allocator, Object holder, int stackSize) {
        this.manager = manager;
        this.number = manager.nextNumber();
        this.allocator = allocator;
        this.holder = holder;
        this.above = holder instanceof IrpFromAbove sender ? sender : null;
        this.stack = new IoStackLocation[stackSize];
        for (int i = 0; i < stackSize; i++) {
            stack[i] = new IoStackLocation();
        }
        this.current = stackSize + 1;
    }

    // ---- what drivers read and write

    /**
     * Reads the outcome, Irp-&gt;IoStatus.
     *
     * @return the block; STATUS_SUCCESS and 0 before the first completion
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    public IoStatus ioStatus() {
        touch("IoStatus was read");
        return ioStatus;
    }

    /**
     * Writes the outcome, as a driver does before {@link Io#ioCompleteRequest}.
     *
     * @param status the status
     * @param information mostly a number of bytes
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    public void setIoStatus(NtStatus status, long information) {
        IoStatus block = new IoStatus(status, information);
        if (touch("IoStatus was written")) {
            ioStatus = block;
            pointer = null;
        }
    }

    /**
     * Reads Information where the request delivers a pointer in it, such as that of a new socket.
     *
     * @return the object; null if Information is a plain number
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    public @Nullable Object informationPointer() {
        touch("IoStatus.Information was read");
        return pointer;
    }

    /**
     * Tells whether the driver below had marked the IRP pending, Irp-&gt;PendingReturned. Of use in a completion routine.
     *
     * @return true if the routine has to call {@link Io#ioMarkIrpPending} before it lets completion go on
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    public boolean pendingReturned() {
        touch("PendingReturned was read");
        return pendingReturned;
    }

    /**
     * Tells whether somebody asked for cancellation, Irp-&gt;Cancel.
     *
     * @return true from {@link Io#ioCancelIrp} on, until the IRP is reused
     */
    public boolean isCancelled() {
        return cancel;
    }

    /**
     * Tells how many stack locations the IRP has, Irp-&gt;StackCount.
     *
     * @return the number
     */
    public int stackCount() {
        return stack.length;
    }

    /**
     * Tells the number of the current stack location, Irp-&gt;CurrentLocation; 1 is that of the lowest driver.
     *
     * @return the number; {@link #stackCount()} + 1 before an IRP is sent and above all drivers
     * @throws io.github.wfpsim.verifier.FaultException {@code IRP_USED_AFTER_COMPLETION} if no driver has the IRP
     */
    public int currentLocation() {
        touch("CurrentLocation was read");
        return current;
    }

    private boolean touch(String access) {
        if (holder instanceof Io) {
            return true;
        }
        manager.verifier().fault(null, Fault.IRP_USED_AFTER_COMPLETION, owner(), access + ": " + this);
        return false;
    }

    // ---- who has it

    IoManager manager() {
        return manager;
    }

    long number() {
        return number;
    }

    @Nullable
    Io allocator() {
        return allocator;
    }

    boolean isAllocatedBy(Io driver) {
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
    IoStackLocation currentOrNull() {
        return current >= 1 && current <= stack.length ? stack[current - 1] : null;
    }

    /** Location of the next driver; null if there is no room for another one. */
    @Nullable
    IoStackLocation nextOrNull() {
        return current >= 2 ? stack[current - 2] : null;
    }

    void goDown() {
        claimed = true;
        current--;
    }

    void goUp() {
        current++;
    }

    int rawCurrent() {
        return current;
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
        for (IoStackLocation location : stack) {
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
        if (now instanceof IrpFromAbove) {
            return "not sent";
        }
        return now instanceof Io
                ? "held by " + now
                : now.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
