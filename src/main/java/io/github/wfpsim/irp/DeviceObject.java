package io.github.wfpsim.irp;

/**
 * Where a driver takes IRPs from above, DEVICE_OBJECT. Immutable; safe for use by many threads.
 *
 * <p>Source: DEVICE_OBJECT; IoCreateDevice (WDK). Requirements: IRP-03, IRP-12.
 */
public interface DeviceObject {

    /** {@return the device's name, such as {@code \Device\Acme}} */
    String name();

    /**
     * {@return how many stack locations an IRP needs that is sent here: one for this driver, and one for each below it}
     */
    int stackSize();

    /**
     * Prepares a request that comes down to the driver, with as many stack locations as the device says.
     *
     * @return the request, not sent
     */
    IrpFromAbove irpFromAbove();

    /**
     * Prepares a request that comes down to the driver.
     *
     * @param stackSize stack locations of the IRP, 1 to 127
     * @return the request, not sent
     * @throws IllegalArgumentException for another size
     */
    IrpFromAbove irpFromAbove(int stackSize);
}
