package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.InlineEdit;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What several products do to one flow, and what becomes of flows when products and firewalls come and go. */
@Timeout(20)
class EngineStoriesTest {

    private static final AddressFamily V4 = AddressFamily.AF_INET;
    private static final String APP = "C:\\app.exe";

    private static SimProcess app(WfpSim sim) {
        return sim.process(APP, Token.STANDARD_USER);
    }

    private static SimSocket connect(SimProcess process, InetSocketAddress to) throws IOException {
        return process.winsock().tcpSocket(AddressFamily.of(to.getAddress())).connect(to);
    }

    private static void assertFails(Win32Error expected, SimProcess process, InetSocketAddress to) {
        assertThatExceptionOfType(WinsockException.class)
                .isThrownBy(() -> connect(process, to))
                .satisfies(failed -> assertThat(failed.error()).isEqualTo(expected));
    }

    /** Hands a flow from proxy to proxy until it arrives; returns whom it passed. */
    private static List<Vendor> handOn(InetSocketAddress origin, Vendor... vendors) throws IOException {
        List<Vendor> passed = new ArrayList<>();
        boolean found = true;
        while (found) {
            found = false;
            for (Vendor vendor : vendors) {
                SimSocket accepted = vendor.listener.tryAccept().orElse(null);
                if (accepted != null) {
                    passed.add(vendor);
                    vendor.onward(accepted, origin);
                    found = true;
                }
            }
        }
        return passed;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Spec({"REC-14", "REC-16", "REC-23", "WFP-24", "WFP-56"})
    void twoVendors_inEitherOrderOfSubLayers_inspectTheFlowOnceEach(boolean aIsHeavier) throws Exception {
        InetSocketAddress origin = Vendor.origin(V4);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor a = new Vendor(sim, V4, "a", aIsHeavier ? 9000 : 7000).redirecting();
                Vendor b = new Vendor(sim, V4, "b", 8000).redirecting()) {
            connect(app(sim), origin);

            assertThat(handOn(origin, a, b)).isEqualTo(aIsHeavier ? List.of(a, b) : List.of(b, a));

            assertThat(server.accept(Deadline.NEVER)).isNotNull();
            assertThat(sim.verifier().diagnostics()).isEmpty();
        }
    }

    @Test
    @Spec({"REC-14", "REC-16", "REC-23", "WFP-24"})
    void threeVendors_inspectTheFlowOnceEachAndEachKnowsItsOwnRedirect() throws Exception {
        InetSocketAddress origin = Vendor.origin(V4);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor a = new Vendor(sim, V4, "a", 9000).redirecting();
                Vendor b = new Vendor(sim, V4, "b", 8000).redirecting();
                Vendor c = new Vendor(sim, V4, "c", 7000).redirecting()) {
            connect(app(sim), origin);

            assertThat(handOn(origin, a, b, c)).containsExactly(a, b, c);

            assertThat(server.accept(Deadline.NEVER)).isNotNull();
            assertThat(a.states)
                    .endsWith(
                            RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF,
                            RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF);
            assertThat(c.states).endsWith(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            assertThat(sim.connections().stream()
                            .map(end -> end.inheritedChain().size()))
                    .contains(3);
        }
    }

    /** Why one handle for both families is the rule: the callout of the other family does not know its own redirect. */
    @Test
    @Spec({"REC-25", "WFP-06", "WFP-39"})
    void vendorWithAHandleForEachFamily_takesItsOwnOnwardConnectionForAnothers() throws Exception {
        InetSocketAddress origin = Vendor.origin(V4);
        List<RedirectState> seenAtV4 = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, AddressFamily.AF_INET6, "acme", 8080);
                RedirectHandle ofV4 = vendor.driver.createRedirectHandle(new UUID(4, 4));
                CalloutRegistration atV4 = vendor.driver.registerCallout(
                        new UUID(5, 5),
                        (values, meta, data, context, filter, flow, out) -> seenAtV4.add(vendor.driver
                                .fwps()
                                .fwpsQueryConnectionRedirectState0(meta.redirectRecords(), ofV4, null)))) {
            vendor.calling(vendor.driver.redirectCallout(vendor.handle, vendor.address, vendor.process));
            sim.fwpm()
                    .addFilter(
                            Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4).callout(atV4.calloutKey()));
            connectDualStack(app(sim).winsock(), IpAddress.toV4Mapped(origin));
            SimSocket accepted = vendor.listener.accept();
            SimSocket onward = vendor.process.winsock().tcpSocket(V4);
            onward.setRedirectRecords(accepted.queryRedirectRecords().orElseThrow());

            onward.connect(origin);

            assertThat(seenAtV4).containsExactly(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER);
        }
    }

    private static void connectDualStack(Winsock winsock, InetSocketAddress to) {
        SocketHandle socket = winsock.socket(AddressFamily.AF_INET6.code(), 1, IpProtocol.IPPROTO_TCP.code());
        winsock.setsockopt(socket, IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_V6ONLY, 0);
        assertThat(winsock.connect(socket, to)).isZero();
    }

    @Test
    @Spec({"REC-29", "WFP-39", "WFP-80"})
    void driverThatUnloads_leavesItsLiveFlowsAndTheirContexts() throws Exception {
        InetSocketAddress origin = Vendor.origin(V4);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, V4, "acme", 8080).redirecting("ctx".getBytes(UTF_8))) {
            SimSocket client = connect(app(sim), origin);
            SimSocket accepted = vendor.listener.accept();
            PoolBlock context = vendor.driver.pool().outstanding().get(0);
            vendor.product.unloadDriver();
            assertThat(vendor.driver.unload().isEmpty()).isTrue();

            client.send(new byte[] {1, 2, 3});
            assertThat(accepted.receive(new byte[8])).isEqualTo(3);
            assertThat(accepted.queryRedirectContext()).hasValue("ctx".getBytes(UTF_8));
            client.close();
            accepted.close();
            assertThat(context.state()).isEqualTo(PoolBlock.State.FREED);
        }
    }

    private static Filter blocking(ConditionField field, String imagePath) {
        return Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                .name("firewall")
                .when(new FilterCondition(field, MatchType.FWP_MATCH_EQUAL, new FilterCondition.FileName(imagePath)))
                .when(FilterCondition.remotePort(Vendor.WEB_PORT))
                .block();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Spec({"WFP-12", "WFP-72"})
    void firewallThatBlocksTheOriginalApplication_worksThroughAProxyThatSetsTheRecords(boolean sets) throws Exception {
        InetSocketAddress origin = Vendor.origin(V4);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, V4, "acme", 8080)) {
            SimProcess app = app(sim);
            var redirect = vendor.driver.redirectCallout(vendor.handle, vendor.address, vendor.process);
            vendor.calling((values, meta, data, context, filter, flow, out) -> {
                if (meta.processId() == app.id()) {
                    redirect.classify(values, meta, data, context, filter, flow, out);
                }
            });
            sim.fwpm().addFilter(blocking(ConditionField.FWPM_CONDITION_ALE_ORIGINAL_APP_ID, APP));
            connect(app, origin);
            SimSocket accepted = vendor.listener.accept();

            if (sets) {
                assertThatExceptionOfType(WinsockException.class)
                        .isThrownBy(() -> vendor.onward(accepted, origin))
                        .satisfies(failed -> assertThat(failed.error()).isEqualTo(Win32Error.WSAEACCES));
            } else {
                assertThat(connect(vendor.process, origin).remoteAddress())
                        .as("without SET the firewall sees the proxy only")
                        .isEqualTo(origin);
            }
        }
    }

    @Test
    @Spec({"WFP-12", "WFP-72"})
    void firewallThatBlocksTheProxy_letsTheClientInAndNothingOut() throws Exception {
        InetSocketAddress origin = Vendor.origin(V4);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, V4, "acme", 8080).redirecting()) {
            sim.fwpm().addFilter(blocking(ConditionField.FWPM_CONDITION_ALE_APP_ID, vendor.process.imagePath()));

            connect(app(sim), origin);
            SimSocket accepted = vendor.listener.accept();

            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> vendor.onward(accepted, origin))
                    .satisfies(failed -> assertThat(failed.error()).isEqualTo(Win32Error.WSAEACCES));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-54", "WFP-68"})
    void redirectToAForeignHost_arrivesThereWithoutRecords(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        InetSocketAddress elsewhere = new InetSocketAddress(origin.getAddress(), 8443);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(elsewhere);
                Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
            vendor.calling((values, meta, data, context, filter, flow, out) -> InlineEdit.connect(
                    vendor.driver.fwps(), context, filter, out, request -> request.setRemoteAddressAndPort(elsewhere)));

            SimSocket client = connect(app(sim), origin);

            assertThat(client.remoteAddress()).isEqualTo(origin);
            assertThat(server.accept(Deadline.NEVER)).isNotNull();
            Stream<List<RedirectRecord>> chains = sim.connections().stream().map(end -> end.redirectChain());
            assertThat(chains).allSatisfy(chain -> assertThat(chain).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-30", "WFP-54"})
    void redirectIntoNowhere_isRefusedAndItsContextFreed(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting("ctx".getBytes(UTF_8))) {
            vendor.listener.close();

            assertFails(Win32Error.WSAECONNREFUSED, app(sim), origin);

            assertThat(vendor.driver.pool().outstanding()).isEmpty();
        }
    }
}
