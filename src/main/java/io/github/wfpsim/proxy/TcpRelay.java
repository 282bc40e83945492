package io.github.wfpsim.proxy;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A transparent proxy for TCP: accept, ask for records and context, put the records on a new socket, connect on, relay
 * both ways. The context is the original destination, as {@link OriginalDestination} writes it.
 *
 * <p>Safe for use by many threads.
 */
public final class TcpRelay {

    private static final int BOTH_DIRECTIONS = 2;

    private final Winsock winsock;
    private final Executor threads;
    private final AtomicInteger served = new AtomicInteger();

    /**
     * Creates a proxy.
     *
     * @param winsock sockets of its process
     * @param threads runs each direction of a connection on a thread of its own
     */
    public TcpRelay(Winsock winsock, Executor threads) {
        this.winsock = winsock;
        this.threads = threads;
    }

    /**
     * Serves connections until the listener closes.
     *
     * @param listener where they arrive
     * @throws WinsockException when it closes
     */
    public void serve(SimSocket listener) throws WinsockException {
        while (true) {
            SimSocket accepted = listener.accept();
            threads.execute(() -> serveOne(accepted));
        }
    }

    /** {@return how many connections were connected on} */
    public int served() {
        return served.get();
    }

    private void serveOne(SimSocket accepted) {
        try {
            if (accepted.queryRedirectRecords().isEmpty()) {
                accepted.abort(); // somebody who connects to the proxy itself
                return;
            }
            SimSocket onward = connectOnward(winsock, accepted);
            served.incrementAndGet();
            AtomicInteger open = new AtomicInteger(BOTH_DIRECTIONS);
            threads.execute(() -> relay(accepted, onward, open));
            relay(onward, accepted, open);
        } catch (WinsockException failed) {
            // The client sees a reset where the destination could not be reached.
            accepted.abort();
        }
    }

    /**
     * Opens the onward connection of an accepted one, which continues its flow.
     *
     * @param winsock sockets of the proxy's process
     * @param accepted what the listener gave
     * @return a socket connected to the original destination, with the records on it
     * @throws WinsockException with what the queries, SET or the connect fails with
     * @throws IllegalStateException if it was not redirected, or has no context
     */
    public static SimSocket connectOnward(Winsock winsock, SimSocket accepted) throws WinsockException {
        byte[] records = accepted.queryRedirectRecords()
                .orElseThrow(
                        () -> new IllegalStateException(accepted + " was not redirected, so it leads nowhere else"));
        byte[] context = accepted.queryRedirectContext()
                .orElseThrow(() -> new IllegalStateException(
                        accepted + " has records but no context that names its destination: attach one"));
        InetSocketAddress destination = OriginalDestination.decode(context).remote();
        SimSocket onward = winsock.tcpSocket(AddressFamily.of(destination.getAddress()));
        try {
            return onward.setRedirectRecords(records).connect(destination);
        } catch (WinsockException failed) {
            onward.abort();
            throw failed;
        }
    }

    /** Moves bytes one way; whichever direction ends last closes both sockets. */
    private static void relay(SimSocket from, SimSocket to, AtomicInteger open) {
        try {
            OutputStream out = to.outputStream();
            from.inputStream().transferTo(out);
            to.shutdownOutput();
        } catch (IOException broken) {
            to.abort();
            from.abort();
        }
        if (open.decrementAndGet() == 0) {
            from.close();
            to.close();
        }
    }
}
