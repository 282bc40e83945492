package io.github.wfpsim.wfp;

import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V6;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_RESOURCE_RELEASE_V4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class LayerOrderTest {

    /** One classification: at which layer, and whose. */
    private record Step(Layer layer, int pid) {}

    private final List<Step> steps = new ArrayList<>();

    /** Watches all layers of both families. */
    private void watch(RedirectBench bench) {
        for (Layer layer : Layer.values()) {
            if (layer.family() == AddressFamily.AF_INET) {
                bench.at(layer, call -> steps.add(new Step(call.values().layer(), pidOf(call))));
            }
        }
    }

    private static int pidOf(RedirectBench.Call call) {
        return call.meta().processId();
    }

    private List<Step> expected(AddressFamily family, SimProcess process, Layer... layers) {
        List<Step> expected = new ArrayList<>();
        for (Layer layer : layers) {
            expected.add(new Step(layer.withFamily(family), process.id()));
        }
        return expected;
    }

    private static List<Step> joined(List<Step> first, List<Step> second) {
        List<Step> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-02")
    void connectToAListenerHere_passesTheLayersInTheDocumentedOrder(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            watch(bench);

            bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);

            List<Step> client = expected(
                    family,
                    bench.app,
                    FWPS_LAYER_ALE_BIND_REDIRECT_V4,
                    FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4,
                    FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                    FWPS_LAYER_ALE_AUTH_CONNECT_V4);
            List<Step> accepting = expected(family, bench.proxy, FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4);
            List<Step> established = joined(
                    expected(family, bench.app, FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4),
                    expected(family, bench.proxy, FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4));
            assertThat(steps).isEqualTo(joined(joined(client, accepting), established));
            assertThat(bench.accept().localAddress())
                    .as("only then it can be accepted")
                    .isEqualTo(bench.proxyAddress);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-02")
    void redirectedConnect_isAuthorizedForTheProxyAndAcceptedByIt(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            watch(bench);

            bench.connect();

            assertThat(steps)
                    .extracting(Step::layer)
                    .containsExactly(
                            FWPS_LAYER_ALE_BIND_REDIRECT_V4.withFamily(family),
                            FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4.withFamily(family),
                            FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family),
                            FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family),
                            FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4.withFamily(family),
                            FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family),
                            FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-02")
    void connectOfABoundSocket_doesNotBindAgain(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            watch(bench);
            SimSocket socket = bench.app.winsock().tcpSocket(family);

            socket.bind(new InetSocketAddress(IpAddress.wildcard(family), 0));
            assertThat(steps)
                    .isEqualTo(expected(
                            family, bench.app, FWPS_LAYER_ALE_BIND_REDIRECT_V4, FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4));
            steps.clear();
            socket.connect(bench.origin);

            assertThat(steps)
                    .isEqualTo(expected(
                            family,
                            bench.app,
                            FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                            FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                            FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-03")
    void listening_passesBindAssignmentAndAuthListen(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            watch(bench);

            bench.app
                    .winsock()
                    .tcpSocket(family)
                    .bind(new InetSocketAddress(IpAddress.loopback(family), 4000))
                    .listen();

            assertThat(steps)
                    .isEqualTo(expected(
                            family,
                            bench.app,
                            FWPS_LAYER_ALE_BIND_REDIRECT_V4,
                            FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4,
                            FWPS_LAYER_ALE_AUTH_LISTEN_V4));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-05")
    void closing_indicatesEachConnectionOnceAndThePortOnce(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            SimSocket client = bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);
            SimSocket accepted = bench.accept();
            watch(bench);
            steps.clear(); // what the new filters have live flows asked

            client.close();
            client.close();
            accepted.abort();

            assertThat(steps)
                    .isEqualTo(joined(
                            expected(
                                    family,
                                    bench.app,
                                    FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4,
                                    FWPS_LAYER_ALE_RESOURCE_RELEASE_V4),
                            expected(family, bench.proxy, FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4)));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-01")
    void bindRedirect_staysWithTheSocketAndAConnectRedirectWithItsConnect(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            InetSocketAddress own = new InetSocketAddress(IpAddress.wildcard(family), 5555);
            bench.at(FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> {
                ClassifyHandle handle = bench.acquireHandle(call);
                Out<Object> data = Out.empty();
                bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                        handle, call.filter().filterId(), 0, data, call.out());
                ((BindRequest) Objects.requireNonNull(data.get())).setLocalAddressAndPort(own);
                bench.fwps.fwpsApplyModifiedLayerData0(handle, Objects.requireNonNull(data.get()), 0);
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
                bench.fwps.fwpsReleaseClassifyHandle0(handle);
            });
            List<InetSocketAddress> sources = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                sources.add(call.values().local());
                if (sources.size() == 1) {
                    bench.redirect(call, request -> request.setRemoteAddressAndPort(bench.remote(99)));
                }
            });
            SimSocket socket = bench.app.winsock().tcpSocket(family);
            socket.bind(new InetSocketAddress(IpAddress.wildcard(family), 0));

            assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> socket.connect(bench.origin));
            socket.connect(bench.origin);

            assertThat(sources).extracting(InetSocketAddress::getPort).containsExactly(5555, 5555);
            assertThat(bench.destination()).isEqualTo(bench.origin);
        }
    }

    @Test
    @Spec("WFP-06")
    void v4MappedDestination_showsAtConnectRedirectV6AndThenAtAuthConnectV4() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET6)) {
            List<Layer> seen = new ArrayList<>();
            List<InetSocketAddress> remotes = new ArrayList<>();
            InetSocketAddress v4 = new InetSocketAddress(RedirectBench.address(AddressFamily.AF_INET, 30), 80);
            bench.sim.network().listen(v4);
            recordBothFamilies(bench, seen, remotes);
            Winsock winsock = bench.app.winsock();
            SocketHandle socket = winsock.socket(AddressFamily.AF_INET6.code(), 1, IpProtocol.IPPROTO_TCP.code());
            winsock.setsockopt(socket, IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_V6ONLY, 0);

            assertThat(winsock.connect(socket, IpAddress.toV4Mapped(v4))).isZero();

            assertThat(seen)
                    .containsSubsequence(FWPS_LAYER_ALE_CONNECT_REDIRECT_V6, FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                    .doesNotContain(FWPS_LAYER_ALE_CONNECT_REDIRECT_V4);
            assertThat(remotes.get(seen.indexOf(FWPS_LAYER_ALE_CONNECT_REDIRECT_V6)))
                    .isEqualTo(IpAddress.toV4Mapped(v4));
            assertThat(remotes.get(seen.indexOf(FWPS_LAYER_ALE_AUTH_CONNECT_V4)))
                    .isEqualTo(v4);
        }
    }

    private static void recordBothFamilies(RedirectBench bench, List<Layer> seen, List<InetSocketAddress> remotes) {
        UUID key = new UUID(77, 77);
        bench.driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            seen.add(values.layer());
            remotes.add(values.remote());
        });
        for (Layer layer : Layer.values()) {
            bench.sim.fwpm().addFilter(Filter.at(layer).callout(key));
        }
    }

    /** Where a block ends a connect, and with which error. */
    private enum Blocking {
        RESOURCE_ASSIGNMENT(FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4, Win32Error.WSAEACCES),
        AUTH_CONNECT(FWPS_LAYER_ALE_AUTH_CONNECT_V4, Win32Error.WSAEACCES),
        AUTH_RECV_ACCEPT(FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, Win32Error.WSAECONNREFUSED);

        private final Layer layer;
        private final Win32Error error;

        Blocking(Layer layer, Win32Error error) {
            this.layer = layer;
            this.error = error;
        }
    }

    @ParameterizedTest
    @EnumSource(Blocking.class)
    @Spec({"WFP-02", "WFP-72"})
    void block_endsTheConnectThereAndFreesTheContext(Blocking where) {
        for (AddressFamily family : AddressFamily.values()) {
            try (RedirectBench bench = new RedirectBench(family)) {
                bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                    bench.toProxy(request);
                    request.setLocalRedirectContext(bench.driver.pool().allocate(8, "ctx1"), 8);
                }));
                bench.at(where.layer, call -> call.out().setActionType(ActionType.FWP_ACTION_BLOCK));
                watch(bench);

                assertThat(bench.failToConnect()).isEqualTo(where.error);

                assertThat(steps.stream().map(Step::layer).toList())
                        .doesNotContain(FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family));
                assertThat(bench.driver.pool().outstanding()).isEmpty();
                assertThat(bench.faults()).isEmpty();
                steps.clear();
            }
        }
    }
}
