package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.TeardownReport.Held;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One driver as a client of WSK: its registrations and open sockets, which have to be gone when it unloads. */
public final class WskClient implements Wsk, LoadedDriver.Belongings {

    private final WskProvider provider;
    private final LoadedDriver driver;
    private final Io io;
    private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();
    private final Set<KernelSocket> sockets = ConcurrentHashMap.newKeySet();

    /** Creates the functions of one driver, whose requests are those of its IRPs. */
    public WskClient(WskProvider provider, LoadedDriver driver, Io io) {
        this.provider = provider;
        this.driver = driver;
        this.io = io;
        driver.owns(this);
        provider.serves(this);
    }

    WskProvider provider() {
        return provider;
    }

    HostStack stack() {
        return provider.stack();
    }

    Io io() {
        return io;
    }

    // ---- the functions before there is a provider

    @Override
    public NtStatus wskRegister(WskClientNpi wskClientNpi, Out<WskRegistration> wskRegistration) {
        Objects.requireNonNull(wskClientNpi, "wskClientNpi must not be null: use WskClientNpi.ofVersion10()");
        Objects.requireNonNull(wskRegistration, "wskRegistration must not be null: give an Out");
        requireLoaded("WskRegister");
        if (!provider.irql().allows(Irql.PASSIVE_LEVEL, "WskRegister")) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        Registration registration =
                new Registration(wskClientNpi, provider.stack().waits());
        registrations.add(registration);
        wskRegistration.set(registration);
        return NtStatus.STATUS_SUCCESS;
    }

    @Override
    public NtStatus wskCaptureProviderNpi(
            WskRegistration wskRegistration, int waitTimeout, Out<WskProviderNpi> wskProviderNpi) {
        Registration registration = own(wskRegistration);
        Objects.requireNonNull(wskProviderNpi, "wskProviderNpi must not be null: give an Out");
        Irql highest = waitTimeout == WskFlags.WSK_NO_WAIT ? Irql.DISPATCH_LEVEL : Irql.PASSIVE_LEVEL;
        if (!provider.irql().allows(highest, "WskCaptureProviderNPI")) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (registration.client().version() != WskClientNpi.makeWskVersion(1, 0)) {
            return NtStatus.STATUS_NOINTERFACE;
        }
        boolean waits = waitTimeout != WskFlags.WSK_NO_WAIT && !stack().isNetworkUp();
        if (waits && waitsInCallback("WskCaptureProviderNPI")) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (!provider.awaitReady(registration, deadline(waitTimeout)) || !registration.capture()) {
            return NtStatus.STATUS_DEVICE_NOT_READY;
        }
        wskProviderNpi.set(new CapturedProvider(this, registration));
        return NtStatus.STATUS_SUCCESS;
    }

    private Deadline deadline(int waitTimeout) {
        return waitTimeout == WskFlags.WSK_INFINITE_WAIT
                ? Deadline.NEVER
                : stack().clock().deadlineAfter(Duration.ofMillis(Integer.toUnsignedLong(waitTimeout)));
    }

    @Override
    public void wskReleaseProviderNpi(WskRegistration wskRegistration) {
        if (!own(wskRegistration).release()) {
            fault(Fault.NPI_OVER_RELEASED, "WskReleaseProviderNPI without a capture to give back");
        }
    }

    @Override
    public void wskDeregister(WskRegistration wskRegistration) {
        Registration registration = own(wskRegistration);
        if (provider.irql().allows(Irql.PASSIVE_LEVEL, "WskDeregister") && !waitsInCallback("WskDeregister")) {
            registration.beginDeregistering();
            provider.wake();
            registration.awaitUnused(!provider.ioManager().isCompleting());
            registrations.remove(registration);
        }
    }

    private static Registration own(WskRegistration registration) {
        Objects.requireNonNull(
                registration, "wskRegistration must not be null: give the one that WskRegister filled in");
        if (registration instanceof Registration own) {
            return own;
        }
        throw new IllegalArgumentException("wskRegistration must be the one that WskRegister filled in");
    }

    // ---- judging

    /** Whether the calling thread is in an event callback, where it must not wait: a fault (WSKS-35). */
    private boolean waitsInCallback(String function) {
        boolean inside = provider.ioManager().isInEventCallback();
        if (inside) {
            fault(Fault.WAIT_IN_WSK_CALLBACK, function + " was called to wait in an event callback");
        }
        return inside;
    }

    void requireLoaded(String function) {
        if (!driver.isLoaded()) {
            throw new IllegalStateException(function + " was called by " + driver + ", which is unloaded");
        }
    }

    void fault(Fault fault, String detail) {
        stack().verifier().fault(null, fault, driver.name(), detail);
    }

    // ---- its sockets

    void networkWentDown() {
        sockets.forEach(socket -> socket.events().networkWentDown());
    }

    void opened(KernelSocket socket) {
        sockets.add(socket);
        if (!driver.isLoaded()) {
            // Unloaded by another thread meanwhile, which did not see the socket.
            takeAway(socket);
        }
    }

    void closed(KernelSocket socket) {
        sockets.remove(socket);
    }

    @Override
    public List<Held> held() {
        List<Held> held = new ArrayList<>();
        for (KernelSocket socket : sockets) {
            held.add(new Held("WSK socket", socket.toString(), driver.name(), Fault.WSK_SOCKET_LEAK.name()));
        }
        for (int i = 0; i < registrations.size(); i++) {
            held.add(new Held(
                    "WSK registration", "a WSK_REGISTRATION", driver.name(), Fault.WSK_NOT_DEREGISTERED.name()));
        }
        return held;
    }

    /** One scope around all: a fault about one socket must not keep the next one open. */
    @Override
    public void takeAway() {
        FaultScope scope = stack().verifier().enter();
        try {
            takeAllAway();
        } finally {
            provider.servesNoMore(this);
            scope.defer();
        }
    }

    private void takeAllAway() {
        for (KernelSocket socket : List.copyOf(sockets)) {
            fault(Fault.WSK_SOCKET_LEAK, socket + " was not closed: call WskCloseSocket before unload");
            takeAway(socket);
        }
        for (Registration registration : List.copyOf(registrations)) {
            fault(Fault.WSK_NOT_DEREGISTERED, "a registration is left: call WskDeregister before unload");
            registration.takeAway();
            registrations.remove(registration);
        }
    }

    private void takeAway(KernelSocket socket) {
        socket.abandon();
        sockets.remove(socket);
    }
}
