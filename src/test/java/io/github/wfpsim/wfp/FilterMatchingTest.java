package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class FilterMatchingTest {

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-21")
    void conditions_ofOneFieldAreAlternativesAndFieldsHaveToHoldTogether(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Integer> asked = new ArrayList<>();
            UUID key = new UUID(6, 6);
            bench.driver.registerCallout(
                    key, (values, meta, data, context, filter, flow, out) -> asked.add(values.remotePort()));
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                            .when(FilterCondition.remotePort(81))
                            .when(FilterCondition.appId("c:\\APP.exe"))
                            .when(FilterCondition.remotePort(82))
                            .callout(key));
            for (int port = 80; port <= 83; port++) {
                InetSocketAddress to = new InetSocketAddress(bench.origin.getAddress(), port);
                if (port != RedirectBench.ORIGIN_PORT) {
                    bench.sim.network().listen(to);
                }
                bench.app.winsock().tcpSocket(family).connect(to);
                bench.proxy.winsock().tcpSocket(family).connect(to);
            }

            assertThat(asked).containsExactly(81, 82);
        }
    }

    @Test
    @Spec("WFP-21")
    void noConditions_matchAlways() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4).block());

            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
        }
    }
}
