package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingQueue;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket somewhere on the network, such as a DNS server's. Safe for use by many threads.
 */
public final class RemoteDatagramSocket implements NetworkNode, AutoCloseable {

    private final Network network;
    private final InetSocketAddress address;
    private final WaitingQueue<Datagram> packets;

    RemoteDatagramSocket(Network network, InetSocketAddress address) {
        this.network = network;
        this.address = address;
        this.packets = new WaitingQueue<>(network.waits(), () -> "a datagram at " + IpAddress.text(address));
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
        return packets.take(deadline);
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
        if (packets.isClosed()) {
            throw new IOException("the socket at " + address + " is closed: open it again to send");
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
        return packets.offer(datagram);
    }

    /** Closes the socket; packets that nobody took are lost. A second call does nothing. */
    @Override
    public void close() {
        packets.close();
        network.forget(this);
    }
}
