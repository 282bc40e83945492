package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteDatagramSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A plain UDP socket: an address, and packets that wait to be received. */
final class PlainDatagramSocket implements RemoteDatagramSocket, NetworkNode {

    private final Fabric network;
    private final InetSocketAddress address;
    private final Arrivals<Datagram> packets;

    PlainDatagramSocket(Fabric network, InetSocketAddress address) {
        this.network = network;
        this.address = address;
        this.packets = new Arrivals<>(network.waits(), () -> "a datagram at " + IpAddress.text(address));
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public @Nullable Datagram receive(Deadline deadline) throws InterruptedException {
        return packets.take(deadline);
    }

    @Override
    public void whenReceived(Consumer<Datagram> next) {
        packets.whenTaken(Objects.requireNonNull(next, "next must not be null: give who takes packets"));
    }

    @Override
    public void send(ByteBuffer payload, InetSocketAddress destination) throws IOException {
        Datagram datagram = new Datagram(address, destination, payload);
        if (packets.isClosed()) {
            throw new IOException("the socket at " + IpAddress.text(address) + " is closed: open it again to send");
        }
        network.send(datagram);
        payload.position(payload.limit());
    }

    @Override
    public void offer(FiveTuple asSeenByReceiver, Dialer dialer) {
        Objects.requireNonNull(asSeenByReceiver, "asSeenByReceiver must not be null: give the five-tuple");
        Objects.requireNonNull(dialer, "dialer must not be null: give who hears the answer");
        dialer.refuse(new ConnectException("only datagrams are taken at " + IpAddress.text(address)));
    }

    @Override
    public boolean deliver(Datagram datagram) {
        Objects.requireNonNull(datagram, "datagram must not be null: give a packet to this socket");
        return packets.offer(datagram);
    }

    @Override
    public void close() {
        packets.close();
        network.forget(this);
    }
}
