package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one driver acquires and another gives back. */
@Timeout(20)
class GivenBackByAnotherDriverTest {

    @Test
    @Spec({"WFP-42", "WFP-80"})
    void classifyHandle_releasedByAnotherDriver_isNoLeak() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            KernelDriver other = bench.sim.loadDriver("other.sys");
            bench.atConnectRedirect(call -> other.fwps().fwpsReleaseClassifyHandle0(bench.acquireHandle(call)));

            bench.connect();
            bench.unregisterAll();

            assertThat(bench.driver.unload().held()).isEmpty();
        }
    }

    @Test
    @Spec({"WFP-60", "WFP-80"})
    void pendedOperation_completedByAnotherDriver_isNoLeak() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            KernelDriver other = bench.sim.loadDriver("other.sys");
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                Out<CompletionContext> context = Out.empty();
                if (bench.fwps
                        .fwpsPendOperation0(call.meta().completionHandle(), context)
                        .isSuccess()) {
                    other.fwps().fwpsCompleteOperation0(context.get(), null);
                }
            });

            bench.connect();
            bench.unregisterAll();

            assertThat(bench.driver.unload().held()).isEmpty();
            assertThat(bench.faults()).isEmpty();
        }
    }
}
