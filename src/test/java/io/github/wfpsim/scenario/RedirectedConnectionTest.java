package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.wfp.InlineEdit;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class RedirectedConnectionTest {

    private static final byte[] CONTEXT = "ctx".getBytes(UTF_8);

    private static SimProcess app(WfpSim sim) {
        return sim.process("C:\\app.exe", Token.STANDARD_USER);
    }

    private static SimSocket connect(SimProcess app, InetSocketAddress to) throws IOException {
        SimSocket socket = app.winsock().tcpSocket(AddressFamily.of(to.getAddress()));
        socket.connect(to);
        return socket;
    }

    private static ConnectionSnapshot onlyConnected(WfpSim sim, SimProcess owner, boolean accepted) {
        List<ConnectionSnapshot> found = sim.connections().stream()
                .filter(c -> c.state() == ConnectionState.CONNECTED)
                .filter(c -> c.process().equals(owner))
                .filter(c -> (c.parentEndpoint() != 0) == accepted)
                .toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static List<Diagnostic> diagnostics(WfpSim sim) {
        return sim.verifier().diagnostics().stream().map(f -> f.kind()).toList();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-01", "REC-09", "REC-21", "WFP-49", "WSA-09", "WFP-18"})
    void proxy_whenItSetsTheRecords_isTiedToTheClientAndReachesTheOrigin(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting(CONTEXT)) {
            SimProcess app = app(sim);
            SimSocket client = connect(app, origin);
            SimSocket accepted = vendor.listener.accept();
            SimSocket onward = vendor.onward(accepted, origin);
            onward.send("hello".getBytes(UTF_8));
            DuplexStream atOrigin = server.accept(Deadline.NEVER);
            ByteBuffer bytes = ByteBuffer.allocate(5);
            atOrigin.read(bytes, Deadline.NEVER);
            assertThat(bytes.array()).isEqualTo("hello".getBytes(UTF_8));
            assertThat(vendor.states)
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_NOT_REDIRECTED,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            long lineage = onlyConnected(sim, app, false).lineage();
            assertThat(onlyConnected(sim, vendor.process, false).lineage()).isEqualTo(lineage);
            client.close();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-01")
    void proxy_whenItForgetsSet_isNotTiedToTheClient(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            SimProcess app = app(sim);
            connect(app, Vendor.origin(family));
            vendor.listener.accept();
            connect(vendor.process, Vendor.origin(family));
            assertThat(onlyConnected(sim, vendor.process, false).lineage())
                    .isNotEqualTo(onlyConnected(sim, app, false).lineage());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-19")
    void loop_whenSetIsForgotten_failsAtTheNinthHopAndListsTheHops(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(app(sim), origin);
            for (int hop = 2; hop <= SimOptions.DEFAULT_LOOP_LIMIT; hop++) {
                vendor.listener.accept();
                connect(vendor.process, origin);
            }
            vendor.listener.accept();
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> connect(vendor.process, origin))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAECONNABORTED));
            assertThat(diagnostics(sim))
                    .containsOnly(Diagnostic.PROXY_REDIRECTED_TO_ITSELF, Diagnostic.REDIRECT_LOOP)
                    .endsWith(Diagnostic.REDIRECT_LOOP);
            List<Finding<Diagnostic>> findings = sim.verifier().diagnostics();
            assertThat(findings.get(findings.size() - 1).detail())
                    .startsWith("9 hops: app.exe")
                    .contains("; 8 times acme-proxy.exe")
                    .contains("SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS on socket #");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-19")
    void loop_whenTheCalloutIgnoresItsState_failsOnceItsHandleOccursTooOften(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        SimOptions recording = SimOptions.defaults().faultMode(FaultMode.RECORD).loopLimit(3);
        try (WfpSim sim = WfpSim.open(recording);
                Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
            vendor.calling((values, meta, data, context, filter, flow, out) ->
                    InlineEdit.connect(vendor.driver.fwps(), context, filter, out, request -> {
                        request.setRemoteAddressAndPort(vendor.address);
                        request.setLocalRedirectTargetPid(vendor.process.id());
                        request.setLocalRedirectHandle(vendor.handle);
                    }));
            connect(app(sim), origin);
            vendor.onward(vendor.listener.accept(), origin);
            vendor.onward(vendor.listener.accept(), origin);

            SimSocket accepted = vendor.listener.accept();
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> vendor.onward(accepted, origin))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAECONNABORTED));

            assertThat(diagnostics(sim)).containsExactly(Diagnostic.REDIRECT_LOOP);
            assertThat(sim.verifier().diagnostics().get(0).detail())
                    .startsWith("4 hops: app.exe")
                    .contains("; 3 times acme-proxy.exe")
                    .contains("handle #" + vendor.handle.id() + " redirects all the same");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-19")
    void proxy_thatForgetsSetOnce_isToldAtTheFirstHop(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(app(sim), origin);
            SimSocket accepted = vendor.listener.accept();
            assertThat(sim.verifier().diagnostics()).isEmpty();

            connect(vendor.process, origin);
            assertThat(diagnostics(sim)).containsExactly(Diagnostic.PROXY_REDIRECTED_TO_ITSELF);

            vendor.onward(accepted, origin).close();
            assertThat(diagnostics(sim)).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-14", "REC-16", "REC-22", "REC-23", "REC-32", "REC-21"})
    void twoVendors_inspectTheFlowOnceEach(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor a = new Vendor(sim, family, "a", 9000).redirecting("A".getBytes(UTF_8));
                Vendor b = new Vendor(sim, family, "b", 8000).redirecting("B".getBytes(UTF_8))) {
            connect(app(sim), origin);
            SimSocket atA = a.listener.accept();
            a.onward(atA, origin);
            SimSocket atB = b.listener.accept();
            b.onward(atB, origin);
            assertThat(server.accept(Deadline.NEVER)).isNotNull();
            assertThat(a.states)
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_NOT_REDIRECTED,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF,
                            RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF);
            assertThat(b.states)
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            assertThat(atB.queryRedirectContext()).contains("B".getBytes(UTF_8));
            assertThat(onlyConnected(sim, b.process, true).redirectChain())
                    .extracting(record -> record.handleId())
                    .containsExactly(a.handle.id(), b.handle.id());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-28", "REC-29"})
    void context_livesUntilBothEndsAreGone(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting(CONTEXT)) {
            SimSocket client = connect(app(sim), Vendor.origin(family));
            PoolBlock block = vendor.driver.pool().outstanding().get(0);
            assertThat(block.state()).isEqualTo(PoolBlock.State.ENGINE_OWNED);
            SimSocket accepted = vendor.listener.accept();
            client.close();
            assertThat(accepted.queryRedirectContext()).contains(CONTEXT);
            accepted.close();
            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-54")
    void redirect_whenNobodyListens_isRefusedAndFreesItsContext(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting(CONTEXT)) {
            vendor.listener.close();
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> connect(app(sim), Vendor.origin(family)))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAECONNREFUSED));
            assertThat(vendor.driver.pool().outstanding()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-54")
    void redirect_isInvisibleToTheClientAndShowsTheClientToTheProxy(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            SimProcess app = app(sim);
            connect(app, Vendor.origin(family));
            vendor.listener.accept();
            ConnectionSnapshot client = onlyConnected(sim, app, false);
            assertThat(client.remote()).isEqualTo(Vendor.origin(family));
            assertThat(client.effectiveRemote()).isEqualTo(vendor.address);
            assertThat(onlyConnected(sim, vendor.process, true).remote()).isEqualTo(client.local());
            assertThat(IpAddress.isLoopback(client.local().getAddress())).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-12", "REC-13"})
    void record_canBeSetOnManySocketsAfterItsConnectionIsGone(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            SimSocket client = connect(app(sim), Vendor.origin(family));
            SimSocket accepted = vendor.listener.accept();
            byte[] records = accepted.queryRedirectRecords().orElseThrow();
            client.close();
            accepted.close();
            for (AddressFamily each : AddressFamily.values()) {
                vendor.process.winsock().tcpSocket(each).setRedirectRecords(records);
            }
            assertThat(sim.connections().stream()
                            .filter(c -> c.inheritedChain().size() == 1)
                            .count())
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-06", "REC-07", "REC-12", "REC-34", "REC-37", "REC-38"})
    void set_refusesEveryDamagedRecord(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting(CONTEXT)) {
            connect(app(sim), Vendor.origin(family));
            byte[] good = vendor.listener.accept().queryRedirectRecords().orElseThrow();
            RecordForge forge = sim.recordForge();
            SimSocket onward = vendor.process.winsock().tcpSocket(family);
            for (int i = 0; i < good.length; i++) {
                int index = i;
                assertThatExceptionOfType(WinsockException.class)
                        .as("byte %d flipped", i)
                        .isThrownBy(() -> onward.setRedirectRecords(forge.flipByte(good, index)))
                        .satisfies(e -> assertThat(e.error()).isIn(Win32Error.WSAEACCES, Win32Error.WSAEINVAL));
            }
            for (byte[] bad : List.of(
                    forge.cutTail(good, 1),
                    forge.append(good, (byte) 0),
                    forge.retarget(good, vendor.process.id() + 4),
                    forge.reissueElsewhere(good),
                    CONTEXT)) {
                assertThatExceptionOfType(WinsockException.class)
                        .isThrownBy(() -> onward.setRedirectRecords(bad))
                        .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEACCES));
            }
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> onward.setRedirectRecords(forge.overflowInnerLength(good)))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEINVAL));
            assertThat(sim.connections())
                    .allSatisfy(c -> assertThat(c.inheritedChain()).isEmpty());
            onward.setRedirectRecords(good);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-25", "REC-24", "REC-26"})
    void handle_whenCreatedAgain_isAStranger(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(app(sim), Vendor.origin(family));
            byte[] records = vendor.listener.accept().queryRedirectRecords().orElseThrow();
            var again = vendor.driver.createRedirectHandle(vendor.handle.providerId());
            var seen = new java.util.ArrayList<RedirectState>();
            var other = new Vendor(sim, family, "probe", 7000)
                    .calling((v, meta, d, c, f, flow, out) -> seen.add(vendor.driver
                            .fwps()
                            .fwpsQueryConnectionRedirectState0(meta.redirectRecords(), again, null)));
            SimSocket onward = vendor.process.winsock().tcpSocket(family);
            onward.setRedirectRecords(records);
            sim.network().listen(Vendor.origin(family));
            onward.connect(Vendor.origin(family));
            assertThat(seen).containsExactly(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER);
            vendor.driver.fwps().fwpsRedirectHandleDestroy0(again);
            other.close();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-35", "WFP-51"})
    void query_whenTheRedirectNamedAnotherProcess_isDenied(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
            vendor.calling((v, meta, d, context, filter, flow, out) ->
                    InlineEdit.connect(vendor.driver.fwps(), context, filter, out, request -> {
                        request.setRemoteAddressAndPort(vendor.address);
                        request.setLocalRedirectHandle(vendor.handle);
                        request.setLocalRedirectTargetPid(999_999);
                    }));
            connect(app(sim), Vendor.origin(family));
            SimSocket accepted = vendor.listener.accept();
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(accepted::queryRedirectRecords)
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEACCES));
            assertThat(diagnostics(sim))
                    .containsExactly(Diagnostic.UNKNOWN_REDIRECT_TARGET, Diagnostic.REDIRECT_CONTROL_DENIED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-50", "REC-30"})
    void redirect_withoutHandle_isDeniedWithAFaultAndFreesItsContext(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        SimOptions recording = SimOptions.defaults().faultMode(FaultMode.RECORD);
        for (SimOptions options : List.of(SimOptions.defaults(), recording)) {
            try (WfpSim sim = WfpSim.open(options);
                    Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
                sim.network().listen(origin);
                vendor.calling((v, meta, d, context, filter, flow, out) ->
                        InlineEdit.connect(vendor.driver.fwps(), context, filter, out, request -> {
                            request.setRemoteAddressAndPort(vendor.address);
                            request.setLocalRedirectTargetPid(vendor.process.id());
                            request.setLocalRedirectContext(vendor.driver.pool().allocate(CONTEXT, "tEst"), 3);
                        }));
                if (options.equals(recording)) {
                    assertThatExceptionOfType(WinsockException.class)
                            .isThrownBy(() -> connect(app(sim), origin))
                            .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEACCES));
                } else {
                    assertThatExceptionOfType(FaultException.class)
                            .isThrownBy(() -> connect(app(sim), origin))
                            .withMessageContaining("INCOMPLETE_LOCAL_REDIRECT")
                            .withMessageContaining("localRedirectHandle");
                }
                assertThat(sim.connections())
                        .as("goes nowhere")
                        .noneMatch(connection -> connection.remote() != null
                                && connection.remote().equals(origin)
                                && connection.state() == ConnectionState.CONNECTED);
                assertThat(vendor.driver.pool().outstanding()).isEmpty();
                assertThat(sim.verifier().violations()).hasSize(1);
            }
        }
    }

    @Test
    @Spec({"WFP-39", "WFP-80"})
    void driver_whenItForgetsItsHandle_isReportedAtUnload() {
        SimOptions recording = SimOptions.defaults().faultMode(FaultMode.RECORD);
        try (WfpSim sim = WfpSim.open(recording);
                KernelDriver driver = sim.loadDriver("acme.sys")) {
            driver.createRedirectHandle(new UUID(1, 8080));
            driver.pool().allocate(8, "leak");
            assertThat(driver.unload().held())
                    .extracting(held -> held.detail())
                    .containsExactly("REDIRECT_HANDLE_LEAK", "POOL_LEAK");
            assertThat(driver.held().isEmpty()).isTrue();
        }
    }
}
