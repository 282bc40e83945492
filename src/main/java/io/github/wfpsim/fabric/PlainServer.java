package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A plain server: an address, and connections that wait to be accepted. */
final class PlainServer implements RemoteServer, NetworkNode {

    private static final int STREAM_BYTES = 65_536;

    private final Fabric network;
    private final InetSocketAddress address;
    private final Waits waits;
    private final Arrivals<DuplexStream> connections;

    PlainServer(Fabric network, InetSocketAddress address) {
        this.network = network;
        this.address = address;
        this.waits = network.waits();
        this.connections = new Arrivals<>(waits, () -> "a connection at " + IpAddress.text(address));
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public @Nullable DuplexStream accept(Deadline deadline) throws InterruptedException {
        return connections.take(deadline);
    }

    @Override
    public void whenConnected(Consumer<DuplexStream> next) {
        connections.whenTaken(Objects.requireNonNull(next, "next must not be null: give who takes connections"));
    }

    @Override
    public void offer(FiveTuple asSeenByReceiver, Dialer dialer) {
        Objects.requireNonNull(asSeenByReceiver, "asSeenByReceiver must not be null: give the five-tuple");
        Objects.requireNonNull(dialer, "dialer must not be null: give who hears the answer");
        if (connections.isClosed()) {
            dialer.refuse(new ConnectException("the server at " + IpAddress.text(address) + " is closed"));
        } else {
            dialer.letIn(new Arrival(PipeStream.pair(STREAM_BYTES, waits, asSeenByReceiver)));
        }
    }

    private final class Arrival implements InboundConnection {

        private final PipeStream.Pair pair;

        Arrival(PipeStream.Pair pair) {
            this.pair = pair;
        }

        @Override
        public DuplexStream dialerEnd() {
            return pair.left();
        }

        @Override
        public void established() {
            if (!connections.offer(pair.right())) {
                pair.right().reset();
            }
        }

        @Override
        public void abandon() {
            pair.right().reset();
        }
    }

    @Override
    public void close() {
        connections.close().forEach(DuplexStream::reset);
        network.forget(address, this);
    }
}
