package io.github.wfpsim.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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
        Socket socket = new Socket();
        try {
            socket.connect(real, CONNECT_TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
        SocketStream stream = new SocketStream(socket, live::remove);
        live.add(stream);
        return new Arrival(stream);
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
