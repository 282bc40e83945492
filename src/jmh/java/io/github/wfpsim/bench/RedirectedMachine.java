package io.github.wfpsim.bench;

import io.github.wfpsim.AppProcess;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.fwpm.Filter;
import io.github.wfpsim.fwpm.FilterCondition;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.record.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.UUID;

/** A client, a redirecting driver, its proxy, and an origin server. */
final class RedirectedMachine implements AutoCloseable {

    static final int PAYLOAD_BYTES = 1024;
    private static final int PROXY_PORT = 8080;
    private static final int ORIGIN_PORT = 80;

    final AppProcess proxy;
    final SimSocket listener;
    private final WfpSim sim;
    private final AppProcess client;
    private final RedirectHandle handle;
    private final CalloutRegistration callout;
    private final InetSocketAddress origin;
    private final RemoteServer server;
    private final byte[] payload = new byte[PAYLOAD_BYTES];
    private final byte[] room = new byte[PAYLOAD_BYTES];
    private final ByteBuffer roomAtOrigin = ByteBuffer.allocate(PAYLOAD_BYTES);

    RedirectedMachine(int traceCapacity) throws IOException {
        sim = WfpSim.open(SimOptions.builder().traceCapacity(traceCapacity).build());
        proxy = sim.process("C:\\acme\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
        client = sim.process("C:\\browser.exe", Token.STANDARD_USER);
        InetSocketAddress proxyAddress = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), PROXY_PORT);
        listener = proxy.winsock()
                .tcpSocket(AddressFamily.AF_INET)
                .bind(proxyAddress)
                .listen();
        KernelDriver driver = sim.loadDriver("acme.sys");
        handle = driver.createRedirectHandle(new UUID(1, 1));
        UUID key = new UUID(2, 2);
        callout = driver.registerCallout(key, driver.redirectCallout(handle, proxyAddress, proxy));
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                        .when(FilterCondition.remotePort(ORIGIN_PORT))
                        .callout(key));
        origin = new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 203, 0, 113, 10}), ORIGIN_PORT);
        server = sim.network().listen(origin);
    }

    /** A client's connection that the proxy has accepted. */
    SimSocket accepted() throws IOException {
        client.winsock().tcpSocket(AddressFamily.AF_INET).connect(origin);
        return listener.accept();
    }

    /** Connects, is redirected, is relayed with 1 KiB each way, and closes everything. */
    int exchange() throws IOException, InterruptedException {
        try (SimSocket app = client.winsock().tcpSocket(AddressFamily.AF_INET).connect(origin);
                SimSocket inbound = listener.accept();
                SimSocket onward = proxy.winsock().tcpSocket(AddressFamily.AF_INET)) {
            onward.setRedirectRecords(inbound.queryRedirectRecords());
            inbound.queryRedirectContext();
            onward.connect(origin);
            try (DuplexStream atOrigin = server.accept(Deadline.NEVER)) {
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
        }
    }

    private void relay(SimSocket from, SimSocket to) throws IOException {
        int moved = 0;
        while (moved < PAYLOAD_BYTES) {
            moved += from.receive(room);
        }
        to.send(room);
    }

    @Override
    public void close() {
        callout.close();
        handle.close();
        sim.close();
    }
}
