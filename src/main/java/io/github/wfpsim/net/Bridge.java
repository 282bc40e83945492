package io.github.wfpsim.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Leads connections to a simulated address to a real TCP port on this computer's loopback. Safe for use by many threads.
 */
public final class Bridge implements NetworkNode, AutoCloseable {

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final Network network;
    private final InetSocketAddress simulated;
    private final InetSocketAddress real;
    private final Set<SocketStream> live = ConcurrentHashMap.newKeySet();

    Bridge(Network network, InetSocketAddress simulated, InetSocketAddress real) {
        this.network = network;
        this.simulated = simulated;
        this.real = real;
    }

    @Override
    public InboundConnection offer(FiveTuple asSeenByReceiver) throws IOException {
        Objects.requireNonNull(asSeenByReceiver, "asSeenByReceiver must not be null: give the five-tuple");
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().connect(real, CONNECT_TIMEOUT_MILLIS);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SocketStream stream = new SocketStream(channel, live::remove);
            live.add(stream);
            return new Arrival(stream);
        } catch (ConnectException refused) {
            channel.close();
            throw new ConnectException("nobody listens at " + real + ", where " + simulated + " leads");
        } catch (IOException failed) {
            channel.close();
            throw failed;
        }
    }

    private record Arrival(DuplexStream dialerEnd) implements InboundConnection {

        @Override
        public void established() {}

        @Override
        public void abandon() {
            dialerEnd.reset();
        }
    }

    /** Takes the bridge away and resets its connections. A second call does nothing. */
    @Override
    public void close() {
        network.forget(simulated, this);
        live.forEach(SocketStream::reset);
    }
}
