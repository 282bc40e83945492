package io.github.wfpsim.bench;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.RedirectRecords;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
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

/**
 * FwpsQueryConnectionRedirectState0 inside a callout, for chains of several proxies, against a loop over the chain. Both
 * are called, not inlined, so that nothing is moved out of the loop of queries.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class RedirectStateBenchmark {

    private static final int QUERIES = 100_000;
    private static final int FIRST_PORT = 8000;
    private static final int LAST_PORT = 9000;

    /** How many proxies the connection has passed. */
    @Param({"1", "3", "10"})
    private int chain;

    private WfpSim sim;
    private TcpProduct measuring;
    private SimProcess last;
    private byte[] records;
    private InetSocketAddress target;
    private int queries;
    private int seen;
    private long[] owners;
    private long own;

    /** Passes a connection through the proxies. */
    @Setup
    public void open() throws IOException {
        sim = WfpSim.open(SimOptions.defaults().traceCapacity(0));
        target = local(LAST_PORT);
        sim.app("server.exe").listen(IpAddress.text(target));
        last = sim.app("app.exe");
        owners = LongStream.rangeClosed(1, chain).toArray();
        for (int hop = 0; hop < chain; hop++) {
            pass(hop);
        }
        measuring = sim.product("measuring")
                .callout(textbook -> (values, meta, data, context, filter, flow, out) -> ask(meta.redirectRecords()))
                .redirectTcp(LAST_PORT);
    }

    /** What a classification is for. */
    private void ask(@Nullable RedirectRecords of) {
        Fwps fwps = measuring.driver().fwps();
        RedirectHandle handle = measuring.redirectHandle();
        int byOthers = 0;
        for (int i = 0; i < queries; i++) {
            RedirectState state = asked(fwps, of, handle);
            byOthers += state == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER ? 1 : 0;
        }
        seen = byOthers;
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), port);
    }

    /** One more vendor redirects what the one before connects. */
    private void pass(int hop) throws IOException {
        InetSocketAddress asked = local(FIRST_PORT + hop);
        TcpProduct vendor = sim.product("vendor" + hop).redirectTcp(asked.getPort());
        SimSocket onward = last.winsock().tcpSocket(AddressFamily.AF_INET);
        if (records != null) {
            onward.setRedirectRecords(records);
        }
        onward.connect(asked);
        records = vendor.listener().accept().queryRedirectRecords().orElseThrow();
        last = vendor.process();
    }

    /** Closes the machine. */
    @TearDown
    public void close() {
        sim.close();
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static RedirectState asked(Fwps fwps, @Nullable RedirectRecords records, RedirectHandle handle) {
        return fwps.fwpsQueryConnectionRedirectState0(records, handle, null);
    }

    /** A hundred thousand queries in one classification. */
    @Benchmark
    @OperationsPerInvocation(QUERIES)
    public int query() throws IOException {
        return connect(QUERIES);
    }

    /** What connect and close add to each query. */
    @Benchmark
    @OperationsPerInvocation(QUERIES)
    public int connectWithoutQuery() throws IOException {
        return connect(0);
    }

    private int connect(int asking) throws IOException {
        queries = asking;
        try (SimSocket socket = last.winsock().tcpSocket(AddressFamily.AF_INET)) {
            socket.setRedirectRecords(records);
            socket.connect(target);
        }
        return seen;
    }

    /** The least: compares the number of each record's handle, oldest first, with the number of one's own. */
    @Benchmark
    @OperationsPerInvocation(QUERIES)
    public int floor() {
        int byOthers = 0;
        for (int i = 0; i < QUERIES; i++) {
            byOthers += compared(owners, own) == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER ? 1 : 0;
        }
        return byOthers;
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static RedirectState compared(long[] owners, long own) {
        for (int i = 0; i < owners.length; i++) {
            if (owners[i] == own) {
                return i == owners.length - 1
                        ? RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF
                        : RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF;
            }
        }
        return RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER;
    }
}
