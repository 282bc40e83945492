package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.NetInterface;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Interfaces and compartments, as callouts and conditions see them. */
@Timeout(20)
class InterfaceValuesTest {

    private static final UUID CALLOUT = new UUID(94, 1);
    private static final Layer CONNECT = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final Layer ACCEPT = Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;
    private static final Layer LISTEN = Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4;
    private static final Layer BIND = Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4;

    /** LUID, type, tunnel type, index and sub-interface index of an interface, or of the next hop. */
    private static List<Object> local(IncomingValues values) {
        List<Object> all = new ArrayList<>();
        for (ConditionField field : List.of(
                ConditionField.FWPM_CONDITION_IP_LOCAL_INTERFACE,
                ConditionField.FWPM_CONDITION_INTERFACE_TYPE,
                ConditionField.FWPM_CONDITION_TUNNEL_TYPE,
                ConditionField.FWPM_CONDITION_INTERFACE_INDEX,
                ConditionField.FWPM_CONDITION_SUB_INTERFACE_INDEX)) {
            addByIndex(values, field, all);
        }
        return all;
    }

    private static List<Object> nextHop(IncomingValues values) {
        List<Object> all = new ArrayList<>();
        for (ConditionField field : List.of(
                ConditionField.FWPM_CONDITION_IP_NEXTHOP_INTERFACE,
                ConditionField.FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE,
                ConditionField.FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE,
                ConditionField.FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX,
                ConditionField.FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX)) {
            addByIndex(values, field, all);
        }
        return all;
    }

    private static void addByIndex(IncomingValues values, ConditionField field, List<Object> all) {
        int index = values.layer().indexOf(field);
        if (index >= 0) {
            Object value = values.value(index);
            all.add(value == null ? "none" : value);
        }
    }

    private static List<Object> parts(NetInterface of) {
        return List.of(of.luid(), of.type(), of.tunnelType(), of.index(), of.subInterfaceIndex());
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-94")
    void connection_showsTheInterfaceOfItsSource_andTheOneByWhichItLeaves(AddressFamily family) throws Exception {
        NetInterface own = NetInterface.ethernet(family == AddressFamily.AF_INET ? 2 : 3);
        try (RedirectBench bench = new RedirectBench(family)) {
            Map<Layer, List<Object>> local = new LinkedHashMap<>();
            Map<Layer, List<Object>> next = new LinkedHashMap<>();
            for (Layer layer : List.of(BIND, LISTEN, CONNECT, ACCEPT)) {
                bench.at(layer, call -> {
                    local.put(layer, local(call.values()));
                    next.put(layer, nextHop(call.values()));
                });
            }
            bench.connect();

            assertThat(local.get(CONNECT)).isEqualTo(parts(own));
            assertThat(next.get(CONNECT)).isEqualTo(parts(own));
            assertThat(local.get(BIND)).as("a wildcard has none").containsExactly(0L, 0, 0);

            bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);

            assertThat(local.get(CONNECT)).isEqualTo(parts(NetInterface.LOOPBACK));
            assertThat(next.get(CONNECT)).isEqualTo(parts(NetInterface.LOOPBACK));
            assertThat(local.get(ACCEPT)).isEqualTo(parts(NetInterface.LOOPBACK));
            assertThat(next.get(ACCEPT)).containsExactly("none", "none", "none", "none", "none");

            bench.proxy
                    .winsock()
                    .tcpSocket(family)
                    .bind(new InetSocketAddress(IpAddress.loopback(family), 9999))
                    .listen();
            assertThat(local.get(LISTEN))
                    .containsExactly(NetInterface.LOOPBACK.luid(), NetInterface.IF_TYPE_SOFTWARE_LOOPBACK, 0);
            bench.unregisterAll();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-94")
    void interfaces_areWhatTheMachineWasGiven_andConditionsTellThemApart(AddressFamily family) throws Exception {
        boolean v4 = family == AddressFamily.AF_INET;
        InetAddress wired = InetAddress.getByName(v4 ? "192.0.2.7" : "2001:db8::7");
        InetAddress vpn = InetAddress.getByName(v4 ? "198.51.100.7" : "2001:db8:9::7");
        NetInterface tunnel = NetInterface.tunnel(9, 14);
        try (WfpSim sim = WfpSim.builder().address(wired).address(vpn, tunnel).open()) {
            InetSocketAddress origin = new InetSocketAddress(RedirectBench.address(family, 10), 80);
            sim.network().listen(origin);
            sim.fwpm()
                    .addFilter(Filter.at(CONNECT.withFamily(family))
                            .when(equal(ConditionField.FWPM_CONDITION_IP_LOCAL_INTERFACE, tunnel.luid()))
                            .when(equal(ConditionField.FWPM_CONDITION_INTERFACE_TYPE, NetInterface.IF_TYPE_TUNNEL))
                            .when(equal(ConditionField.FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX, 9))
                            .block());

            assertThat(connects(sim.app("app.exe"), wired, origin)).isTrue();
            assertThat(connects(sim.app("app.exe"), vpn, origin)).isFalse();
            assertThat(sim.verifier().diagnostics()).isEmpty();
        }
    }

    private static FilterCondition equal(ConditionField field, Object value) {
        return new FilterCondition(field, MatchType.FWP_MATCH_EQUAL, value);
    }

    private static boolean connects(SimProcess app, InetAddress from, InetSocketAddress to) throws Exception {
        try {
            app.winsock()
                    .tcpSocket(AddressFamily.of(from))
                    .bind(new InetSocketAddress(from, 0))
                    .connect(to);
            return true;
        } catch (WinsockException refused) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-11", "WFP-94"})
    void compartment_isThatOfTheMachine_alsoAtAuthConnect(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open(SimOptions.defaults().compartmentId(3))) {
            KernelDriver driver = sim.loadDriver("watch.sys");
            List<Object> seen = new ArrayList<>();
            Layer layer = CONNECT.withFamily(family);
            CalloutRegistration registered =
                    driver.registerCallout(CALLOUT, (values, meta, data, context, filter, flow, out) -> {
                        seen.add(values.value(layer.indexOf(ConditionField.FWPM_CONDITION_COMPARTMENT_ID)));
                        seen.add(meta.isPresent(MetadataField.FWPS_METADATA_FIELD_COMPARTMENT_ID));
                        seen.add(meta.compartmentId());
                    });
            sim.fwpm()
                    .addFilter(Filter.at(layer)
                            .when(equal(ConditionField.FWPM_CONDITION_COMPARTMENT_ID, 3))
                            .callout(CALLOUT));
            InetSocketAddress origin = new InetSocketAddress(RedirectBench.address(family, 10), 80);
            sim.network().listen(origin);
            sim.app("app.exe").winsock().tcpSocket(family).connect(origin);
            registered.close();

            assertThat(seen).containsExactly(3, true, 3);
            assertThat(sim.verifier().diagnostics()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-93")
    void interfaceOrCompartmentThatTheMachineHasNot_isTold() {
        try (WfpSim sim = WfpSim.open()) {
            for (FilterCondition condition : List.of(
                    equal(
                            ConditionField.FWPM_CONDITION_IP_LOCAL_INTERFACE,
                            NetInterface.ethernet(99).luid()),
                    equal(ConditionField.FWPM_CONDITION_COMPARTMENT_ID, 2))) {
                sim.fwpm().addFilter(Filter.at(CONNECT).when(condition).block());
            }

            assertThat(sim.verifier().diagnostics())
                    .extracting(found -> found.kind())
                    .containsExactly(Diagnostic.CONDITION_NEVER_MATCHES, Diagnostic.CONDITION_NEVER_MATCHES);
        }
    }

    @Test
    @Spec("WFP-94")
    void luid_isMadeOfTypeAndIndex() {
        assertThat(NetInterface.ethernet(2).luid()).isEqualTo(0x0006_0080_0200_0000L);
        assertThat(NetInterface.LOOPBACK.luid()).isEqualTo(0x0018_0000_0000_0000L);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NetInterface.ethernet(1))
                .withMessageContaining("loopback");
    }
}
