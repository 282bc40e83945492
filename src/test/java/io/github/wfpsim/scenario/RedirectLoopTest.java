package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.KernelProduct;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.UdpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.InlineEdit;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redirects that go round for ever end with an explanation; those that only look so do not end (REC-19, REC-60). */
@Timeout(20)
class RedirectLoopTest {

    private static final int LIMIT = SimOptions.DEFAULT_LOOP_LIMIT;
    private static final int TOO_MANY = 100;

    /** One hop of a proxy. */
    private interface Hop {
        void go() throws IOException;
    }

    /** How many hops succeed before one fails, which has to be as a loop does. */
    private static int hopsUntilAborted(Hop hop) throws IOException {
        for (int hops = 0; hops < TOO_MANY; hops++) {
            try {
                hop.go();
            } catch (WinsockException stopped) {
                assertThat(stopped.error()).isEqualTo(Win32Error.WSAECONNABORTED);
                return hops;
            }
        }
        throw new AssertionError("nobody ended the loop");
    }

    private static SimProcess app(WfpSim sim) {
        return sim.process("C:\\app.exe", Token.STANDARD_USER);
    }

    private static SimSocket connect(SimProcess app, InetSocketAddress to) throws IOException {
        SimSocket socket = app.winsock().tcpSocket(AddressFamily.of(to.getAddress()));
        socket.connect(to);
        return socket;
    }

    private static List<Diagnostic> diagnostics(WfpSim sim) {
        return sim.verifier().diagnostics().stream()
                .map(finding -> finding.kind())
                .distinct()
                .toList();
    }

    private static String explanation(WfpSim sim) {
        return sim.verifier().diagnostics().stream()
                .filter(finding -> finding.kind() == Diagnostic.REDIRECT_LOOP)
                .map(finding -> finding.detail())
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    /** Redirects with a handle that lives as long as one classification. */
    private static ClassifyFn1 withFreshHandle(
            KernelDriver driver, InetSocketAddress proxy, SimProcess target, List<Long> used) {
        return (values, meta, data, context, filter, flow, out) -> {
            RedirectHandle handle = driver.createRedirectHandle(UUID.randomUUID());
            used.add(handle.id());
            driver.redirectCallout(handle, proxy, target)
                    .withContext(OriginalDestination::encode)
                    .classify(values, meta, data, context, filter, flow, out);
            driver.fwps().fwpsRedirectHandleDestroy0(handle);
        };
    }

    // ---- handles

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-25", "REC-60", "REC-61"})
    void freshHandleInEachClassification_withAnHonestProxy_isALoop_andTheDestroyedHandlesAreTheCause(
            AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        List<Long> used = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
            vendor.calling(withFreshHandle(vendor.driver, vendor.address, vendor.process, used));
            connect(app(sim), origin);

            int hops = hopsUntilAborted(() -> vendor.onward(vendor.listener.accept(), origin));

            assertThat(hops).isEqualTo(LIMIT - 1);
            assertThat(diagnostics(sim))
                    .containsExactly(Diagnostic.OWN_REDIRECT_NOT_RECOGNIZED, Diagnostic.REDIRECT_LOOP);
            assertThat(explanation(sim))
                    .startsWith("9 hops: app.exe")
                    .contains("; 8 times acme-proxy.exe")
                    .contains("acme.sys redirects with 9 redirect handles")
                    .contains("destroyed meanwhile: #" + used.get(0) + ", #" + used.get(1))
                    .contains("FwpsRedirectHandleCreate0 once");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-25", "REC-61"})
    void freshHandle_isToldAtTheFirstOnwardConnection(AddressFamily family) throws Exception {
        List<Long> used = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
            vendor.calling(withFreshHandle(vendor.driver, vendor.address, vendor.process, used));
            connect(app(sim), Vendor.origin(family));
            assertThat(sim.verifier().diagnostics()).isEmpty();

            vendor.onward(vendor.listener.accept(), Vendor.origin(family));

            assertThat(diagnostics(sim)).containsExactly(Diagnostic.OWN_REDIRECT_NOT_RECOGNIZED);
            assertThat(sim.verifier().diagnostics().get(0).detail())
                    .contains("by handle #" + used.get(0) + ", which is destroyed; handle #" + used.get(1));
        }
    }

    @Test
    @Spec({"REC-19", "REC-25", "REC-60", "REC-61"})
    void oneHandleForEachFamily_withAProxyThatChangesTheFamily_isALoop() throws Exception {
        InetSocketAddress v4 = Vendor.origin(AddressFamily.AF_INET);
        InetSocketAddress v6 = Vendor.origin(AddressFamily.AF_INET6);
        try (WfpSim sim = WfpSim.open(SimOptions.defaults().faultMode(FaultMode.RECORD));
                Vendor vendor = new Vendor(sim, AddressFamily.AF_INET, "beta", 8080)) {
            RedirectHandle other = vendor.driver.createRedirectHandle(UUID.randomUUID());
            InetSocketAddress proxy6 =
                    vendor.product.listener(AddressFamily.AF_INET6).localAddress();
            vendor.calling((values, meta, data, context, filter, flow, out) -> {
                boolean six = values.layer() == Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V6;
                RedirectHandle own = six ? other : vendor.handle;
                if (vendor.driver.fwps().fwpsQueryConnectionRedirectState0(meta.redirectRecords(), own, null)
                        != RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF) {
                    InlineEdit.connect(vendor.driver.fwps(), context, filter, out, request -> {
                        request.setRemoteAddressAndPort(six ? proxy6 : vendor.address);
                        request.setLocalRedirectTargetPid(vendor.process.id());
                        request.setLocalRedirectHandle(own);
                    });
                }
            });
            connect(app(sim), v4);
            int[] turn = new int[1];

            int hops = hopsUntilAborted(() -> {
                boolean four = turn[0]++ % 2 == 0;
                SimSocket accepted = vendor.product
                        .listener(four ? AddressFamily.AF_INET : AddressFamily.AF_INET6)
                        .accept();
                SimSocket onward =
                        vendor.process.winsock().tcpSocket(four ? AddressFamily.AF_INET6 : AddressFamily.AF_INET);
                onward.setRedirectRecords(accepted.queryRedirectRecords().orElseThrow());
                onward.connect(four ? v6 : v4);
            });

            assertThat(hops).isEqualTo(LIMIT - 1);
            assertThat(explanation(sim))
                    .contains("beta.sys redirects with 2 redirect handles")
                    .doesNotContain("destroyed");
            other.close();
        }
    }

    // ---- without records

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void proxyThatClosesWhatItAccepted_beforeItConnectsOnWithoutRecords_isCaught(AddressFamily family)
            throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            SimSocket[] client = {connect(app(sim), origin)};

            int hops = hopsUntilAborted(() -> {
                SimSocket accepted = vendor.listener.accept();
                accepted.close();
                client[0].close();
                client[0] = connect(vendor.process, origin);
            });

            assertThat(hops).isEqualTo(LIMIT - 1);
            assertThat(explanation(sim))
                    .startsWith("9 hops: app.exe")
                    .contains("acme-proxy.exe(1000) connects on without the records");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void proxyThatClosesWhatItAccepted_andSetsTheRecords_isCaughtIfTheCalloutIsWrong(AddressFamily family)
            throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        List<Long> used = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
            vendor.calling(withFreshHandle(vendor.driver, vendor.address, vendor.process, used));
            SimSocket[] client = {connect(app(sim), origin)};

            int hops = hopsUntilAborted(() -> {
                SimSocket accepted = vendor.listener.accept();
                byte[] records = accepted.queryRedirectRecords().orElseThrow();
                accepted.close();
                client[0].close();
                client[0] = vendor.process.winsock().tcpSocket(family);
                client[0].setRedirectRecords(records);
                client[0].connect(origin);
            });

            assertThat(hops).isEqualTo(LIMIT - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-15", "REC-19", "REC-60"})
    void ringOfThreeProducts_isCaught_whoeverForgetsTheRecords_andNamesThem(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        for (int forgetful = 0; forgetful < 3; forgetful++) {
            try (WfpSim sim = WfpSim.open();
                    Vendor a = new Vendor(sim, family, "a", 9000).redirecting();
                    Vendor b = new Vendor(sim, family, "b", 9001).redirecting();
                    Vendor c = new Vendor(sim, family, "c", 9002).redirecting()) {
                List<Vendor> ring = List.of(a, b, c);
                List<Integer> everybody = new ArrayList<>();
                SimProcess app = app(sim);
                everybody.add(app.id());
                ring.forEach(vendor -> everybody.add(vendor.process.id()));
                for (int i = 0; i < 3; i++) {
                    redirectConnectionsOf(
                            i == 0 ? List.of(app.id(), c.process.id()) : List.of(everybody.get(i)), ring.get(i));
                }
                int forgets = forgetful;
                connect(app, origin);
                int[] turn = new int[1];

                int hops = hopsUntilAborted(() -> {
                    int at = turn[0]++ % 3;
                    Vendor vendor = ring.get(at);
                    SimSocket accepted = vendor.listener.accept();
                    if (at == forgets) {
                        connect(vendor.process, origin);
                    } else {
                        vendor.onward(accepted, origin);
                    }
                });

                assertThat(hops).as("forgets: %d", forgets).isEqualTo(3 * LIMIT - 1);
                assertThat(diagnostics(sim)).containsExactly(Diagnostic.REDIRECT_LOOP);
                assertThat(explanation(sim))
                        .startsWith((3 * LIMIT + 1) + " hops: app.exe")
                        .contains("abc".charAt(forgets) + "-proxy.exe("
                                + ring.get(forgets).process.id() + ") connects on without the records");
            }
        }
    }

    private static void redirectConnectionsOf(List<Integer> pids, Vendor vendor) {
        var textbook = vendor.driver.redirectCallout(vendor.handle, vendor.address, vendor.process);
        vendor.calling((values, meta, data, context, filter, flow, out) -> {
            if (pids.contains(meta.processId())) {
                textbook.classify(values, meta, data, context, filter, flow, out);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void proxiesThatChangeTheDestinationInTurn_areCaught(AddressFamily family) throws Exception {
        InetSocketAddress web = Vendor.origin(family);
        InetSocketAddress mirror = new InetSocketAddress(
                IpAddress.parse(family == AddressFamily.AF_INET ? "203.0.113.11:80" : "[2001:db8::11]:80")
                        .getAddress(),
                80);
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(app(sim), web);
            int[] turn = new int[1];

            int hops = hopsUntilAborted(() -> {
                vendor.listener.accept();
                connect(vendor.process, turn[0]++ % 2 == 0 ? mirror : web);
            });

            assertThat(hops).isEqualTo(2 * LIMIT - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void redirectWithoutAnyHandle_asOnWindows7_isCaught(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        SimOptions seven =
                SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7).faultMode(FaultMode.RECORD);
        try (WfpSim sim = WfpSim.open(seven);
                Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
            vendor.calling((values, meta, data, context, filter, flow, out) ->
                    InlineEdit.connect(vendor.driver.fwps(), context, filter, out, request -> {
                        request.setRemoteAddressAndPort(vendor.address);
                        request.setLocalRedirectTargetPid(vendor.process.id());
                    }));
            connect(app(sim), origin);

            int hops = hopsUntilAborted(() -> {
                vendor.listener.accept();
                connect(vendor.process, origin);
            });

            assertThat(hops).isEqualTo(LIMIT - 1);
            assertThat(explanation(sim)).startsWith("9 hops: app.exe").contains("redirected by acme.sys");
        }
    }

    // ---- datagrams, and proxies in drivers

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60", "UDP-15"})
    void datagramsThatGoRound_areCaught_withAndWithoutRecords(AddressFamily family) throws Exception {
        InetSocketAddress dns =
                IpAddress.parse(family == AddressFamily.AF_INET ? "203.0.113.53:53" : "[2001:db8::53]:53");
        for (boolean sets : new boolean[] {true, false}) {
            List<Long> used = new ArrayList<>();
            ClassifyFn1[] callout = new ClassifyFn1[1];
            try (WfpSim sim = WfpSim.open();
                    UdpProduct acme = sim.product("acme")
                            .callout(ofTheProduct -> (values, meta, data, context, filter, flow, out) ->
                                    callout[0].classify(values, meta, data, context, filter, flow, out))
                            .redirectUdp(53)) {
                SimDatagramSocket proxy = acme.socket(family);
                callout[0] = sets
                        ? withFreshHandle(acme.driver(), proxy.localAddress(), acme.process(), used)
                        : acme.driver().redirectCallout(acme.redirectHandle(), proxy.localAddress(), acme.process());
                app(sim).winsock().udpSocket(family).send("q".getBytes(UTF_8), dns);

                int hops = hopsUntilAborted(() -> {
                    SimDatagram query = proxy.receive();
                    SimDatagramSocket onward = acme.process().winsock().udpSocket(family);
                    byte[] records = query.redirectRecords().orElseThrow();
                    if (sets) {
                        onward.send(query.payload(), dns, records);
                    } else {
                        onward.send(query.payload(), dns);
                    }
                });

                assertThat(hops).as("sets: %s", sets).isEqualTo(LIMIT - 1);
                assertThat(diagnostics(sim)).contains(Diagnostic.REDIRECT_LOOP);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void proxyInADriver_whoseCalloutCreatesItsHandleAnew_isCaught(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        InetSocketAddress proxy = new InetSocketAddress(IpAddress.loopback(family), 8080);
        List<Long> used = new ArrayList<>();
        ClassifyFn1[] callout = new ClassifyFn1[1];
        try (WfpSim sim = WfpSim.open();
                KernelProduct acme = sim.product("acme")
                        .proxyPort(8080)
                        .callout(ofTheProduct -> (values, meta, data, context, filter, flow, out) ->
                                callout[0].classify(values, meta, data, context, filter, flow, out))
                        .redirectTcpInDriver(80)) {
            callout[0] = withFreshHandle(acme.driver(), proxy, sim.system(), used);
            SimSocket client = connect(app(sim), origin);

            assertThatExceptionOfType(IOException.class).isThrownBy(() -> client.exchange("GET"));

            assertThat(used).hasSize(LIMIT + 1);
            assertThat(explanation(sim))
                    .startsWith("9 hops: app.exe")
                    .contains("acme.sys redirects with 9 redirect handles");
        }
    }

    // ---- what is no loop

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-14", "REC-19", "REC-60"})
    void moreHonestVendorsThanTheLimit_areNoLoop(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        int many = 2 * LIMIT + 1;
        List<Vendor> vendors = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin)) {
            for (int i = 0; i < many; i++) {
                vendors.add(new Vendor(sim, family, "v" + i, 9000 + i).redirecting());
            }
            connect(app(sim), origin);

            // The heaviest sub-layer belongs to the last vendor, and the lightest has the last word.
            List<Vendor> left = new ArrayList<>(vendors);
            while (!left.isEmpty()) {
                Vendor next = left.stream()
                        .filter(vendor -> sim.connections().stream()
                                .anyMatch(c -> c.process().equals(vendor.process) && c.parentEndpoint() != 0))
                        .findFirst()
                        .orElseThrow();
                left.remove(next);
                next.onward(next.listener.accept(), origin);
            }

            assertThat(server.accept(Deadline.NEVER)).isNotNull();
            assertThat(diagnostics(sim))
                    .doesNotContain(Diagnostic.REDIRECT_LOOP, Diagnostic.OWN_REDIRECT_NOT_RECOGNIZED);
            vendors.forEach(Vendor::close);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-13", "REC-19", "REC-60"})
    void oneProxyWithManyOnwardConnections_isNoLoop(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            SimProcess app = app(sim);
            for (int i = 0; i < 3 * LIMIT; i++) {
                connect(app, origin);
                SimSocket accepted = vendor.listener.accept();
                vendor.onward(accepted, origin);
                vendor.onward(accepted, origin);
                if (i % 2 == 0) {
                    accepted.close();
                }
            }

            assertThat(sim.verifier().diagnostics()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void ownConnectionsOfAProxy_toOtherDestinations_areNoLoop(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(app(sim), origin);
            vendor.listener.accept();
            for (int last = 20; last < 20 + 3 * LIMIT; last++) {
                String other = family == AddressFamily.AF_INET ? "203.0.113." + last : "[2001:db8::" + last + "]";
                connect(vendor.process, IpAddress.parse(other + ":80"));
                vendor.listener.accept();
            }

            assertThat(diagnostics(sim)).containsExactly(Diagnostic.PROXY_REDIRECTED_TO_ITSELF);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void ownConnectionsOfAnHonestProxy_oneAfterTheOther_areNoLoop(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            for (int i = 0; i < 3 * LIMIT; i++) {
                SimSocket own = connect(vendor.process, origin);
                SimSocket accepted = vendor.listener.accept();
                vendor.onward(accepted, origin).close();
                accepted.close();
                own.close();
            }

            assertThat(diagnostics(sim)).containsExactly(Diagnostic.PROXY_REDIRECTED_TO_ITSELF);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-19", "REC-60"})
    void clientsAndProxyInOneProcess_oneConnectionAfterTheOther_areNoLoop(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            for (int i = 0; i < 3 * LIMIT; i++) {
                SimSocket client = connect(vendor.process, origin);
                SimSocket accepted = vendor.listener.accept();
                client.close();
                accepted.close();
            }

            assertThat(diagnostics(sim)).containsExactly(Diagnostic.PROXY_REDIRECTED_TO_ITSELF);
        }
    }
}
