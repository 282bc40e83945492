package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStackLocation;
import org.jspecify.annotations.Nullable;

/**
 * One driver's part of an IRP, which also remembers the completion routine of the driver above. It belongs to whoever has
 * the IRP; the hand-over of the IRP publishes it.
 *
 * <p>Requirements: IRP-04, IRP-08, IRP-11.
 */
final class StackLocation implements IoStackLocation {

    private static final int SL_INVOKE_ALWAYS = SL_INVOKE_ON_CANCEL | SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR;

    private @Nullable Device device;
    private @Nullable Object argument1;
    private @Nullable Registration registration;
    private int control;

    StackLocation() {
        // all zero, as IoAllocateIrp leaves it
    }

    /** A routine with the driver that waits for it. */
    record Registration(
            IoCompletionRoutine routine, @Nullable Object context, DriverIo driver) {}

    @Override
    public @Nullable Device deviceObject() {
        return device;
    }

    @Override
    public @Nullable Object argument1() {
        return argument1;
    }

    @Override
    public void setArgument1(@Nullable Object value) {
        this.argument1 = value;
    }

    @Override
    public @Nullable IoCompletionRoutine completionRoutine() {
        return registration == null ? null : registration.routine();
    }

    @Override
    public @Nullable Object context() {
        return registration == null ? null : registration.context();
    }

    @Override
    public int control() {
        return control;
    }

    void setDevice(@Nullable Device value) {
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
    void copyFrom(StackLocation above) {
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
