package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** AUTH_CONNECT of redirected connections. */
@Timeout(20)
class AuthorizationTest {

    private static final int LOOPBACK = ConditionFlag.FWP_CONDITION_FLAG_IS_LOOPBACK.code();
    private static final int REDIRECTED = ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();

    /** One call: for which destination, with which flags, and whether it tells where the connection was headed. */
    private record Authorized(InetSocketAddress destination, int flags, boolean tellsFirstDestination) {}

    private final List<Authorized> calls = new ArrayList<>();
    private final List<InetAddress> sources = new ArrayList<>();

    private void watch(RedirectBench bench) {
        bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
            sources.add(call.values().local().getAddress());
            calls.add(new Authorized(
                    call.values().remote(),
                    call.values().flags(),
                    call.meta().isPresent(MetadataField.FWPS_METADATA_FIELD_ORIGINAL_DESTINATION)));
        });
    }

    private static void redirectAbroad(RedirectBench bench) {
        bench.sim.network().listen(bench.remote(20));
        bench.atConnectRedirect(
                call -> bench.redirect(call, request -> request.setRemoteAddressAndPort(bench.remote(20))));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-68", "WFP-69"})
    void redirectAwayFromLoopback_isAuthorizedForBothDestinationsInOrder(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            redirectAbroad(bench);
            watch(bench);

            bench.connect();

            assertThat(calls)
                    .containsExactly(
                            new Authorized(bench.origin, 0, false), new Authorized(bench.remote(20), REDIRECTED, true));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-68")
    void blockOfEitherDestination_failsTheConnect(AddressFamily family) {
        for (int lastByte : new int[] {10, 20}) {
            try (RedirectBench bench = new RedirectBench(family)) {
                redirectAbroad(bench);
                bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                    if (call.values().remote().equals(bench.remote(lastByte))) {
                        call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                    }
                });

                assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-69", "WFP-70"})
    void redirectToLoopback_isAuthorizedOnceAsLoopback(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            watch(bench);

            bench.connect();

            assertThat(calls).containsExactly(new Authorized(bench.proxyAddress, REDIRECTED | LOOPBACK, true));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-69", "WFP-70"})
    void redirectToLoopback_withKnob_isAuthorizedTwiceAndIsLoopbackTheSecondTimeOnly(AddressFamily family) {
        SimOptions always = SimOptions.defaults().with(Deviation.DOUBLE_AUTHORIZATION_ALWAYS);
        try (RedirectBench bench = new RedirectBench(family, always)) {
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            watch(bench);

            bench.connect();

            assertThat(calls)
                    .containsExactly(
                            new Authorized(bench.origin, 0, false),
                            new Authorized(bench.proxyAddress, REDIRECTED | LOOPBACK, true));
            assertThat(sources)
                    .as("each call shows the source that routing takes to its destination")
                    .extracting(InetAddress::isLoopbackAddress)
                    .containsExactly(false, true);
        }
    }
}
