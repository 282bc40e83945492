package io.github.wfpsim.bench;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import java.net.InetSocketAddress;
import java.util.UUID;
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

/** What every unit test pays: a machine with two processes, a callout and a filter, opened and closed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class StartUpBenchmark {

    private static final int PROXY_PORT = 8080;

    /** Opens and closes the machine. */
    @Benchmark
    public int openAndClose() {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess proxy = sim.process("C:\\acme\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
            SimProcess client = sim.process("C:\\browser.exe", Token.STANDARD_USER);
            KernelDriver driver = sim.loadDriver("acme.sys");
            InetSocketAddress target = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), PROXY_PORT);
            UUID key = new UUID(2, 2);
            try (RedirectHandle handle = driver.createRedirectHandle(new UUID(1, 1));
                    CalloutRegistration callout =
                            driver.registerCallout(key, driver.redirectCallout(handle, target, proxy))) {
                sim.fwpm()
                        .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                                .callout(key));
                return client.info().id() + callout.hashCode();
            }
        }
    }
}
