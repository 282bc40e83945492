package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A callout that connects while it is asked about live flows again. */
@Timeout(20)
class ConnectDuringReauthorizationTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    @Test
    @Spec({"WFP-73", "WFP-74"})
    void flowMadeDuringAReauthorization_hearsOfWhatAnotherThreadBlockedMeanwhile() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            InetSocketAddress second = bench.remote(11);
            bench.sim.network().listen(second);
            AtomicBoolean connected = new AtomicBoolean();
            bench.at(LAYER, call -> {
                boolean again = (call.values().flags() & ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code()) != 0;
                if (again && connected.compareAndSet(false, true)) {
                    connect(bench, second);
                } else if (!again && call.values().remote().equals(second)) {
                    onAnotherThread(() -> bench.sim
                            .fwpm()
                            .addFilter(Filter.at(LAYER)
                                    .when(FilterCondition.remoteAddress(second.getAddress()))
                                    .block()));
                }
            });
            bench.connect();

            bench.sim.fwpm().addFilter(Filter.at(LAYER).permit());

            assertThat(connected).isTrue();
            assertThat(bench.sim.connections()).noneMatch(flow -> second.equals(flow.remote()));
        }
    }

    private static void connect(RedirectBench bench, InetSocketAddress to) {
        try {
            bench.app.winsock().tcpSocket(AddressFamily.AF_INET).connect(to);
        } catch (WinsockException failed) {
            throw new AssertionError(failed);
        }
    }

    private static void onAnotherThread(Runnable task) {
        Thread thread = new Thread(task);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
