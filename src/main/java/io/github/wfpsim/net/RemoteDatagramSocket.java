package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket somewhere on the network, such as a DNS server's. Safe for use by many threads; guarded by a private
 * monitor.
 */
public final class RemoteDatagramSocket implements NetworkNode, AutoCloseable {

    private final Network network;
    private final InetSocketAddress address;
    private final Object monitor = new Object();
    private final ArrayDeque<Datagram> waiting = new ArrayDeque<>();
    private boolean closed;

    RemoteDatagramSocket(Network network, InetSocketAddress address) {
        this.network = network;
        this.address = address;
    }

    /**
     * Tells where the socket is.
     *
     * @return its address and port
     */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * Takes the oldest packet, waiting for one.
     *
     * @param deadline when to give up
     * @return the packet; null if the deadline passed or the socket was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public @Nullable Datagram receive(Deadline deadline) throws InterruptedException {
        Objects.requireNonNull(deadline, "deadline must not be null: give Deadline.NEVER to wait without end");
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (waiting.isEmpty() && !closed && !deadline.isExpired()) {
                    monitor.wait();
                }
                return waiting.poll();
            }
        }
    }

    /**
     * Sends a packet from this socket's address.
     *
     * @param payload the bytes from position to limit; the position moves behind them
     * @param destination where to
     * @throws java.net.PortUnreachableException if nobody takes it
     * @throws java.net.NoRouteToHostException if nobody has the address
     * @throws IOException if the socket is closed
     */
    public void send(ByteBuffer payload, InetSocketAddress destination) throws IOException {
        Datagram datagram = new Datagram(address, destination, payload);
        synchronized (monitor) {
            if (closed) {
                throw new IOException("the socket at " + address + " is closed: open it again to send");
            }
        }
        network.send(datagram);
        payload.position(payload.limit());
    }

    @Override
    public void offer(FiveTuple asSeenByReceiver, Dialer dialer) {
        Objects.requireNonNull(asSeenByReceiver, "asSeenByReceiver must not be null: give the five-tuple");
        Objects.requireNonNull(dialer, "dialer must not be null: give who hears the answer");
        dialer.refuse(new java.net.ConnectException("only datagrams are taken at " + address));
    }

    @Override
    public boolean deliver(Datagram datagram) {
        Objects.requireNonNull(datagram, "datagram must not be null: give a packet to " + address);
        synchronized (monitor) {
            if (!closed) {
                waiting.add(datagram);
                monitor.notifyAll();
            }
            return !closed;
        }
    }

    private void wake() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }

    /** Closes the socket; packets that nobody took are lost. A second call does nothing. */
    @Override
    public void close() {
        synchronized (monitor) {
            closed = true;
            waiting.clear();
            monitor.notifyAll();
        }
        network.forget(this);
    }
}
