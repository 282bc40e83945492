package io.github.wfpsim.wfp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.UdpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * AUTH_CONNECT of a proxy's onward connection: with records it is authorized as the application and as the proxy, so that
 * a rule against the application still holds.
 */
@Timeout(20)
class ProxiedAuthorizationTest {

    private static final String PACKAGE = "S-1-15-2-1-2-3";
    private static final String APP = "\\device\\harddiskvolume3\\store.exe";
    private static final String PROXY = "\\device\\harddiskvolume3\\program files\\acme\\acme-proxy.exe";
    private static final int PROXIED = ConditionFlag.FWP_CONDITION_FLAG_IS_PROXY_CONNECTION.code();
    private static final int AGAIN = ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code();

    /** Whom a layer was asked about. */
    private record Asked(String appId, String originalAppId, String packageId, Token user, int pid, int flags) {}

    /** What the drivers of the test's own give back before the machine closes. */
    private final Deque<AutoCloseable> held = new ArrayDeque<>();

    private void giveBack() throws Exception {
        while (!held.isEmpty()) {
            held.pop().close();
        }
    }

    private static String server(AddressFamily family) {
        return family == AddressFamily.AF_INET ? "203.0.113.10:80" : "[2001:db8::10]:80";
    }

    private static SimProcess application(WfpSim sim) {
        return sim.process("C:\\store.exe", Token.STANDARD_USER, PACKAGE);
    }

    private static SimSocket connect(SimProcess process, AddressFamily family) throws WinsockException {
        return process.connect(server(family));
    }

    /** Notes what a layer is asked from now on about the server, the proxies' loopback addresses left out. */
    private List<Asked> watch(WfpSim sim, Layer layer) {
        List<Asked> asked = new ArrayList<>();
        KernelDriver driver = sim.loadDriver("watch.sys");
        UUID key = UUID.randomUUID();
        held.push(driver.registerCallout(key, (values, meta, layerData, context, filter, flow, out) -> {
            if (!values.remote().getAddress().isLoopbackAddress()) {
                asked.add(new Asked(
                        values.appId(),
                        values.originalAppId(),
                        values.packageId(),
                        values.userId(),
                        meta.processId(),
                        values.flags()));
            }
        }));
        sim.fwpm().addFilter(Filter.at(layer).callout(key));
        // A new filter has live connections authorized again.
        asked.clear();
        return asked;
    }

    private static Asked as(SimProcess process, String original, int flags) {
        String sid = process.packageSid() == null ? IncomingValues.NULL_SID : process.packageSid();
        return new Asked(process.appId(), original, sid, process.token(), process.id(), flags);
    }

    private static Layer authConnect(AddressFamily family) {
        return Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family);
    }

    private static void forbid(WfpSim sim, AddressFamily family, String image) {
        sim.fwpm()
                .addFilter(Filter.at(authConnect(family))
                        .when(FilterCondition.appId(image))
                        .when(FilterCondition.remotePort(80))
                        .block());
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-12", "WFP-15", "WFP-16", "WFP-100"})
    void onwardConnection_isAuthorizedAsTheApplicationThenAsTheProxy(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.serve(server(family), request -> "");
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            SimProcess app = application(sim);
            connect(app, family);
            List<Asked> asked = watch(sim, authConnect(family));

            acme.connectOnward(acme.listener(family).accept());

            assertThat(asked)
                    .as("its user, package and process too, not its path alone")
                    .containsExactly(as(app, APP, PROXIED), as(acme.process(), APP, PROXIED));
            assertThat(asked).extracting(Asked::appId).containsExactly(APP, PROXY);
            giveBack();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-100")
    void otherLayers_areAskedOnceAsTheProxy(AddressFamily family) throws Exception {
        for (Layer layer : List.of(
                Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family),
                Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family))) {
            try (WfpSim sim = WfpSim.open()) {
                sim.serve(server(family), request -> "");
                TcpProduct acme = sim.product("acme").redirectTcp(80);
                connect(application(sim), family);
                List<Asked> asked = watch(sim, layer);

                acme.connectOnward(acme.listener(family).accept());

                assertThat(asked).as("%s", layer).containsExactly(as(acme.process(), APP, PROXIED));
                giveBack();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-100")
    void ruleAgainstTheApplication_holdsBehindTheProxy_onlyWithRecords(AddressFamily family) throws Exception {
        for (boolean carriesRecords : new boolean[] {true, false}) {
            try (WfpSim sim = WfpSim.open()) {
                sim.serve(server(family), request -> "");
                TcpProduct acme = sim.product("acme").fromApp("C:\\store.exe").redirectTcp(80);
                forbid(sim, family, "C:\\store.exe");
                // The rule does not see the redirected connection itself, which goes to loopback.
                connect(sim.process("C:\\store.exe", Token.STANDARD_USER), family);
                SimSocket accepted = acme.listener(family).accept();

                if (carriesRecords) {
                    assertThatThrownBy(() -> acme.connectOnward(accepted))
                            .isInstanceOfSatisfying(
                                    WinsockException.class,
                                    refused -> assertThat(refused.error()).isEqualTo(Win32Error.WSAEACCES));
                } else {
                    assertThat(connect(acme.process(), family).remoteAddress().getPort())
                            .isEqualTo(80);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-100")
    void ruleAgainstTheProxy_holdsToo(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.serve(server(family), request -> "");
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            connect(application(sim), family);
            SimSocket accepted = acme.listener(family).accept();
            forbid(sim, family, acme.process().imagePath());

            assertThatThrownBy(() -> acme.connectOnward(accepted))
                    .isInstanceOfSatisfying(
                            WinsockException.class,
                            refused -> assertThat(refused.error()).isEqualTo(Win32Error.WSAEACCES));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-100")
    void applicationThatHasEnded_isAuthorizedAllTheSame(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.serve(server(family), request -> "");
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            SimProcess app = application(sim);
            connect(app, family);
            byte[] records =
                    acme.listener(family).accept().queryRedirectRecords().orElseThrow();
            List<Asked> asked = watch(sim, authConnect(family));
            app.close();

            acme.process()
                    .winsock()
                    .tcpSocket(family)
                    .setRedirectRecords(records)
                    .connect(new InetSocketAddress(
                            family == AddressFamily.AF_INET ? "203.0.113.10" : "2001:db8::10", 80));

            assertThat(asked).containsExactly(as(app, APP, PROXIED), as(acme.process(), APP, PROXIED));
            giveBack();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-100")
    void behindSeveralProxies_thereAreTwoStill_theFirstApplicationAndTheLastProxy(AddressFamily family)
            throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.serve(server(family), request -> "");
            TcpProduct first = sim.product("acme").fromApp("C:\\store.exe").redirectTcp(80);
            TcpProduct second = sim.product("bolt")
                    .fromApp(first.process().imagePath())
                    .proxyPort(9090)
                    .redirectTcp(80);
            SimProcess app = application(sim);
            connect(app, family);
            first.connectOnward(first.listener(family).accept());
            List<Asked> asked = watch(sim, authConnect(family));

            second.connectOnward(second.listener(family).accept());

            assertThat(asked).containsExactly(as(app, APP, PROXIED), as(second.process(), APP, PROXIED));
            giveBack();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-100")
    void withKnob_onwardConnectionIsAuthorizedAsTheProxyOnly(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.builder()
                .with(Deviation.PROXIED_CONNECTION_AUTHORIZED_ONCE)
                .open()) {
            sim.serve(server(family), request -> "");
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            connect(application(sim), family);
            List<Asked> asked = watch(sim, authConnect(family));

            acme.connectOnward(acme.listener(family).accept());

            assertThat(asked).containsExactly(as(acme.process(), APP, PROXIED));
            giveBack();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-73", "WFP-100"})
    void policyChange_asksAboutBothAgain_andARuleAgainstTheApplicationCuts(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.serve(server(family), request -> "");
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            SimProcess app = application(sim);
            connect(app, family);
            SimSocket onward = acme.connectOnward(acme.listener(family).accept());

            List<Asked> asked = watch(sim, authConnect(family));
            forbid(sim, family, "C:\\nobody.exe");
            assertThat(asked)
                    .filteredOn(about -> (about.flags() & PROXIED) != 0)
                    .containsExactly(as(app, APP, PROXIED | AGAIN), as(acme.process(), APP, PROXIED | AGAIN));

            forbid(sim, family, "C:\\store.exe");
            assertThatThrownBy(() -> onward.receive(new byte[1]))
                    .isInstanceOfSatisfying(
                            WinsockException.class,
                            cut -> assertThat(cut.error()).isEqualTo(Win32Error.WSAECONNRESET));
            giveBack();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-68", "WFP-100"})
    void onwardConnectionRedirectedElsewhere_isAuthorizedAsBothForBothDestinations(AddressFamily family)
            throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            String elsewhere = family == AddressFamily.AF_INET ? "203.0.113.20:80" : "[2001:db8::20]:80";
            sim.serve(elsewhere, request -> "");
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            SimProcess app = application(sim);
            connect(app, family);
            sendElsewhere(sim, family, acme.process(), elsewhere);
            List<Asked> asked = watch(sim, authConnect(family));

            acme.connectOnward(acme.listener(family).accept());

            int redirected = PROXIED | ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();
            assertThat(asked)
                    .containsExactly(
                            as(app, APP, PROXIED),
                            as(acme.process(), APP, PROXIED),
                            as(app, APP, redirected),
                            as(acme.process(), APP, redirected));
            giveBack();
        }
    }

    private void sendElsewhere(WfpSim sim, AddressFamily family, SimProcess whose, String to) {
        KernelDriver driver = sim.loadDriver("bolt.sys");
        UUID key = UUID.randomUUID();
        String host = to.substring(0, to.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
        RedirectHandle handle = driver.createRedirectHandle(key);
        held.push(handle);
        held.push(driver.registerCallout(key, driver.redirectCallout(handle, new InetSocketAddress(host, 80), whose)));
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                        .when(FilterCondition.appId(whose.imagePath()))
                        .callout(key));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-100")
    void flowOfDatagramsWithRecords_isAuthorizedAsTheApplicationThenAsTheProxy(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.serveUdp(server(family), request -> "");
            UdpProduct acme = sim.product("acme").redirectUdp(80);
            SimProcess app = application(sim);
            app.connectUdp(server(family)).send("?".getBytes(UTF_8));
            SimDatagram arrived = acme.socket(family).receive();
            List<Asked> asked = watch(sim, authConnect(family));

            SimDatagramSocket onward = acme.process().winsock().udpSocket(family);
            InetSocketAddress to = OriginalDestination.decode(
                            arrived.redirectContext().orElseThrow())
                    .remote();
            onward.send(arrived.payload(), to, arrived.redirectRecords().orElseThrow());
            onward.send(arrived.payload(), to);

            assertThat(asked)
                    .as("by the packet that creates the flow, and by no other")
                    .containsExactly(as(app, APP, PROXIED), as(acme.process(), APP, PROXIED));
            giveBack();
        }
    }

    @Test
    @Spec("WFP-68")
    void datagramsRedirectedElsewhere_areAuthorizedForTheNewDestinationOnly() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.serveUdp("203.0.113.20:80", request -> "");
            SimProcess app = sim.app("dns.exe");
            sendElsewhere(sim, AddressFamily.AF_INET, app, "203.0.113.20:80");
            List<Asked> asked = watch(sim, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4);

            app.connectUdp("203.0.113.10:80").send("?".getBytes(UTF_8));

            assertThat(asked)
                    .extracting(Asked::flags)
                    .containsExactly(ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code());
            giveBack();
        }
    }
}
