package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.proxy.TcpRelay;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * An installed product that redirects TCP connections to a proxy in a process, which listens on loopback of both families.
 * What the proxy does is the test's: accept from the {@link #listener()} on its own thread, {@link #run(ProxyCode) run} code
 * under test, or let the library {@link #relay()}.
 *
 * <p>Closing it ends the process and the threads, uninstalls filters and callouts and unloads the driver; closing the
 * machine does so too. Safe for use by many threads.
 */
public final class TcpProduct implements AutoCloseable {

    private final String name;
    private final DriverAndProxy<SimSocket> parts;
    private final TcpRelay relay;

    TcpProduct(Product wanted, ProductConditions which) throws WinsockException {
        this.name = wanted.name();
        this.parts = new DriverAndProxy<>(
                wanted,
                which,
                (winsock, family, local) ->
                        winsock.tcpSocket(family).bind(local).listen());
        this.relay = new TcpRelay(process().winsock(), parts::execute);
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

    /** {@return the socket on which redirected IPv4 connections arrive} */
    public SimSocket listener() {
        return listener(AddressFamily.AF_INET);
    }

    /**
     * Hands out a listening socket.
     *
     * @param family of the destination that was asked for
     * @return the socket on which such connections arrive
     */
    public SimSocket listener(AddressFamily family) {
        return parts.socket(family);
    }

    /**
     * Opens the onward connection of an accepted one: asks for its records and its context, puts the records on a new
     * socket and connects that to the original destination, which the context names.
     *
     * @param accepted what a listener gave
     * @return the connected socket, of the proxy's process
     * @throws WinsockException with what the query, SET or the connect fails with
     * @throws IllegalStateException if it was not redirected, or has no context
     * @throws IllegalArgumentException if the context is not as {@code OriginalDestination.encode} makes it
     */
    public SimSocket connectOnward(SimSocket accepted) throws WinsockException {
        Objects.requireNonNull(accepted, "accepted must not be null: give what a listener accepted");
        return TcpRelay.connectOnward(process().winsock(), accepted);
    }

    /**
     * Runs code of a proxy on a thread that belongs to the product and ends with it: closing the product ends the process,
     * so that its calls of Winsock fail, and interrupts the thread.
     *
     * <p>An exception that leaves the code ends the process, as an unhandled one does on Windows, and closing the product
     * throws it, as the cause of an {@link IllegalStateException}. Only an interrupt, and what calls of Winsock fail with
     * because their process or peer ends, are no news once the product closes or its process has ended.
     *
     * @param code what to run
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public TcpProduct run(ProxyCode code) {
        parts.run(code);
        return this;
    }

    /**
     * Runs code of a proxy that returns something, which nobody reads; otherwise as {@link #run(ProxyCode)}.
     *
     * @param code what to run, such as {@code () -> new Relay(product)}
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public TcpProduct run(Callable<?> code) {
        parts.run(code);
        return this;
    }

    /**
     * Passes on what arrives, with records, in both families, as a transparent proxy does. Connections whose destination
     * cannot be reached, or that nobody redirected, are reset.
     *
     * @return this
     * @throws IllegalStateException if the product is closed
     */
    public TcpProduct relay() {
        for (AddressFamily family : AddressFamily.values()) {
            parts.run((ProxyCode) () -> relay.serve(parts.socket(family)));
        }
        return this;
    }

    /** {@return how many connections {@link #relay} has connected on} */
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
        return name + " redirects TCP to " + process();
    }
}
