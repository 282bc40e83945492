package io.github.wfpsim.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Product;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A product that redirects TCP to a proxy in a process. */
@Timeout(60)
class TcpProductTest {

    private final WfpSim sim = WfpSim.open();

    private static String server(AddressFamily family) {
        return family == AddressFamily.AF_INET ? "203.0.113.10:80" : "[2001:db8:1::10]:80";
    }

    private boolean isRedirected(TcpProduct product, String destination) throws IOException {
        try (SimSocket client = sim.app("app.exe").connect(destination)) {
            assertThat(client.remoteAddress()).isEqualTo(IpAddress.parse(destination));
            return takes(product);
        } catch (WinsockException direct) {
            // Nobody is there.
            return takes(product);
        }
    }

    private static boolean takes(TcpProduct product) throws IOException {
        boolean taken = false;
        for (AddressFamily family : AddressFamily.values()) {
            taken |= product.listener(family).tryAccept().isPresent();
        }
        return taken;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-01", "REC-27", "WFP-06"})
    void connection_reachesItsServer_throughTheRelay(AddressFamily family) throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80).relay()) {
            sim.serve(server(family), request -> request + " answered");

            try (SimSocket client = sim.app("app.exe").connect(server(family))) {
                assertThat(client.exchange("GET")).isEqualTo("GET answered");
            }

            assertThat(acme.served()).isEqualTo(1);
            assertThat(sim.verifier().diagnostics()).isEmpty();
        }
        assertThat(sim.verifier().violations()).isEmpty();
        assertThat(sim.held().held()).isEmpty();
    }

    @Test
    @Spec({"WFP-06", "REC-25"})
    void dualStackConnection_toAnIpv4Server_isRedirectedAndReachesIt() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme")
                        .toSubnet("203.0.113.0/24")
                        .redirectTcp(80)
                        .relay()) {
            sim.serve("203.0.113.10:80", request -> "hello");
            Winsock winsock = sim.app("app.exe").winsock();
            try (SimSocket client = winsock.tcpSocket(AddressFamily.AF_INET6)) {
                int ipv6 = IpProtocol.IPPROTO_IPV6.code();
                assertThat(winsock.setsockopt(client.handle(), ipv6, Winsock.IPV6_V6ONLY, 0))
                        .isZero();
                client.connect(IpAddress.toV4Mapped(IpAddress.parse("203.0.113.10:80")));

                assertThat(client.exchange("GET")).isEqualTo("hello");
            }
            assertThat(acme.served()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-27", "REC-20"})
    void context_isTheOriginalDestination_unlessAnotherIsWanted(AddressFamily family) throws Exception {
        List<RedirectState> states = new ArrayList<>();
        try (sim;
                TcpProduct acme = sim.product("acme").watching(states::add).redirectTcp(80);
                SimSocket client = sim.app("app.exe").connect(server(family));
                SimSocket accepted = acme.listener(family).accept()) {
            byte[] context = accepted.queryRedirectContext().orElseThrow();

            assertThat(context).hasSize(OriginalDestination.ENCODED_BYTES);
            assertThat(OriginalDestination.decode(context).remote()).isEqualTo(IpAddress.parse(server(family)));
            assertThat(OriginalDestination.decode(context).local().getPort())
                    .isEqualTo(client.localAddress().getPort());
            assertThat(states).containsExactly(RedirectState.FWPS_CONNECTION_NOT_REDIRECTED);
        }
    }

    @Test
    @Spec("REC-33")
    void context_ofTheTestsOwn_isAttached_orNone() throws Exception {
        try (sim;
                TcpProduct five =
                        sim.product("five").context(original -> new byte[5]).redirectTcp(80);
                TcpProduct none =
                        sim.product("none").context(original -> new byte[0]).redirectTcp(81)) {
            sim.app("app.exe").connect("203.0.113.10:80");
            sim.app("app.exe").connect("203.0.113.10:81");

            assertThat(five.listener().accept().queryRedirectContext()).hasValue(new byte[5]);
            assertThat(none.listener().accept().queryRedirectContext()).isEmpty();
        }
    }

    @Test
    @Spec({"WFP-09", "WFP-21"})
    void conditions_chooseConnections() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme")
                        .toSubnet("203.0.113.0/24")
                        .toSubnet("2001:db8:1::/48")
                        .fromApp("app.exe")
                        .redirectTcp(80, 81)) {
            assertThat(isRedirected(acme, "203.0.113.10:80")).isTrue();
            assertThat(isRedirected(acme, "203.0.113.10:81")).isTrue();
            assertThat(isRedirected(acme, "[2001:db8:1::10]:80")).isTrue();
            assertThat(isRedirected(acme, "203.0.113.10:82")).isFalse();
            assertThat(isRedirected(acme, "198.51.100.10:80")).isFalse();
            assertThat(isRedirected(acme, "[2001:db8:2::10]:80")).isFalse();
            assertThatThrownBy(() -> sim.app("other.exe").connect("203.0.113.10:80"))
                    .isInstanceOf(WinsockException.class);
        }
    }

    @Test
    void condition_ofOneFamily_leavesTheOtherAlone() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").toSubnet("2001:db8:1::10").redirectTcp()) {
            assertThat(isRedirected(acme, "[2001:db8:1::10]:80")).isTrue();
            assertThat(isRedirected(acme, "[2001:db8:1::11]:80")).isFalse();
            assertThat(isRedirected(acme, "203.0.113.10:80")).isFalse();
        }
    }

    @Test
    void condition_ofAnyField_canBeAdded() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme")
                        .when(FilterCondition.appId("C:\\Apps\\app.exe"))
                        .redirectTcp()) {
            assertThat(isRedirected(acme, "203.0.113.10:80")).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-14", "REC-22", "REC-23", "WFP-24"})
    void secondVendor_inspectsTheSameConnection_withoutKnowingTheFirst(AddressFamily family) throws Exception {
        List<RedirectState> states = new ArrayList<>();
        try (sim;
                TcpProduct acme = sim.product("acme")
                        .watching(states::add)
                        .redirectTcp(80)
                        .relay();
                TcpProduct bolt = sim.product("bolt").redirectTcp(80).relay()) {
            sim.serve(server(family), request -> "hello");

            assertThat(sim.app("app.exe").connect(server(family)).exchange("GET"))
                    .isEqualTo("hello");

            assertThat(acme.served()).isEqualTo(1);
            assertThat(bolt.served()).isEqualTo(1);
            assertThat(acme.process()).isNotEqualTo(bolt.process());
            assertThat(states)
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_NOT_REDIRECTED,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF,
                            RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2, bolt", "2, 1, acme"})
    @Spec("WFP-24")
    void weight_saysWhoIsAskedFirst(int ofAcme, int ofBolt, String first) throws Exception {
        List<String> asked = new ArrayList<>();
        try (sim;
                TcpProduct acme = sim.product("acme")
                        .weight(ofAcme)
                        .watching(state -> asked.add("acme"))
                        .redirectTcp(80);
                TcpProduct bolt = sim.product("bolt")
                        .weight(ofBolt)
                        .watching(state -> asked.add("bolt"))
                        .redirectTcp(80)) {
            sim.app("app.exe").connect("203.0.113.10:80");

            assertThat(asked.get(0)).isEqualTo(first);
            assertThat(acme.driver()).isNotSameAs(bolt.driver());
        }
    }

    @Test
    void onwardConnection_carriesTheRecords_andGoesWhereTheClientAsked() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80)) {
            sim.serve("203.0.113.10:80", request -> "hello");
            SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");
            SimSocket onward = acme.connectOnward(acme.listener().accept());

            assertThat(onward.remoteAddress()).isEqualTo(client.remoteAddress());
            assertThat(sim.connections().stream()
                            .filter(connection -> connection.remote() != null && connection.parentEndpoint() == 0)
                            .map(ConnectionSnapshot::lineage)
                            .distinct())
                    .hasSize(1);
        }
    }

    @Test
    void callout_ofTheTestsOwn_takesThePlaceOfTheTextbookOne() throws Exception {
        List<RedirectState> states = new ArrayList<>();
        List<String> asked = new ArrayList<>();
        try (sim;
                TcpProduct acme = sim.product("acme")
                        .watching(states::add)
                        .callout(textbook -> (values, meta, data, context, filter, flow, out) -> {
                            asked.add(values.appId());
                            if (values.appId().endsWith("\\app.exe")) {
                                textbook.classify(values, meta, data, context, filter, flow, out);
                            }
                        })
                        .redirectTcp(80)) {
            assertThat(isRedirected(acme, "203.0.113.10:80")).isTrue();
            assertThatThrownBy(() -> sim.app("other.exe").connect("203.0.113.10:80"))
                    .isInstanceOf(WinsockException.class);
            assertThat(asked)
                    .containsExactly(
                            "\\device\\harddiskvolume3\\apps\\app.exe", "\\device\\harddiskvolume3\\apps\\other.exe");
            assertThat(states).hasSize(1);
        }
    }

    @Test
    void onwardConnection_ofOneThatWasNotRedirected_isRefused() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80)) {
            sim.app("app.exe").connect("127.0.0.1:8080");
            SimSocket accepted = acme.listener().accept();

            assertThatIllegalStateException().isThrownBy(() -> acme.connectOnward(accepted));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void relay_toAServerThatIsDown_resetsTheClient(AddressFamily family) throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80).relay()) {
            SimSocket client = sim.app("app.exe").connect(server(family));

            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> client.exchange("GET"))
                    .satisfies(reset ->
                            assertThat(reset.error()).isIn(Win32Error.WSAECONNRESET, Win32Error.WSAECONNABORTED));
            assertThat(acme.served()).isZero();
        }
    }

    @Test
    void relay_resetsWhoConnectsToTheProxyItself_andGoesOn() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80).relay()) {
            sim.serve("203.0.113.10:80", request -> "hello");
            SimSocket direct = sim.app("app.exe").connect("127.0.0.1:8080");

            assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> direct.exchange("GET"));
            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .isEqualTo("hello");
            assertThat(acme.served()).isEqualTo(1);
        }
    }

    // ---- threads of the proxy

    @Test
    void code_thatThrows_endsItsProcess_andIsToldWhenTheProductCloses() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80);
        acme.run(() -> {
            acme.listener().accept();
            throw new IOException("the disk is full");
        });
        SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");

        assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> client.exchange("GET"));
        assertThatIllegalStateException()
                .isThrownBy(acme::close)
                .withMessageContaining("acme")
                .withMessageContaining("the disk is full")
                .withCauseInstanceOf(IOException.class);
        assertThat(acme.process().isAlive()).isFalse();
        sim.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    void code_thatFailsAnAssertion_isToldByTheMachine_ifThatClosesFirst() throws Exception {
        CountDownLatch thrown = new CountDownLatch(1);
        TcpProduct acme = sim.product("acme").redirectTcp(80).run(() -> {
            thrown.countDown();
            throw new AssertionError("expected other records");
        });
        thrown.await();

        assertThatIllegalStateException().isThrownBy(sim::close).withStackTraceContaining("expected other records");
        acme.close();
    }

    @Test
    void severalFailures_areAllTold() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80);
        for (String text : List.of("one", "two")) {
            acme.run(() -> {
                throw new IllegalArgumentException(text);
            });
        }

        assertThatIllegalStateException()
                .isThrownBy(acme::close)
                .satisfies(told -> assertThat(told.getSuppressed()).hasSize(1));
        sim.close();
    }

    @Test
    void code_thatWaits_isEndedByTheClose_whichTellsNothing() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80);
        CountDownLatch waiting = new CountDownLatch(2);
        acme.run(() -> {
            waiting.countDown();
            return acme.listener().accept();
        });
        acme.run(() -> {
            waiting.countDown();
            new CountDownLatch(1).await();
        });
        waiting.await();

        acme.close();
        sim.close();
        assertThatIllegalStateException().isThrownBy(() -> acme.run(() -> {})).withMessageContaining("acme");
    }

    @Test
    void code_thatFailsForAReasonOfItsOwnWhileTheProductCloses_isTold() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80).run(() -> {});
        acme.run(() -> {
            try {
                acme.listener().accept();
            } catch (WinsockException closing) {
                throw new WinsockException("no way to the origin", Win32Error.WSAENETUNREACH);
            }
        });

        assertThatIllegalStateException().isThrownBy(acme::close).withMessageContaining("no way to the origin");
        sim.close();
    }

    @Test
    void code_mayCloseItsOwnProduct() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        TcpProduct acme = sim.product("acme").redirectTcp(80);
        acme.run(() -> {
            acme.close();
            done.countDown();
        });

        done.await();
        assertThat(acme.process().isAlive()).isFalse();
        sim.close();
    }

    // ---- closing

    @Test
    void machine_thatClosesFirst_closesItsProducts_withoutAFault() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80).relay();
        sim.serve("203.0.113.10:80", request -> "hello");
        SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");
        assertThat(client.exchange("GET")).isEqualTo("hello");

        assertThat(sim.tearDown().held()).isEmpty();

        acme.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    void product_thatClosed_redirectsNothingAnyMore_andCanBeInstalledAgain() throws Exception {
        try (sim) {
            TcpProduct first = sim.product("acme").redirectTcp(80);
            first.close();
            first.close();
            sim.serve("203.0.113.10:80", request -> "hello");
            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .isEqualTo("hello");
            assertThat(sim.held().held()).isEmpty();

            try (TcpProduct again = sim.product("acme").redirectTcp(80)) {
                assertThat(isRedirected(again, "203.0.113.10:80")).isTrue();
            }
        }
    }

    @Test
    void closing_withConnectionsInEveryState_leavesNothingBehind() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80);
        sim.serve("203.0.113.10:80", request -> "hello");
        SimProcess app = sim.app("app.exe");
        app.connect("203.0.113.10:80");
        acme.connectOnward(acme.listener().accept());
        app.connect("203.0.113.10:80");
        acme.listener().accept();
        SimSocket waiting = app.connect("203.0.113.10:80");

        acme.close();

        assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> waiting.exchange("GET"));
        assertThat(sim.held().held()).isEmpty();
        sim.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    @Spec("WFP-80")
    void driver_thatUnloadsFirst_leavesTheProxyItsConnections() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80).relay()) {
            sim.serve("203.0.113.10:80", request -> "hello");
            SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");
            acme.unloadDriver();
            acme.unloadDriver();

            assertThat(client.exchange("GET")).isEqualTo("hello");
            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .isEqualTo("hello");
            assertThat(acme.served()).isLessThanOrEqualTo(1);
            assertThat(sim.held().held()).isEmpty();
        }
    }

    @Test
    void driver_inWhichTheTestLeaks_isToldWhenTheProductCloses() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80);
        acme.driver().pool().allocate(16, "Leak");

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(acme::close)
                .satisfies(leak -> assertThat(leak.getMessage()).contains(Fault.POOL_LEAK.name()));
        sim.close();
    }

    // ---- misuse

    @Test
    @Spec("REC-19")
    void proxy_thatForgetsTheRecords_isFoundOut() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80)) {
            sim.app("app.exe").connect("203.0.113.10:80");
            acme.listener().accept();

            acme.process().connect("203.0.113.10:80");

            assertThat(sim.verifier().diagnostics())
                    .anyMatch(found -> found.kind() == Diagnostic.PROXY_REDIRECTED_TO_ITSELF);
        }
    }

    @Test
    void sameName_onOneMachine_isRefused_andLeavesNothingBehind() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80)) {
            Product twin = sim.product("acme");

            assertThatIllegalStateException()
                    .isThrownBy(() -> twin.redirectTcp(80))
                    .withMessageContaining("its own name");
            assertThat(sim.connections()).allMatch(socket -> socket.process().equals(acme.process()));
        }
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    void portThatIsTaken_isRefused_andLeavesNothingBehind() throws Exception {
        try (sim;
                SimSocket taken = sim.app("other.exe").listen("[::1]:9000")) {
            Product acme = sim.product("acme").proxyPort(9000);

            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> acme.redirectTcp(80))
                    .satisfies(refused -> assertThat(refused.error()).isEqualTo(Win32Error.WSAEADDRINUSE));
            assertThat(sim.connections()).hasSize(1);
            assertThat(taken.localAddress().getPort()).isEqualTo(9000);
        }
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\\b", "a/b", "c:"})
    void name_thatCouldBeAPath_isRefused(String name) {
        try (sim) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sim.product(name))
                    .withMessageContaining("acme");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", "203.0.113.10:80", "203.0.113.0/", "203.0.113.0/33", "203.0.113.0/x", "203.0.113.256"
            })
    void subnet_thatIsNone_isRefused(String subnet) {
        try (sim) {
            Product acme = sim.product("acme");

            assertThatIllegalArgumentException().isThrownBy(() -> acme.toSubnet(subnet));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_536})
    void port_thatIsNone_isRefused(int port) {
        try (sim) {
            Product acme = sim.product("acme");

            assertThatIllegalArgumentException().isThrownBy(() -> acme.proxyPort(port));
            assertThatIllegalArgumentException().isThrownBy(() -> acme.redirectTcp(port));
            assertThat(sim.connections()).isEmpty();
        }
    }

    @Test
    void closedMachine_installsNothing() {
        Product named = sim.product("acme");
        sim.close();

        assertThatIllegalStateException().isThrownBy(() -> sim.product("acme"));
        assertThatIllegalStateException().isThrownBy(() -> named.redirectTcp(80));
    }

    @Test
    void driver_isNamedAfterTheProduct() throws Exception {
        try (sim;
                TcpProduct acme = sim.product("acme").redirectTcp(80)) {
            KernelDriver driver = acme.driver();

            assertThat(driver.name()).isEqualTo("acme.sys");
            assertThat(acme.redirectHandle().owner()).isEqualTo("acme.sys");
            assertThat(acme.process().imageName()).isEqualTo("acme-proxy.exe");
            assertThat(acme).hasToString("acme redirects TCP to " + acme.process());
        }
    }
}
