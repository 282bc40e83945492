package io.github.wfpsim.bench;

import io.github.wfpsim.AppProcess;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.fwpm.Filter;
import io.github.wfpsim.fwpm.FilterCondition;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.record.RedirectHandle;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** FwpsQueryConnectionRedirectState0 inside a callout, for chains of several proxies. The connect is a part of none. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RedirectStateBenchmark {

    private static final int QUERIES = 100_000;
    private static final int FIRST_PORT = 8000;
    private static final int LAST_PORT = 9000;

    /** How many proxies the connection has passed. */
    @Param({"1", "3", "10"})
    private int chain;

    private WfpSim sim;
    private AppProcess last;
    private byte[] records;
    private InetSocketAddress target;
    private int seen;

    /** Passes a connection through the proxies. */
    @Setup
    public void open() throws IOException {
        sim = WfpSim.open();
        target = local(LAST_PORT);
        sim.process("C:\\server.exe", Token.STANDARD_USER)
                .winsock()
                .tcpSocket(AddressFamily.AF_INET)
                .bind(target)
                .listen();
        KernelDriver measuring = sim.loadDriver("measuring.sys");
        RedirectHandle handle = measuring.createRedirectHandle(new UUID(1, 1));
        last = sim.process("C:\\app.exe", Token.ELEVATED_ADMINISTRATOR);
        for (int hop = 0; hop < chain; hop++) {
            pass(hop);
        }
        UUID key = new UUID(1, 2);
        Fwps fwps = measuring.fwps();
        measuring.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            int own = 0;
            for (int i = 0; i < QUERIES; i++) {
                RedirectState state = fwps.fwpsQueryConnectionRedirectState0(meta.redirectRecords(), handle, null);
                own += state == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER ? 1 : 0;
            }
            seen = own;
        });
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                        .when(FilterCondition.remotePort(LAST_PORT))
                        .callout(key));
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), port);
    }

    /** One more vendor redirects what the one before connects. */
    private void pass(int hop) throws IOException {
        KernelDriver driver = sim.loadDriver("vendor" + hop + ".sys");
        RedirectHandle handle = driver.createRedirectHandle(new UUID(3, hop));
        AppProcess proxy = sim.process("C:\\proxy" + hop + ".exe", Token.ELEVATED_ADMINISTRATOR);
        InetSocketAddress proxyAddress = local(FIRST_PORT + hop);
        InetSocketAddress asked = local(FIRST_PORT + 100 + hop);
        UUID key = new UUID(4, hop);
        driver.registerCallout(key, driver.redirectCallout(handle, proxyAddress, proxy));
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                        .when(FilterCondition.remotePort(asked.getPort()))
                        .callout(key));
        SimSocket listener = proxy.winsock()
                .tcpSocket(AddressFamily.AF_INET)
                .bind(proxyAddress)
                .listen();
        SimSocket onward = last.winsock().tcpSocket(AddressFamily.AF_INET);
        if (records != null) {
            onward.setRedirectRecords(records);
        }
        onward.connect(asked);
        records = listener.accept().queryRedirectRecords();
        last = proxy;
    }

    /** Closes the machine. */
    @TearDown
    public void close() {
        sim.close();
    }

    /** A hundred thousand queries in one classification. */
    @Benchmark
    @OperationsPerInvocation(QUERIES)
    public int query() throws IOException {
        try (SimSocket socket = last.winsock().tcpSocket(AddressFamily.AF_INET)) {
            socket.setRedirectRecords(records);
            socket.connect(target);
        }
        return seen;
    }
}
