package io.github.wfpsim.bench;

import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What every unit test pays: a machine with an application and a redirecting product, opened and closed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class StartUpBenchmark {

    /** Opens and closes the machine. */
    @Benchmark
    public int openAndClose() throws IOException {
        try (WfpSim sim = WfpSim.open();
                TcpProduct product = sim.product("acme").redirectTcp(80)) {
            return sim.app("browser.exe").id() + product.hashCode();
        }
    }
}
