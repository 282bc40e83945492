package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.verifier.Fault;
import java.time.Duration;
import java.util.Objects;

/**
 * The WSK functions that a driver calls before it has a provider, one object for each driver. Safe for use by many
 * threads.
 *
 * <p>Source: Registering a Winsock Kernel Application; WskRegister; WskCaptureProviderNPI; WskReleaseProviderNPI;
 * WskDeregister (WDK). Requirements: WSKS-01 to WSKS-04.
 */
public final class Wsk {

    private final WskProvider provider;
    private final WskClient client;

    /**
     * Creates the functions of one driver. Called by the root.
     *
     * @param provider the machine's WSK
     * @param driver who calls
     * @param io its IRPs
     */
    public Wsk(WskProvider provider, LoadedDriver driver, Io io) {
        this.provider = Objects.requireNonNull(provider, "provider must not be null");
        this.client = new WskClient(provider, driver, io);
    }

    /**
     * Registers the driver, WskRegister. <b>Simulated.</b> For PASSIVE_LEVEL.
     *
     * @param wskClientNpi who registers
     * @param wskRegistration receives the registration
     * @return STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE after a fault that was not thrown
     * @throws IllegalStateException if the driver is unloaded
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}
     */
    public NtStatus wskRegister(WskClientNpi wskClientNpi, Out<WskRegistration> wskRegistration) {
        Objects.requireNonNull(wskClientNpi, "wskClientNpi must not be null: use WskClientNpi.ofVersion10()");
        Objects.requireNonNull(wskRegistration, "wskRegistration must not be null: give an Out");
        client.requireLoaded("WskRegister");
        if (!provider.irql().allows(Irql.PASSIVE_LEVEL, "WskRegister")) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        wskRegistration.set(client.register(wskClientNpi));
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Captures the provider once more, WskCaptureProviderNPI. <b>Simulated</b>: the provider is ready while the machine's
     * network is up. For PASSIVE_LEVEL, with {@link WskFlags#WSK_NO_WAIT} up to DISPATCH_LEVEL.
     *
     * @param wskRegistration the driver's registration
     * @param waitTimeout milliseconds of virtual time, {@link WskFlags#WSK_NO_WAIT} or {@link
     *     WskFlags#WSK_INFINITE_WAIT}
     * @param wskProviderNpi receives the provider
     * @return STATUS_SUCCESS; STATUS_NOINTERFACE for a version that WSK does not have; STATUS_DEVICE_NOT_READY if it was
     *     not ready in time or the registration is being given up; STATUS_INVALID_DEVICE_STATE after a fault that was not
     *     thrown
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}; {@code WAIT_IN_WSK_CALLBACK} if it would
     *     wait in an event callback
     */
    public NtStatus wskCaptureProviderNpi(
            WskRegistration wskRegistration, int waitTimeout, Out<WskProviderNpi> wskProviderNpi) {
        requireOwn(wskRegistration);
        Objects.requireNonNull(wskProviderNpi, "wskProviderNpi must not be null: give an Out");
        Irql highest = waitTimeout == WskFlags.WSK_NO_WAIT ? Irql.DISPATCH_LEVEL : Irql.PASSIVE_LEVEL;
        if (!provider.irql().allows(highest, "WskCaptureProviderNPI")) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (wskRegistration.client().version() != WskClientNpi.makeWskVersion(1, 0)) {
            return NtStatus.STATUS_NOINTERFACE;
        }
        boolean waits = waitTimeout != WskFlags.WSK_NO_WAIT && !provider.stack().isNetworkUp();
        if (waits && client.waitsInCallback("WskCaptureProviderNPI")) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (!provider.awaitReady(wskRegistration, deadline(waitTimeout)) || !wskRegistration.capture()) {
            return NtStatus.STATUS_DEVICE_NOT_READY;
        }
        wskProviderNpi.set(new WskProviderNpi(provider, client, wskRegistration));
        return NtStatus.STATUS_SUCCESS;
    }

    private Deadline deadline(int waitTimeout) {
        return waitTimeout == WskFlags.WSK_INFINITE_WAIT
                ? Deadline.NEVER
                : provider.stack().clock().deadlineAfter(Duration.ofMillis(Integer.toUnsignedLong(waitTimeout)));
    }

    /**
     * Gives one capture back, WskReleaseProviderNPI. <b>Simulated.</b>
     *
     * @param wskRegistration the driver's registration
     * @throws io.github.wfpsim.verifier.FaultException {@code NPI_OVER_RELEASED} if nothing is captured
     */
    public void wskReleaseProviderNpi(WskRegistration wskRegistration) {
        requireOwn(wskRegistration);
        if (!wskRegistration.release()) {
            client.fault(Fault.NPI_OVER_RELEASED, "WskReleaseProviderNPI without a capture to give back");
        }
    }

    /**
     * Gives the registration up, WskDeregister: waits until every capture is released, every call is over and every
     * socket is closed. <b>Simulated.</b> For PASSIVE_LEVEL. The wait has no limit, and an interrupt does not end it. A
     * call with an IRP is over when the IRP has gone up and its routine has returned; what depends on a future may still
     * run. On a thread that completes requests, such as in a routine, the wait is not for calls, as it would be for itself.
     *
     * @param wskRegistration the driver's registration
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}; {@code WAIT_IN_WSK_CALLBACK} in an event
     *     callback
     */
    public void wskDeregister(WskRegistration wskRegistration) {
        requireOwn(wskRegistration);
        if (provider.irql().allows(Irql.PASSIVE_LEVEL, "WskDeregister") && !client.waitsInCallback("WskDeregister")) {
            wskRegistration.beginDeregistering();
            provider.wake();
            wskRegistration.awaitUnused(!provider.ioManager().isCompleting());
            client.forget(wskRegistration);
        }
    }

    private static void requireOwn(WskRegistration registration) {
        Objects.requireNonNull(
                registration, "wskRegistration must not be null: give the one that WskRegister filled in");
    }
}
