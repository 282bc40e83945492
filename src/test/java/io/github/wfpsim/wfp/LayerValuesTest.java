package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.engine.EngineParts;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.RedirectBench.Call;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a classification carries: fixed values by index, and metadata. */
@Timeout(20)
class LayerValuesTest {

    private static final int LOOPBACK = ConditionFlag.FWP_CONDITION_FLAG_IS_LOOPBACK.code();
    private static final int REDIRECTED = ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();
    private static final int PROXY = ConditionFlag.FWP_CONDITION_FLAG_IS_PROXY_CONNECTION.code();

    /** Collects something of every classification at a layer. */
    private static <T> List<T> collect(RedirectBench bench, Layer layer, Function<Call, T> what) {
        List<T> collected = new ArrayList<>();
        bench.at(layer, call -> collected.add(what.apply(call)));
        return collected;
    }

    private static Map<Integer, Object> byIndex(IncomingValues values) {
        Map<Integer, Object> found = new LinkedHashMap<>();
        for (int i = 0; i < values.layer().fields().size(); i++) {
            Object value = values.value(i);
            if (value != null) {
                found.put(i, value);
            }
        }
        return found;
    }

    private static InetAddress source(RedirectBench bench) {
        return bench.sim.addresses().stream()
                .filter(address -> AddressFamily.of(address) == bench.family)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-09", "WFP-14"})
    void connectRedirect_hasItsValuesByIndexAndNoSourceYet(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            var seen = collect(bench, Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, call -> byIndex(call.values()));

            bench.connect();

            assertThat(seen.get(0))
                    .contains(
                            entry(0, FwpByteBlob.ofText("\\device\\harddiskvolume3\\app.exe")),
                            entry(1, Token.STANDARD_USER),
                            entry(2, IpAddress.wildcard(family)),
                            entry(5, IpProtocol.IPPROTO_TCP.code()),
                            entry(6, bench.origin.getAddress()),
                            entry(8, RedirectBench.ORIGIN_PORT),
                            entry(9, 0),
                            entry(10, FwpByteBlob.ofText("\\device\\harddiskvolume3\\app.exe")),
                            entry(11, IncomingValues.NULL_SID));
        }
    }

    @ParameterizedTest
    @EnumSource(ConditionField.class)
    @Spec("WFP-09")
    void number_isTheValueWhereThatIsOne(ConditionField field) {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            var values = collect(bench, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> call.values());

            bench.connect();

            IncomingValues seen =
                    EngineParts.again(values.get(0), ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_POLICY_CHANGE);
            Object value = seen.value(field);
            long expected = IncomingValues.NO_NUMBER;
            if (value instanceof Integer number) {
                expected = Integer.toUnsignedLong(number);
            } else if (value instanceof Long luid) {
                expected = luid;
            }
            assertThat(seen.number(field)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-09", "WFP-14"})
    void authConnect_hasItsValuesByIndexAndAConcreteSource(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            var seen = collect(bench, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> byIndex(call.values()));

            SimSocket client = bench.connect();

            assertThat(seen.get(0))
                    .contains(
                            entry(0, FwpByteBlob.ofText("\\device\\harddiskvolume3\\app.exe")),
                            entry(2, source(bench)),
                            entry(4, client.localAddress().getPort()),
                            entry(5, IpProtocol.IPPROTO_TCP.code()),
                            entry(6, bench.origin.getAddress()),
                            entry(7, RedirectBench.ORIGIN_PORT),
                            entry(12, 0),
                            entry(32, FwpByteBlob.ofText("\\device\\harddiskvolume3\\app.exe")),
                            entry(33, IncomingValues.NULL_SID));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-09")
    void authRecvAccept_describesTheListenersSide(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            var seen = collect(bench, Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, call -> byIndex(call.values()));

            SimSocket client = bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);

            assertThat(seen.get(0))
                    .contains(
                            entry(0, FwpByteBlob.ofText("\\device\\harddiskvolume3\\acme\\proxy.exe")),
                            entry(1, Token.ELEVATED_ADMINISTRATOR),
                            entry(2, IpAddress.loopback(family)),
                            entry(4, RedirectBench.PROXY_PORT),
                            entry(6, IpAddress.loopback(family)),
                            entry(7, client.localAddress().getPort()));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-11")
    void metadata_isPresentAsEachLayerOffersIt(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            var bind = collect(bench, Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, LayerValuesTest::present);
            var connect = collect(bench, Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, LayerValuesTest::present);
            var closure = collect(bench, Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, LayerValuesTest::present);
            var accept = collect(bench, Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, LayerValuesTest::present);

            bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress).close();

            Set<MetadataField> common = EnumSet.of(
                    MetadataField.FWPS_METADATA_FIELD_TOKEN,
                    MetadataField.FWPS_METADATA_FIELD_PROCESS_ID,
                    MetadataField.FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE);
            assertThat(bind).containsExactly(common);
            assertThat(connect).containsExactly(with(common, MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE));
            assertThat(closure).containsExactly(with(common, MetadataField.FWPS_METADATA_FIELD_COMPARTMENT_ID));
            assertThat(accept)
                    .containsExactly(with(
                            with(common, MetadataField.FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE),
                            MetadataField.FWPS_METADATA_FIELD_COMPLETION_HANDLE));
        }
    }

    private static Set<MetadataField> with(Set<MetadataField> common, MetadataField another) {
        Set<MetadataField> all = EnumSet.copyOf(common);
        all.add(another);
        return all;
    }

    private static Set<MetadataField> present(Call call) {
        Set<MetadataField> present = EnumSet.noneOf(MetadataField.class);
        for (MetadataField field : MetadataField.values()) {
            if (call.meta().isPresent(field)) {
                present.add(field);
            }
        }
        return present;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-10")
    void metadata_readWhileAbsent_isAFaultEach(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Object> read = new ArrayList<>();
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                read.add(call.meta().processId());
                assertThat(bench.faults()).isEmpty();
                assertThat(call.meta().redirectRecords()).isNull();
                assertThat(call.meta().originalDestination()).isNull();
                read.add(call.meta().localRedirectTargetPid());
                read.add(call.meta().parentEndpointHandle());
            });

            bench.connect();

            assertThat(read).containsExactly(bench.app.id(), 0, 0L);
            assertThat(bench.faults()).hasSize(4).containsOnly(Fault.METADATA_NOT_PRESENT);
            assertThat(bench.sim.verifier().violations().get(0).object())
                    .contains("FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-17")
    void authConnect_ofARedirectedConnection_tellsTargetAndFirstDestination(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            var pids = collect(
                    bench,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    call -> call.meta().localRedirectTargetPid());
            var asked = collect(
                    bench,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    call -> call.meta().originalDestination());
            var flags = collect(
                    bench,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    call -> call.values().flags());

            bench.connect();

            assertThat(pids).containsExactly(bench.proxy.id());
            assertThat(asked).containsExactly(bench.origin);
            assertThat(flags).containsExactly(REDIRECTED | LOOPBACK);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-17")
    void authConnect_ofAPlainConnection_tellsNeither(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            var present = collect(bench, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, LayerValuesTest::present);

            bench.connect();

            assertThat(present.get(0))
                    .doesNotContain(
                            MetadataField.FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID,
                            MetadataField.FWPS_METADATA_FIELD_ORIGINAL_DESTINATION);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-15")
    void loopbackFlag_isSetAtTheAuthorizationLayersAndFlowEstablished(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            Map<Layer, Integer> flags = new LinkedHashMap<>();
            for (Layer layer : List.of(
                    Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4,
                    Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4)) {
                bench.at(layer, call -> flags.put(layer, call.values().flags()));
            }

            bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);

            assertThat(flags)
                    .containsExactly(
                            entry(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, 0),
                            entry(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, LOOPBACK),
                            entry(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, LOOPBACK),
                            entry(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4, LOOPBACK));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-15")
    void resourceAssignment_flagsWildcardBindsAndRawEndpoints(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Integer> flags = new ArrayList<>();
            bench.at(
                    Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4,
                    call -> flags.add(call.values().flags()));

            for (SocketType type : List.of(SocketType.SOCK_STREAM, SocketType.SOCK_DGRAM, SocketType.SOCK_RAW)) {
                bind(bench, type, IpAddress.loopback(family));
                bind(bench, type, IpAddress.wildcard(family));
            }

            int wildcard = ConditionFlag.FWP_CONDITION_FLAG_IS_WILDCARD_BIND.code();
            int raw = ConditionFlag.FWP_CONDITION_FLAG_IS_RAW_ENDPOINT.code();
            assertThat(flags).containsExactly(0, wildcard, 0, wildcard, raw, raw | wildcard);
        }
    }

    private static void bind(RedirectBench bench, SocketType type, InetAddress address) {
        IpProtocol protocol = switch (type) {
            case SOCK_STREAM -> IpProtocol.IPPROTO_TCP;
            case SOCK_DGRAM -> IpProtocol.IPPROTO_UDP;
            default -> bench.family == AddressFamily.AF_INET ? IpProtocol.IPPROTO_ICMP : IpProtocol.IPPROTO_ICMPV6;
        };
        Winsock winsock = bench.proxy.winsock();
        SocketHandle socket = winsock.socket(bench.family, type, protocol);
        assertThat(winsock.bind(socket, new InetSocketAddress(address, 7000))).isZero();
        winsock.closesocket(socket);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-12", "WFP-15", "WFP-16"})
    void onwardConnection_withSet_showsTheClientAsOriginalApplication(AddressFamily family) throws Exception {
        assertOnward(family, true, "\\device\\harddiskvolume3\\app.exe", PROXY);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-12", "WFP-15", "WFP-16"})
    void onwardConnection_withoutSet_showsTheProxyTwice(AddressFamily family) throws Exception {
        assertOnward(family, false, "\\device\\harddiskvolume3\\acme\\proxy.exe", 0);
    }

    private static void assertOnward(AddressFamily family, boolean set, String original, int flags) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                if (call.meta().processId() == bench.app.id()) {
                    bench.redirect(call, bench::toProxy);
                }
            });
            List<String> seen = new ArrayList<>();
            for (Layer layer : List.of(
                    Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4)) {
                bench.at(
                        layer,
                        call -> seen.add(
                                call.values().appId() + " " + call.values().originalAppId() + " "
                                        + call.values().flags()));
            }
            bench.connect();
            seen.clear();
            SimSocket onward = bench.proxy.winsock().tcpSocket(family);
            if (set) {
                onward.setRedirectRecords(bench.accept().queryRedirectRecords().orElseThrow());
            }
            onward.connect(bench.origin);

            String asProxy = "\\device\\harddiskvolume3\\acme\\proxy.exe " + original + " " + flags;
            String asApplication = original + " " + original + " " + flags;
            assertThat(seen)
                    .as("CONNECT_REDIRECT, AUTH_CONNECT (twice with records), FLOW_ESTABLISHED")
                    .isEqualTo(
                            set
                                    ? List.of(asProxy, asApplication, asProxy, asProxy)
                                    : List.of(asProxy, asProxy, asProxy));
        }
    }

    @Test
    @Spec("WFP-13")
    void packagedClient_showsItsSid() throws Exception {
        String sid = "S-1-15-2-1-2-3";
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            var seen = collect(
                    bench,
                    Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                    call -> call.values().packageId());
            SimProcess packaged = bench.sim.process("C:\\store.exe", Token.STANDARD_USER, sid);

            packaged.winsock().tcpSocket(AddressFamily.AF_INET).connect(bench.origin);
            bench.connect();

            assertThat(seen).containsExactly(sid, "S-1-0-0");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-20")
    void endpointHandles_areUniqueStayTheSameAndKnowTheirParent(AddressFamily family) throws IOException {
        try (RedirectBench bench = new RedirectBench(family)) {
            Map<Layer, Long> client = new LinkedHashMap<>();
            List<Long> accepted = new ArrayList<>();
            List<Long> parents = new ArrayList<>();
            for (Layer layer : List.of(
                    Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4,
                    Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                    Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4)) {
                bench.at(layer, call -> {
                    if (call.meta().processId() == bench.app.id()) {
                        client.put(layer, call.meta().transportEndpointHandle());
                    }
                });
            }
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, call -> {
                accepted.add(call.meta().transportEndpointHandle());
                parents.add(call.meta().parentEndpointHandle());
            });

            bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress).close();
            bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);

            assertThat(client).hasSize(5);
            assertThat(accepted).hasSize(2).doesNotHaveDuplicates().doesNotContainAnyElementsOf(client.values());
            long listener = bench.sim.connections().stream()
                    .filter(connection -> connection.state() == ConnectionState.LISTENING)
                    .findFirst()
                    .orElseThrow()
                    .endpoint();
            assertThat(parents).containsExactly(listener, listener);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-20")
    void endpointHandle_ofOneConnection_isTheSameAtEveryLayer(AddressFamily family) throws IOException {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Long> handles = new ArrayList<>();
            for (Layer layer : List.of(
                    Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4,
                    Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                    Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4)) {
                bench.at(layer, call -> handles.add(call.meta().transportEndpointHandle()));
            }

            bench.connect().close();

            assertThat(handles).hasSize(5);
            assertThat(Set.copyOf(handles)).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-19")
    void metadata_usedAfterTheClassification_isStale(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            var kept = collect(bench, Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, Call::meta);
            bench.connect();

            assertThat(kept.get(0).processId()).isZero();
            assertThat(kept.get(0).isPresent(MetadataField.FWPS_METADATA_FIELD_PROCESS_ID))
                    .isFalse();
            assertThat(kept.get(0).currentMetadataValues()).isZero();

            assertThat(bench.faults()).hasSize(3).containsOnly(Fault.STALE_REFERENCE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-36")
    void classifyFn_getsEverythingAndTheRequestOnlyOnAsking(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Boolean> complete = new ArrayList<>();
            List<Object> layerData = new ArrayList<>();
            UUID key = new UUID(6, 6);
            bench.driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
                complete.add(values != null && meta != null && context != null && filter != null && out != null);
                layerData.add(data == null ? "none" : data);
                assertThat(flow).isZero();
            });
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                            .callout(key));

            bench.connect();

            assertThat(complete).containsExactly(true);
            assertThat(layerData).containsExactly("none");
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-53")
    void redirectToLoopback_movesTheSourceThereToo(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));

            InetSocketAddress local = bench.connect().localAddress();

            assertThat(local.getAddress()).isEqualTo(IpAddress.loopback(family));
        }
    }
}
