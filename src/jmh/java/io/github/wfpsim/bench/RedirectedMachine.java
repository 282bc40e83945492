package io.github.wfpsim.bench;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A machine with, for each lane, a client, a redirecting product and an origin server of their own. */
final class RedirectedMachine implements AutoCloseable {

    static final int PAYLOAD_BYTES = 1024;
    private static final int FIRST_PROXY_PORT = 8080;
    private static final int FIRST_ORIGIN_PORT = 80;

    /** Connections to one destination that the dynamic ports suffice for. */
    private static final int OF_ONE_DESTINATION = 16_000;

    /** Both the application and the proxy have a connection to it. */
    private static final int PAIRS_OF_ONE_DESTINATION = OF_ONE_DESTINATION / 2;

    private static final byte[] CONTEXT = new byte[16];
    private static final byte[] NO_CONTEXT = {};

    /** For Winsock Kernel sockets of a benchmark's own. */
    final KernelDriver driver;

    private final WfpSim sim;
    private final AtomicInteger lanes = new AtomicInteger();

    RedirectedMachine(int traceCapacity) {
        this(SimOptions.defaults().traceCapacity(traceCapacity));
    }

    RedirectedMachine(SimOptions options) {
        sim = WfpSim.open(options);
        driver = sim.loadDriver("measured.sys");
    }

    WfpSim sim() {
        return sim;
    }

    Lane lane() throws IOException {
        return lane(true);
    }

    /** A lane whose callout attaches a context, or none. */
    Lane lane(boolean withContext) throws IOException {
        return new Lane(lanes.getAndIncrement(), withContext);
    }

    private static InetSocketAddress destination(int number, int port) throws IOException {
        byte[] address = {(byte) 203, 0, (byte) (number >> 8), (byte) (10 + number)};
        return new InetSocketAddress(InetAddress.getByAddress(address), port);
    }

    /** What one thread uses. */
    final class Lane {

        final TcpProduct product;
        final SimProcess proxy;
        final SimSocket listener;
        private final SimProcess client;
        private final InetSocketAddress origin;
        private final RemoteServer server;
        private final Map<InetSocketAddress, RemoteServer> servers = new HashMap<>();
        private final int originPort;
        private final byte[] payload = new byte[PAYLOAD_BYTES];
        private final byte[] room = new byte[PAYLOAD_BYTES];
        private final ByteBuffer roomAtOrigin = ByteBuffer.allocate(PAYLOAD_BYTES);

        Lane(int number, boolean withContext) throws IOException {
            originPort = FIRST_ORIGIN_PORT + number;
            product = sim.product("acme" + number)
                    .proxyPort(FIRST_PROXY_PORT + number)
                    .context(original -> withContext ? CONTEXT : NO_CONTEXT)
                    .redirectTcp(originPort);
            proxy = product.process();
            listener = product.listener();
            client = sim.app("browser.exe");
            origin = destination(0, originPort);
            server = sim.network().listen(origin);
        }

        /** The proxy's end of a connection, which its client leaves open. */
        SimSocket accepted(int number) throws IOException {
            client(number);
            return listener.accept();
        }

        /** The client's end, which waits to be accepted. */
        SimSocket client(int number) throws IOException {
            return client.winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .connect(destination(1 + number / OF_ONE_DESTINATION, originPort));
        }

        /** Connects, is redirected, is passed on, and closes everything. */
        int connection() throws IOException, InterruptedException {
            try (SimSocket app =
                            client.winsock().tcpSocket(AddressFamily.AF_INET).connect(origin);
                    SimSocket inbound = listener.accept();
                    SimSocket onward = passOn(inbound, origin);
                    DuplexStream atOrigin = server.accept(Deadline.NEVER)) {
                return app.hashCode() + onward.hashCode() + atOrigin.hashCode();
            }
        }

        /** The four ends of a redirected connection that stays open: application, proxy twice, origin. */
        Object[] pair(int number, boolean exchanging) throws IOException, InterruptedException {
            InetSocketAddress to = destination(1 + number / PAIRS_OF_ONE_DESTINATION, originPort);
            RemoteServer at = servers.computeIfAbsent(to, sim.network()::listen);
            SimSocket app = client.winsock().tcpSocket(AddressFamily.AF_INET).connect(to);
            SimSocket inbound = listener.accept();
            SimSocket onward = passOn(inbound, to);
            DuplexStream atOrigin = at.accept(Deadline.NEVER);
            if (exchanging) {
                exchange(app, inbound, onward, atOrigin);
            }
            return new Object[] {app, inbound, onward, atOrigin};
        }

        private SimSocket passOn(SimSocket inbound, InetSocketAddress to) throws IOException {
            SimSocket onward = proxy.winsock().tcpSocket(AddressFamily.AF_INET);
            onward.setRedirectRecords(inbound.queryRedirectRecords().orElseThrow());
            inbound.queryRedirectContext();
            return onward.connect(to);
        }

        /** The same with 1 KiB each way. */
        int exchange() throws IOException, InterruptedException {
            try (SimSocket app =
                            client.winsock().tcpSocket(AddressFamily.AF_INET).connect(origin);
                    SimSocket inbound = listener.accept();
                    SimSocket onward = passOn(inbound, origin);
                    DuplexStream atOrigin = server.accept(Deadline.NEVER)) {
                return exchange(app, inbound, onward, atOrigin);
            }
        }

        private int exchange(SimSocket app, SimSocket inbound, SimSocket onward, DuplexStream atOrigin)
                throws IOException, InterruptedException {
            app.send(payload);
            relay(inbound, onward);
            roomAtOrigin.clear();
            while (roomAtOrigin.hasRemaining()) {
                atOrigin.read(roomAtOrigin, Deadline.NEVER);
            }
            atOrigin.write(roomAtOrigin.flip(), Deadline.NEVER);
            relay(onward, inbound);
            return app.receive(room);
        }

        private void relay(SimSocket from, SimSocket to) throws IOException {
            int moved = 0;
            while (moved < PAYLOAD_BYTES) {
                moved += from.receive(room);
            }
            to.send(room);
        }
    }

    @Override
    public void close() {
        sim.close();
    }
}
