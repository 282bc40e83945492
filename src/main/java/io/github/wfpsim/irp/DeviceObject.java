package io.github.wfpsim.irp;

/**
 * Where a driver takes IRPs from above, DEVICE_OBJECT. Immutable; safe for use by many threads.
 *
 * <p>Source: DEVICE_OBJECT; IoCreateDevice (WDK). Requirements: IRP-03, IRP-12.
 */
public final class DeviceObject {

    private final Io io;
    private final String name;
    private final int stackSize;
    private final DriverDispatch dispatch;

    DeviceObject(Io io, String name, int stackSize, DriverDispatch dispatch) {
        this.io = io;
        this.name = name;
        this.stackSize = stackSize;
        this.dispatch = dispatch;
    }

    Io io() {
        return io;
    }

    DriverDispatch dispatch() {
        return dispatch;
    }

    /**
     * Tells the device's name.
     *
     * @return the name, such as {@code \Device\Acme}
     */
    public String name() {
        return name;
    }

    /**
     * Tells how many stack locations an IRP needs that is sent here: one for this driver, and one for each below it.
     *
     * @return the number
     */
    public int stackSize() {
        return stackSize;
    }

    @Override
    public String toString() {
        return name + " of " + io;
    }
}
