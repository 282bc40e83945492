package io.github.wfpsim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A connection over loopback TCP, whose buffers hold a whole message, so that one thread can write and then read it. */
final class TcpPipe implements AutoCloseable {

    private static final int BACKLOG = 1;
    private static final int ROOM_FOR = 4;

    private final Socket client;
    private final Socket accepted;

    TcpPipe(int messageBytes) throws IOException {
        try (ServerSocket server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress())) {
            client = new Socket(server.getInetAddress(), server.getLocalPort());
            client.setSendBufferSize(ROOM_FOR * messageBytes);
            accepted = server.accept();
        }
    }

    int move(byte[] from, byte[] to) throws IOException {
        client.getOutputStream().write(from);
        return accepted.getInputStream().readNBytes(to, 0, from.length);
    }

    @Override
    public void close() throws IOException {
        client.close();
        accepted.close();
    }
}
