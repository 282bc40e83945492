package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;

/**
 * The WSK functions that a driver calls before it has a provider, one object for each driver. Safe for use by many
 * threads.
 *
 * <p>Source: Registering a Winsock Kernel Application; WskRegister; WskCaptureProviderNPI; WskReleaseProviderNPI;
 * WskDeregister (WDK). Requirements: WSKS-01 to WSKS-04.
 */
public interface Wsk {

    /**
     * Registers the driver, WskRegister. <b>Simulated.</b> For PASSIVE_LEVEL.
     *
     * @param wskClientNpi who registers
     * @param wskRegistration receives the registration
     * @return STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE after a fault that was not thrown
     * @throws IllegalStateException if the driver is unloaded
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}
     */
    NtStatus wskRegister(WskClientNpi wskClientNpi, Out<WskRegistration> wskRegistration);

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
     * @throws IllegalArgumentException for a registration that {@link #wskRegister} did not fill in
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}; {@code WAIT_IN_WSK_CALLBACK} if it would
     *     wait in an event callback
     */
    NtStatus wskCaptureProviderNpi(
            WskRegistration wskRegistration, int waitTimeout, Out<WskProviderNpi> wskProviderNpi);

    /**
     * Gives one capture back, WskReleaseProviderNPI. <b>Simulated.</b>
     *
     * @param wskRegistration the driver's registration
     * @throws IllegalArgumentException for a registration that {@link #wskRegister} did not fill in
     * @throws io.github.wfpsim.verifier.FaultException {@code NPI_OVER_RELEASED} if nothing is captured
     */
    void wskReleaseProviderNpi(WskRegistration wskRegistration);

    /**
     * Gives the registration up, WskDeregister: waits until every capture is released, every call is over and every
     * socket is closed. <b>Simulated.</b> For PASSIVE_LEVEL. The wait has no limit, and an interrupt does not end it. A
     * call with an IRP is over when the IRP has gone up and its routine has returned; what depends on a future may still
     * run. On a thread that completes requests, such as in a routine, the wait is not for calls, as it would be for itself.
     *
     * @param wskRegistration the driver's registration
     * @throws IllegalArgumentException for a registration that {@link #wskRegister} did not fill in
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}; {@code WAIT_IN_WSK_CALLBACK} in an event
     *     callback
     */
    void wskDeregister(WskRegistration wskRegistration);
}
