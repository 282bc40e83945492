package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.engine.FilterEngine;
import io.github.wfpsim.engine.FixedValues;
import io.github.wfpsim.engine.NetView;
import io.github.wfpsim.engine.Question;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.kernel.ThreadIrql;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.wfp.FilterCondition.Subnet;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What questions cost in memory while nobody listens to the trace, told without a clock. */
@Timeout(60)
class ClassifyAllocationTest {

    private static final int CALLS = 2_000;
    private static final int FEW = 10;
    private static final int MANY = 5_000;
    private static final long MOST_BYTES_UNMATCHED = 400;
    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final InetSocketAddress SOURCE = new InetSocketAddress("198.51.100.1", 50_000);
    private static final InetSocketAddress DESTINATION = new InetSocketAddress("203.0.113.10", 443);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long bytesOf(Runnable call) {
        call.run();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS;
    }

    @Test
    @Spec("WFP-40")
    void redirectStateQuery_allocatesNothing() {
        try (RedirectBench bench =
                new RedirectBench(AddressFamily.AF_INET, SimOptions.defaults().traceCapacity(0))) {
            List<Long> bytes = new ArrayList<>();
            List<RedirectState> states = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                bench.redirect(call, bench::toProxy);
                bytes.add(bytesOf(() -> bench.fwps.fwpsQueryConnectionRedirectState0(
                        call.meta().redirectRecords(), bench.handle, null)));
                states.add(bench.fwps.fwpsQueryConnectionRedirectState0(
                        call.meta().redirectRecords(), bench.handle, null));
            });

            bench.connect();

            assertThat(bytes).containsExactly(0L);
            assertThat(states).containsExactly(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
        }
    }

    @Test
    @Spec("WFP-21")
    void questionThatNoFilterMatches_allocatesLittle_whateverTheNumberOfFilters() throws UnknownHostException {
        long withFew = bytesWith(FEW);
        long withMany = bytesWith(MANY);

        assertThat(withFew).isLessThan(MOST_BYTES_UNMATCHED);
        assertThat(withMany).isLessThan(MOST_BYTES_UNMATCHED);
    }

    private static long bytesWith(int filters) throws UnknownHostException {
        VirtualClock clock = new VirtualClock();
        TraceRecorder trace = new TraceRecorder(clock, 0);
        SimOptions options = SimOptions.defaults().traceCapacity(0);
        FaultRecorder verifier = new FaultRecorder(options.faultMode(), trace);
        ProcessTable processes = new ProcessTable();
        FilterEngine engine = new FilterEngine(new FilterEngine.Machine(
                options,
                processes,
                new HandleSource(),
                NetView.LOOPBACK_ONLY,
                new RedirectRecordCodec(options.minimumRecordSize()),
                new RedirectContexts(),
                trace,
                verifier,
                new ThreadIrql(verifier),
                clock,
                new Waits()));
        Fwpm fwpm = engine.management();
        fwpm.fwpmTransactionBegin0(0);
        for (int i = 0; i < filters; i++) {
            fwpm.addFilter(elsewhere(i));
        }
        fwpm.fwpmTransactionCommit0();
        ProcessEntry app = processes.start("C:\\app.exe", Token.STANDARD_USER, null);
        FixedValues values = new FixedValues(
                LAYER, app, IpProtocol.IPPROTO_TCP, SOURCE, DESTINATION, 0, 0, app.appId(), NetView.LOOPBACK_ONLY, 1);
        Question question = new Question(values, new Subject(1, 1, app.id(), "app.exe"), 1, 1, 0, null, null);
        assertThat(engine.classify(question).isPermitted()).isTrue();
        return bytesOf(() -> engine.classify(question));
    }

    private static Filter elsewhere(int number) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(new byte[] {10, (byte) (number >> 8), (byte) number, 1});
        Filter.Builder at = Filter.at(LAYER);
        return switch (number % 4) {
            case 0 -> at.when(FilterCondition.remoteAddress(address)).block();
            case 1 -> at.when(FilterCondition.remotePort(1000 + number)).block();
            case 2 ->
                at.when(FilterCondition.appId("c:\\app" + number + ".exe")).block();
            default ->
                at.when(FilterCondition.remoteSubnet(new Subnet(address, 24))).block();
        };
    }
}
