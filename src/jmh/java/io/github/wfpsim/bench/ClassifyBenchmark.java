package io.github.wfpsim.bench;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.engine.Question;
import io.github.wfpsim.engine.Verdict;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.Fwpm;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One question to a layer with many filters, of which a handful match; and one more filter. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class ClassifyBenchmark {

    private static final int SEED = 42;
    private static final int PORTS = 65_536;

    /** Filters at the layer. */
    @Param({"10", "1000", "100000"})
    private int filters;

    private EngineAlone engine;
    private Question input;

    /** Adds the filters in one transaction. */
    @Setup
    public void open() throws IOException {
        engine = new EngineAlone();
        Fwpm fwpm = engine.fwpm;
        Random random = new Random(SEED);
        fwpm.fwpmTransactionBegin0(0);
        for (int i = 0; i < filters; i++) {
            fwpm.addFilter(filter(i, random));
        }
        fwpm.fwpmTransactionCommit0();
        input = engine.question(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, EngineAlone.DESTINATION);
    }

    /** Every kind that policies are made of; those of other destinations do not match. */
    private Filter filter(int number, Random random) throws IOException {
        Filter.Builder at = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4);
        if (number < 3) {
            return at.permit();
        }
        InetAddress elsewhere =
                InetAddress.getByAddress(new byte[] {10, (byte) random.nextInt(), (byte) random.nextInt(), 1});
        return switch (number % 4) {
            case 0 -> at.when(FilterCondition.remoteAddress(elsewhere)).block();
            case 1 ->
                at.when(FilterCondition.remoteAddress(elsewhere))
                        .when(FilterCondition.remotePort(random.nextInt(PORTS)))
                        .when(FilterCondition.protocol(IpProtocol.IPPROTO_TCP))
                        .block();
            case 2 ->
                at.when(FilterCondition.appId("c:\\app" + number + ".exe")).block();
            default ->
                at.when(FilterCondition.remoteSubnet(new FilterCondition.Subnet(elsewhere, 24)))
                        .block();
        };
    }

    /** Ends nothing that lives outside the heap. */
    @TearDown
    public void close() {
        engine = null;
    }

    /** Asks the layer. */
    @Benchmark
    public Verdict classify() {
        return engine.engine.classify(input);
    }

    /** Adds a filter and takes it away again. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public long addAndDelete() {
        long id = engine.fwpm.addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                .when(FilterCondition.remotePort(1))
                .block());
        engine.fwpm.fwpmFilterDeleteById0(id);
        return id;
    }
}
