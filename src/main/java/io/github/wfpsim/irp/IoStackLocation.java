package io.github.wfpsim.irp;

import org.jspecify.annotations.Nullable;

/**
 * One driver's part of an IRP, IO_STACK_LOCATION. It also remembers the completion routine of the driver above.
 *
 * <p>Not safe for use by several threads at once: it belongs to whoever has the IRP. The hand-over of an IRP publishes it.
 *
 * <p>Source: IO_STACK_LOCATION; IoSetCompletionRoutine (WDK). Requirements: IRP-04, IRP-08, IRP-11.
 */
public interface IoStackLocation {

    /** Bit of {@link #control()}: the driver has marked the IRP pending. */
    int SL_PENDING_RETURNED = 0x01;

    /** Bit of {@link #control()}: the routine hears of cancelled requests. */
    int SL_INVOKE_ON_CANCEL = 0x20;

    /** Bit of {@link #control()}: the routine hears of success. */
    int SL_INVOKE_ON_SUCCESS = 0x40;

    /** Bit of {@link #control()}: the routine hears of failure. */
    int SL_INVOKE_ON_ERROR = 0x80;

    /** {@return the device that the IRP was sent to; null before it was sent} */
    @Nullable
    DeviceObject deviceObject();

    /** {@return what the sender asks for, Parameters.Others.Argument1, or null} */
    @Nullable
    Object argument1();

    /**
     * Sets what is asked for, Parameters.Others.Argument1.
     *
     * @param value the argument, or null
     */
    void setArgument1(@Nullable Object value);

    /** {@return the routine that the driver above has set, or null} */
    @Nullable
    IoCompletionRoutine completionRoutine();

    /** {@return the context that this routine gets, or null} */
    @Nullable
    Object context();

    /** {@return the control bits {@code SL_*}} */
    int control();
}
