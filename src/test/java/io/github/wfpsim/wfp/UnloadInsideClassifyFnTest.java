package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.verifier.Fault;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A driver that unloads while its classifyFn runs. */
@Timeout(20)
class UnloadInsideClassifyFnTest {

    @Test
    @Spec({"WFP-38", "WFP-80"})
    void operationPendedByAnUnloadedDriver_doesNotWaitForEver() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                bench.driver.unload();
                bench.fwps.fwpsPendOperation0(call.meta().completionHandle(), Out.empty());
            });
            CompletableFuture<Win32Error> failure = new CompletableFuture<>();
            Thread connecting = new Thread(() -> failure.complete(bench.failToConnect()));
            connecting.setDaemon(true);
            connecting.start();

            assertThat(failure.get(5, TimeUnit.SECONDS)).isEqualTo(Win32Error.WSAEACCES);
            assertThat(bench.faults()).contains(Fault.CALLOUT_THREW);
        }
    }
}
