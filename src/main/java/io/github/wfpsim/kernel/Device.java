package io.github.wfpsim.kernel;

import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.DriverDispatch;
import java.util.Objects;

/** A device of one driver. Immutable; safe for use by many threads. */
final class Device implements DeviceObject {

    private final DriverIo io;
    private final String name;
    private final int stackSize;
    private final DriverDispatch dispatch;

    Device(DriverIo io, String name, int stackSize, DriverDispatch dispatch) {
        this.io = io;
        this.name = name;
        this.stackSize = stackSize;
        this.dispatch = dispatch;
    }

    /** Finds the device behind what a driver gives. */
    static Device of(DeviceObject given) {
        if (given instanceof Device device) {
            return device;
        }
        Objects.requireNonNull(given, "device must not be null: give the device below");
        throw new IllegalArgumentException(given + " is no device of this machine: make one with ioCreateDevice");
    }

    DriverIo io() {
        return io;
    }

    DriverDispatch dispatch() {
        return dispatch;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int stackSize() {
        return stackSize;
    }

    @Override
    public ManagerIrp irpFromAbove() {
        return irpFromAbove(stackSize);
    }

    @Override
    public ManagerIrp irpFromAbove(int locations) {
        return new ManagerIrp(this, DriverIo.requireStackSize(1, locations));
    }

    @Override
    public String toString() {
        return name + " of " + io;
    }
}
