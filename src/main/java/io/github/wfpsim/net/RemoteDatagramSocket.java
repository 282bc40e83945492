package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket somewhere on the network, such as a DNS server's, made by {@link Network#datagramSocket}. Safe for use by
 * many threads.
 */
public interface RemoteDatagramSocket extends AutoCloseable {

    /** {@return where the socket is: its address and port} */
    InetSocketAddress address();

    /**
     * Takes the oldest packet, waiting for one.
     *
     * @param deadline when to give up
     * @return the packet; null if the deadline passed or the socket was closed
     * @throws InterruptedException if the thread was interrupted
     */
    @Nullable
    Datagram receive(Deadline deadline) throws InterruptedException;

    /**
     * Hands every packet to somebody instead of to {@link #receive}, those that wait already first.
     *
     * @param next takes the packet, on the thread that sends it and without a lock; it must not block
     */
    void whenReceived(Consumer<Datagram> next);

    /**
     * Sends a packet from this socket's address.
     *
     * @param payload the bytes from position to limit; the position moves behind them
     * @param destination where to
     * @throws java.net.PortUnreachableException if nobody takes it
     * @throws java.net.NoRouteToHostException if nobody has the address
     * @throws IOException if the socket is closed
     */
    void send(ByteBuffer payload, InetSocketAddress destination) throws IOException;

    /** Closes the socket; packets that nobody took are lost. A second call does nothing. */
    @Override
    void close();
}
