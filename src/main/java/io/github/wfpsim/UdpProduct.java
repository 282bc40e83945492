package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.proxy.UdpRelay;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An installed product that redirects UDP flows to a proxy in a process, with a socket on loopback of each family. The
 * packet that creates a flow brings records and context as control messages.
 *
 * <p>Closing it ends the process and the threads, uninstalls filters and callouts and unloads the driver; closing the
 * machine does so too. Safe for use by many threads.
 */
public final class UdpProduct implements AutoCloseable {

    private final WfpSim machine;
    private final String name;
    private final ProxyProcess proxy;
    private final Map<AddressFamily, SimDatagramSocket> sockets = new EnumMap<>(AddressFamily.class);
    private final ProductDriver driver;
    private final UdpRelay relay;
    private final AtomicBoolean closed = new AtomicBoolean();

    UdpProduct(Product wanted, ProductConditions which) throws WinsockException {
        this.machine = wanted.machine();
        this.name = wanted.name();
        this.proxy = new ProxyProcess(machine, name);
        this.relay = new UdpRelay(process().winsock(), proxy::execute);
        try {
            for (AddressFamily family : AddressFamily.values()) {
                SimDatagramSocket socket = process().winsock().udpSocket(family);
                sockets.put(family, socket.bind(wanted.proxyAddress(family)));
            }
            this.driver = wanted.redirecting(process(), which);
        } catch (WinsockException | RuntimeException refused) {
            proxy.close();
            throw refused;
        }
        machine.keep(this);
    }

    /** {@return the proxy's process, which the redirects name; an elevated administrator} */
    public SimProcess process() {
        return proxy.process();
    }

    /** {@return the driver, for callouts of the test's own} */
    public KernelDriver driver() {
        return driver.driver();
    }

    /** {@return the handle that the driver redirects with, one for both families} */
    public RedirectHandle redirectHandle() {
        return driver.redirectHandle();
    }

    /** {@return the socket on which redirected IPv4 packets arrive} */
    public SimDatagramSocket socket() {
        return socket(AddressFamily.AF_INET);
    }

    /**
     * Hands out a socket of the proxy.
     *
     * @param family of the destination that was asked for
     * @return the socket on which such packets arrive
     */
    public SimDatagramSocket socket(AddressFamily family) {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        return Objects.requireNonNull(sockets.get(family), "a product has a socket in every family");
    }

    /**
     * Runs code of a proxy on a thread that belongs to the product, as {@link TcpProduct#run(ProxyCode)}.
     *
     * @param code what to run
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public UdpProduct run(ProxyCode code) {
        proxy.run(code);
        return this;
    }

    /**
     * Runs code of a proxy that returns something, which nobody reads; otherwise as {@link #run(ProxyCode)}.
     *
     * @param code what to run
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public UdpProduct run(Callable<?> code) {
        Objects.requireNonNull(code, "code must not be null: give what the proxy does");
        return run((ProxyCode) code::call);
    }

    /**
     * Passes packets on, the records with the first one of each flow, and answers back, in both families.
     *
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public UdpProduct relay() {
        sockets.values().forEach(socket -> run((ProxyCode) () -> relay.serve(socket)));
        return this;
    }

    /** {@return how many flows {@link #relay} has passed on} */
    public int served() {
        return relay.served();
    }

    /**
     * Uninstalls filters and callouts and unloads the driver, as an update does: nothing more is redirected, while the proxy
     * and its connections go on. A second call does nothing.
     *
     * @throws io.github.wfpsim.verifier.FaultException if the test's own use of the driver leaked, and faults are thrown
     */
    public void unloadDriver() {
        driver.close();
    }

    /**
     * Uninstalls the product. A second call does nothing.
     *
     * @throws IllegalStateException if code that it ran threw something
     * @throws io.github.wfpsim.verifier.FaultException if the test's own use of the driver leaked, and faults are thrown
     */
    @Override
    public void close() {
        // Before anything else, so that a machine that closes meanwhile finds no leak.
        driver.uninstall();
        if (closed.compareAndSet(false, true)) {
            machine.forget(this);
            try (driver;
                    proxy) {
                // Closes the proxy, then the driver.
            }
        }
    }

    @Override
    public String toString() {
        return name + " redirects UDP to " + process();
    }
}
