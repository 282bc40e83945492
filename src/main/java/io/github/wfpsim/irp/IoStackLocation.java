package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import org.jspecify.annotations.Nullable;

/**
 * One driver's part of an IRP, IO_STACK_LOCATION. It also remembers the completion routine of the driver above.
 *
 * <p>Not safe for use by several threads at once: it belongs to whoever has the IRP. The hand-over of an IRP publishes it.
 *
 * <p>Source: IO_STACK_LOCATION; IoSetCompletionRoutine (WDK). Requirements: IRP-04, IRP-08, IRP-11.
 */
public final class IoStackLocation {

    /** Bit of {@link #control()}: the driver has marked the IRP pending. */
    public static final int SL_PENDING_RETURNED = 0x01;

    /** Bit of {@link #control()}: the routine hears of cancelled requests. */
    public static final int SL_INVOKE_ON_CANCEL = 0x20;

    /** Bit of {@link #control()}: the routine hears of success. */
    public static final int SL_INVOKE_ON_SUCCESS = 0x40;

    /** Bit of {@link #control()}: the routine hears of failure. */
    public static final int SL_INVOKE_ON_ERROR = 0x80;

    private static final int SL_INVOKE_ALWAYS = SL_INVOKE_ON_CANCEL | SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR;

    private @Nullable DeviceObject device;
    private @Nullable Object argument1;
    private @Nullable Registration registration;
    private int control;

    IoStackLocation() {
        // all zero, as IoAllocateIrp leaves it
    }

    /** A routine with the driver that waits for it. */
    record Registration(
            IoCompletionRoutine routine, @Nullable Object context, Io driver) {}

    /**
     * Tells which device the IRP was sent to.
     *
     * @return the device; null before it was sent
     */
    public @Nullable DeviceObject deviceObject() {
        return device;
    }

    /**
     * Tells what the sender asks for, Parameters.Others.Argument1.
     *
     * @return the argument, or null
     */
    public @Nullable Object argument1() {
        return argument1;
    }

    /**
     * Sets what is asked for, Parameters.Others.Argument1.
     *
     * @param value the argument, or null
     */
    public void setArgument1(@Nullable Object value) {
        this.argument1 = value;
    }

    /**
     * Tells the routine that the driver above has set.
     *
     * @return the routine, or null
     */
    public @Nullable IoCompletionRoutine completionRoutine() {
        return registration == null ? null : registration.routine();
    }

    /**
     * Tells what that routine gets.
     *
     * @return the context, or null
     */
    public @Nullable Object context() {
        return registration == null ? null : registration.context();
    }

    /**
     * Tells the control bits.
     *
     * @return bits {@code SL_*}
     */
    public int control() {
        return control;
    }

    void setDevice(@Nullable DeviceObject value) {
        this.device = value;
    }

    void register(@Nullable Registration value, int invokeOn) {
        this.registration = value;
        this.control = value == null ? 0 : invokeOn;
    }

    boolean invokesAlways() {
        return (control & SL_INVOKE_ALWAYS) == SL_INVOKE_ALWAYS;
    }

    void markPending() {
        control |= SL_PENDING_RETURNED;
    }

    boolean isPending() {
        return (control & SL_PENDING_RETURNED) != 0;
    }

    /** The routine that hears of an outcome, or null if its flags leave it out (IRP-11). */
    @Nullable
    Registration selected(NtStatus status, boolean cancelled) {
        int outcome = status.isSuccess() ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR;
        int wanted = cancelled ? outcome | SL_INVOKE_ON_CANCEL : outcome;
        return (control & wanted) == 0 ? null : registration;
    }

    /** Takes over what concerns the request, but nobody's routine. */
    void copyFrom(IoStackLocation above) {
        clear();
        device = above.device;
        argument1 = above.argument1;
    }

    void clear() {
        device = null;
        argument1 = null;
        registration = null;
        control = 0;
    }

    @Override
    public String toString() {
        return "stack location" + (registration == null ? "" : " with the routine of " + registration.driver());
    }
}
