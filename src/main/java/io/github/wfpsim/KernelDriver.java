package io.github.wfpsim;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.engine.FilterEngine;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.kernel.DriverIo;
import io.github.wfpsim.kernel.DriverMm;
import io.github.wfpsim.kernel.IoManager;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.machine.Residents;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.verifier.TeardownReport;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsCallout1;
import io.github.wfpsim.wfp.RedirectCallout;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wskprovider.WskClient;
import io.github.wfpsim.wskprovider.WskProvider;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.UUID;

/**
 * A loaded driver with everything that it may call. Closing it unloads the driver, which reports what it leaked.
 *
 * <p>Safe for use by many threads.
 */
public final class KernelDriver implements AutoCloseable {

    private final Residents<KernelDriver> loaded;
    private final LoadedDriver driver;
    private final Fwps fwps;
    private final Io io;
    private final Mm mm;
    private final Wsk wsk;

    KernelDriver(
            Residents<KernelDriver> loaded,
            FilterEngine engine,
            IoManager ioManager,
            WskProvider wskProvider,
            LoadedDriver driver) {
        this.loaded = loaded;
        this.driver = driver;
        this.fwps = engine.functionsOf(driver);
        this.io = new DriverIo(ioManager, driver);
        this.mm = new DriverMm(ioManager, driver);
        this.wsk = new WskClient(wskProvider, driver, io);
    }

    /** {@return the callout functions} */
    public Fwps fwps() {
        return fwps;
    }

    /** {@return the functions about IRPs} */
    public Io io() {
        return io;
    }

    /** {@return the functions about memory descriptor lists} */
    public Mm mm() {
        return mm;
    }

    /** {@return the functions of Winsock Kernel} */
    public Wsk wsk() {
        return wsk;
    }

    /** {@return the driver's pool} */
    public Pool pool() {
        return driver.pool();
    }

    /** {@return the driver's name, the file name of its image} */
    public String name() {
        return driver.name();
    }

    /**
     * Creates a redirect handle, or says why that is not possible.
     *
     * @param providerGuid GUID of the provider
     * @return the handle; close or destroy it before the driver unloads
     * @throws IllegalStateException if FwpsRedirectHandleCreate0 refuses
     */
    public RedirectHandle createRedirectHandle(UUID providerGuid) {
        Out<RedirectHandle> handle = Out.empty();
        NtStatus status = fwps.fwpsRedirectHandleCreate0(providerGuid, 0, handle);
        RedirectHandle created = handle.get();
        if (created == null) {
            throw new IllegalStateException(
                    "FwpsRedirectHandleCreate0 refused provider " + providerGuid + ": " + status);
        }
        return created;
    }

    /**
     * Registers a callout, or says why that is not possible.
     *
     * @param calloutKey GUID that filters name
     * @param classifyFn the decision function
     * @return the callout; close it before the driver unloads
     * @throws IllegalStateException if FwpsCalloutRegister1 refuses
     */
    public CalloutRegistration registerCallout(UUID calloutKey, ClassifyFn1 classifyFn) {
        Out<Integer> id = Out.empty();
        NtStatus status = fwps.fwpsCalloutRegister1(new FwpsCallout1(calloutKey, classifyFn), id);
        Integer registered = id.get();
        if (registered == null) {
            throw new IllegalStateException("FwpsCalloutRegister1 refused callout " + calloutKey + ": " + status);
        }
        return new CalloutRegistration(fwps, calloutKey, registered);
    }

    /**
     * Makes the textbook callout that redirects to a local proxy. Register it with {@link #registerCallout}.
     *
     * @param handle this driver's redirect handle
     * @param proxy where the proxy listens
     * @param target the process that its sockets act for: the proxy's, or System for a proxy in a driver
     * @return the callout, without context
     */
    public RedirectCallout redirectCallout(RedirectHandle handle, InetSocketAddress proxy, SimProcess target) {
        Objects.requireNonNull(handle, "handle must not be null: use createRedirectHandle");
        Objects.requireNonNull(target, "target must not be null: give the process that the proxy's sockets act for");
        return RedirectCallout.to(fwps, driver.pool(), handle, proxy, target.id());
    }

    /** {@return what the driver holds now; an empty report if it could be unloaded cleanly} */
    public TeardownReport held() {
        return driver.held();
    }

    /**
     * Unloads the driver. What it still holds is taken away, listed, and a fault each.
     *
     * @return what was still held
     * @throws io.github.wfpsim.verifier.FaultException if anything was held and faults are thrown
     */
    public TeardownReport unload() {
        try {
            return driver.unload();
        } finally {
            // It holds nothing any more; a machine may see many drivers come and go.
            loaded.remove(this);
        }
    }

    /** Unloads the driver, as {@link #unload()} does. */
    @Override
    public void close() {
        unload();
    }

    TeardownReport takeAway() {
        return driver.takeAway();
    }

    @Override
    public String toString() {
        return driver.name();
    }
}
