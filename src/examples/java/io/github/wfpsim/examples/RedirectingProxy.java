package io.github.wfpsim.examples;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A transparent proxy as a service writes it: accept, ask for the records and the context, put the records on a new
 * socket, connect on, relay both ways. The context is the original destination, as its own callout wrote it.
 */
final class RedirectingProxy implements ProxyService {

    private static final int RELAY_BUFFER_BYTES = 16 * 1024;

    private final SimProcess process;
    private final SimSocket listener;
    private final boolean forgetSet;
    private final List<SimSocket> open = new ArrayList<>();
    private int served;

    RedirectingProxy(SimProcess process, InetSocketAddress address, boolean forgetSet) throws IOException {
        this.process = process;
        this.forgetSet = forgetSet;
        this.listener = process.winsock().tcpSocket(AddressFamily.AF_INET);
        listener.bind(address);
        listener.listen();
    }

    @Override
    public void start() {
        daemon("accept", this::acceptAll);
    }

    @Override
    public synchronized int served() {
        return served;
    }

    private void acceptAll() {
        try {
            while (true) {
                SimSocket accepted = keep(listener.accept());
                daemon("serve", () -> serve(accepted));
            }
        } catch (IOException closed) {
            // The listener was closed: the proxy ends.
        }
    }

    private void serve(SimSocket accepted) {
        try {
            byte[] records = accepted.queryRedirectRecords().orElseThrow();
            Optional<byte[]> context = accepted.queryRedirectContext();
            InetSocketAddress destination = OriginalDestination.decode(context.orElseThrow());
            SimSocket onward = keep(process.winsock().tcpSocket(AddressFamily.AF_INET));
            if (!forgetSet) {
                onward.setRedirectRecords(records);
            }
            onward.connect(destination);
            synchronized (this) {
                served++;
            }
            daemon("upstream", () -> relay(accepted, onward));
            relay(onward, accepted);
        } catch (IOException failed) {
            accepted.abort();
        }
    }

    static void relay(SimSocket from, SimSocket to) {
        byte[] buffer = new byte[RELAY_BUFFER_BYTES];
        try {
            InputStream in = from.inputStream();
            OutputStream out = to.outputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException broken) {
            to.abort();
        }
    }

    private synchronized SimSocket keep(SimSocket socket) {
        open.add(socket);
        return socket;
    }

    @Override
    public synchronized void close() {
        listener.close();
        open.forEach(SimSocket::close);
    }

    private void daemon(String role, Runnable work) {
        Thread thread = new Thread(work, process.info().imageName() + "-" + role);
        thread.setDaemon(true);
        thread.start();
    }

    /** The context that callout and proxy agree on: IPv4 address and port in network order. */
    static final class OriginalDestination {

        static byte[] encode(InetSocketAddress destination) {
            return ByteBuffer.allocate(6)
                    .put(destination.getAddress().getAddress())
                    .putShort((short) destination.getPort())
                    .array();
        }

        static InetSocketAddress decode(byte[] context) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(context);
            byte[] address = new byte[4];
            bytes.get(address);
            return new InetSocketAddress(InetAddress.getByAddress(address), Short.toUnsignedInt(bytes.getShort()));
        }

        private OriginalDestination() {}
    }
}
