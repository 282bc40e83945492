package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingQueue;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteDatagramSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A plain UDP socket: an address, and packets that wait to be received. */
final class PlainDatagramSocket implements RemoteDatagramSocket, NetworkNode {

    private final Fabric network;
    private final InetSocketAddress address;
    private final WaitingQueue<Datagram> packets;
    private volatile @Nullable Consumer<Datagram> taker;

    PlainDatagramSocket(Fabric network, InetSocketAddress address) {
        this.network = network;
        this.address = address;
        this.packets = new WaitingQueue<>(network.waits(), () -> "a datagram at " + IpAddress.text(address));
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public @Nullable Datagram receive(Deadline deadline) throws InterruptedException {
        Objects.requireNonNull(deadline, "deadline must not be null: give Deadline.NEVER to wait without end");
        return packets.take(deadline);
    }

    @Override
    public void whenReceived(Consumer<Datagram> next) {
        taker = Objects.requireNonNull(next, "next must not be null: give who takes packets");
        handOver();
    }

    private void handOver() {
        Consumer<Datagram> next = taker;
        while (next != null) {
            Datagram waiting = packets.poll();
            if (waiting == null) {
                return;
            }
            next.accept(waiting);
        }
    }

    @Override
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
        boolean taken = packets.offer(datagram);
        handOver();
        return taken;
    }

    @Override
    public void close() {
        packets.close();
        network.forget(this);
    }
}
