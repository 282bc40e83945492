package io.github.wfpsim.wsk;

import io.github.wfpsim.irp.Io;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.TeardownReport.Held;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One driver as a client of WSK: its registrations and open sockets, which have to be gone when it unloads. */
final class WskClient implements LoadedDriver.Belongings {

    private final WskProvider provider;
    private final LoadedDriver driver;
    private final Io io;
    private final EventHost eventHost;
    private final Set<WskRegistration> registrations = ConcurrentHashMap.newKeySet();
    private final Set<SocketCore> sockets = ConcurrentHashMap.newKeySet();

    WskClient(WskProvider provider, LoadedDriver driver, Io io) {
        this.provider = provider;
        this.driver = driver;
        this.io = io;
        this.eventHost = provider.eventHost(this::fault);
        driver.owns(this);
        provider.serves(this);
    }

    EventHost eventHost() {
        return eventHost;
    }

    void networkWentDown() {
        sockets.forEach(socket -> socket.events().networkWentDown());
    }

    /** Whether the calling thread is in an event callback, where it must not wait: a fault (WSKS-35). */
    boolean waitsInCallback(String function) {
        boolean inside = provider.ioManager().isInEventCallback();
        if (inside) {
            fault(Fault.WAIT_IN_WSK_CALLBACK, function + " was called to wait in an event callback");
        }
        return inside;
    }

    Io io() {
        return io;
    }

    void requireLoaded(String function) {
        if (!driver.isLoaded()) {
            throw new IllegalStateException(function + " was called by " + driver + ", which is unloaded");
        }
    }

    void fault(Fault fault, String detail) {
        provider.stack().verifier().fault(null, fault, driver.name(), detail);
    }

    WskRegistration register(WskClientNpi npi) {
        WskRegistration registration = new WskRegistration(npi);
        registrations.add(registration);
        return registration;
    }

    void forget(WskRegistration registration) {
        registrations.remove(registration);
    }

    void opened(SocketCore socket) {
        sockets.add(socket);
        if (!driver.isLoaded()) {
            // Unloaded by another thread meanwhile, which did not see the socket.
            takeAway(socket);
        }
    }

    void closed(SocketCore socket) {
        sockets.remove(socket);
    }

    @Override
    public List<Held> held() {
        List<Held> held = new ArrayList<>();
        for (SocketCore socket : sockets) {
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
        FaultScope scope = provider.stack().verifier().enter();
        try {
            takeAllAway();
        } finally {
            scope.defer();
        }
    }

    private void takeAllAway() {
        for (SocketCore socket : List.copyOf(sockets)) {
            fault(Fault.WSK_SOCKET_LEAK, socket + " was not closed: call WskCloseSocket before unload");
            takeAway(socket);
        }
        for (WskRegistration registration : List.copyOf(registrations)) {
            fault(Fault.WSK_NOT_DEREGISTERED, "a registration is left: call WskDeregister before unload");
            registration.takeAway();
            registrations.remove(registration);
        }
    }

    private void takeAway(SocketCore socket) {
        socket.abandon();
        sockets.remove(socket);
    }
}
