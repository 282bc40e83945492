package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.proxy.UdpRelay;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.util.concurrent.Callable;

/**
 * An installed product that redirects UDP flows to a proxy in a process, with a socket on loopback of each family. The
 * packet that creates a flow brings records and context as control messages.
 *
 * <p>Closing it ends the process and the threads, uninstalls filters and callouts and unloads the driver; closing the
 * machine does so too. Safe for use by many threads.
 */
public final class UdpProduct implements AutoCloseable {

    private final String name;
    private final DriverAndProxy<SimDatagramSocket> parts;
    private final UdpRelay relay;

    UdpProduct(Product wanted, ProductConditions which) throws WinsockException {
        this.name = wanted.name();
        this.parts = new DriverAndProxy<>(
                wanted,
                which,
                (winsock, family, local) -> winsock.udpSocket(family).bind(local));
        this.relay = new UdpRelay(process().winsock(), parts::execute);
    }

    /** {@return the proxy's process, which the redirects name; an elevated administrator} */
    public SimProcess process() {
        return parts.process();
    }

    /** {@return the driver, for callouts of the test's own} */
    public KernelDriver driver() {
        return parts.driver();
    }

    /** {@return the handle that the driver redirects with, one for both families} */
    public RedirectHandle redirectHandle() {
        return parts.redirectHandle();
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
        return parts.socket(family);
    }

    /**
     * Runs code of a proxy on a thread that belongs to the product, as {@link TcpProduct#run(ProxyCode)}.
     *
     * @param code what to run
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public UdpProduct run(ProxyCode code) {
        parts.run(code);
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
        parts.run(code);
        return this;
    }

    /**
     * Passes packets on, the records with the first one of each flow, and answers back, in both families.
     *
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public UdpProduct relay() {
        for (AddressFamily family : AddressFamily.values()) {
            parts.run((ProxyCode) () -> relay.serve(parts.socket(family)));
        }
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
        parts.unloadDriver();
    }

    /**
     * Uninstalls the product. A second call does nothing.
     *
     * @throws IllegalStateException if code that it ran threw something
     * @throws io.github.wfpsim.verifier.FaultException if the test's own use of the driver leaked, and faults are thrown
     */
    @Override
    public void close() {
        parts.close();
    }

    @Override
    public String toString() {
        return name + " redirects UDP to " + process();
    }
}
