package io.github.wfpsim.fabric;

import io.github.wfpsim.net.Bridge;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Answers connections to a simulated address with real ones to this computer's loopback. */
final class LoopbackBridge implements Bridge, NetworkNode {

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final Fabric network;
    private final InetSocketAddress simulated;
    private final InetSocketAddress real;
    private final Set<SocketStream> live = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    LoopbackBridge(Fabric network, InetSocketAddress simulated, InetSocketAddress real) {
        this.network = network;
        this.simulated = simulated;
        this.real = real;
    }

    @Override
    public void offer(FiveTuple asSeenByReceiver, Dialer dialer) {
        Objects.requireNonNull(asSeenByReceiver, "asSeenByReceiver must not be null: give the five-tuple");
        Objects.requireNonNull(dialer, "dialer must not be null: give who hears the answer");
        SocketStream stream;
        try {
            stream = connect();
        } catch (IOException failed) {
            dialer.refuse(failed);
            return;
        }
        dialer.letIn(new Arrival(stream));
    }

    private SocketStream connect() throws IOException {
        requireOpen();
        SocketStream stream = dial();
        live.add(stream);
        if (closed) {
            stream.reset();
        }
        requireOpen();
        return stream;
    }

    private void requireOpen() throws ConnectException {
        if (closed) {
            throw new ConnectException("the bridge at " + IpAddress.text(simulated) + " is closed");
        }
    }

    private SocketStream dial() throws IOException {
        // A channel would close itself if its thread was interrupted before.
        boolean interrupted = Thread.interrupted();
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().connect(real, CONNECT_TIMEOUT_MILLIS);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return new SocketStream(channel, live::remove);
        } catch (IOException failed) {
            channel.close();
            throw translated(failed);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private IOException translated(IOException failed) {
        if (!(failed instanceof ConnectException)) {
            return failed;
        }
        ConnectException refused = new ConnectException("nothing listens at " + IpAddress.text(real)
                + ", where the bridge at " + IpAddress.text(simulated) + " leads");
        refused.initCause(failed);
        return refused;
    }

    private record Arrival(DuplexStream dialerEnd) implements InboundConnection {

        @Override
        public void established() {}

        @Override
        public void abandon() {
            dialerEnd.reset();
        }
    }

    @Override
    public void close() {
        closed = true;
        network.forget(simulated, this);
        live.forEach(SocketStream::cut);
    }
}
