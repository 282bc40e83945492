package io.github.wfpsim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * The same relay over the JDK's loopback sockets, on one thread: connect, accept, connect on, accept, 1 KiB each way, close
 * all four. Without redirection, records or contexts.
 */
final class JdkRelay implements AutoCloseable {

    private static final int BACKLOG = 50;

    private final byte[] payload = new byte[RedirectedMachine.PAYLOAD_BYTES];
    private final byte[] room = new byte[RedirectedMachine.PAYLOAD_BYTES];
    private final ServerSocket proxy = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final ServerSocket origin = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());

    JdkRelay() throws IOException {
        // The fields listen.
    }

    int connection() throws IOException {
        try (Socket app = new Socket(proxy.getInetAddress(), proxy.getLocalPort());
                Socket inbound = proxy.accept();
                Socket onward = new Socket(origin.getInetAddress(), origin.getLocalPort());
                Socket atOrigin = origin.accept()) {
            return app.getLocalPort() + inbound.getPort() + onward.getLocalPort() + atOrigin.getPort();
        }
    }

    int exchange() throws IOException {
        try (Socket app = new Socket(proxy.getInetAddress(), proxy.getLocalPort());
                Socket inbound = proxy.accept();
                Socket onward = new Socket(origin.getInetAddress(), origin.getLocalPort());
                Socket atOrigin = origin.accept()) {
            move(payload, app, inbound);
            move(room, onward, atOrigin);
            move(room, atOrigin, onward);
            return move(room, inbound, app);
        }
    }

    private int move(byte[] bytes, Socket from, Socket to) throws IOException {
        from.getOutputStream().write(bytes);
        return to.getInputStream().readNBytes(room, 0, room.length);
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        origin.close();
    }
}
