package io.github.wfpsim.product;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.BindProduct;
import io.github.wfpsim.DriverProduct;
import io.github.wfpsim.KernelProduct;
import io.github.wfpsim.Product;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.UdpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products that redirect UDP, that redirect to their own driver, and that redirect binds. */
@Timeout(60)
class OtherProductsTest {

    private static String web(AddressFamily family) {
        return family == AddressFamily.AF_INET ? "203.0.113.10:80" : "[2001:db8:1::10]:80";
    }

    private static String dns(AddressFamily family) {
        return family == AddressFamily.AF_INET ? "203.0.113.53:53" : "[2001:db8:1::53]:53";
    }

    // ---- UDP

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-04", "UDP-05", "REC-01"})
    void query_reachesItsServer_throughTheRelay(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                UdpProduct acme = sim.product("acme").redirectUdp(53).relay();
                SimDatagramSocket client = sim.app("app.exe").connectUdp(dns(family))) {
            sim.serveUdp(dns(family), name -> name + " is 203.0.113.10");

            assertThat(client.exchange("www.example")).isEqualTo("www.example is 203.0.113.10");
            assertThat(client.exchange("ftp.example")).isEqualTo("ftp.example is 203.0.113.10");

            assertThat(acme.served()).isEqualTo(1);
            assertThat(sim.verifier().diagnostics()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-04")
    void firstPacket_bringsRecordsAndContext(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                UdpProduct acme = sim.product("acme").redirectUdp(53);
                SimDatagramSocket client = sim.app("app.exe").connectUdp(dns(family))) {
            client.send(new byte[] {1});
            client.send(new byte[] {2});

            SimDatagram first = acme.socket(family).receive();
            byte[] context = first.redirectContext().orElseThrow();
            assertThat(OriginalDestination.decode(context).remote()).isEqualTo(IpAddress.parse(dns(family)));
            assertThat(first.redirectRecords()).isPresent();
            assertThat(acme.socket(family).receive().redirectRecords()).isEmpty();
        }
    }

    @Test
    void relay_survivesAServerThatIsNotThere() throws Exception {
        try (WfpSim sim = WfpSim.open();
                UdpProduct acme = sim.product("acme").redirectUdp(53).relay();
                SimDatagramSocket lost = sim.app("app.exe").connectUdp("203.0.113.54:53");
                SimDatagramSocket client = sim.app("app.exe").connectUdp("203.0.113.53:53")) {
            sim.serveUdp("203.0.113.53:53", name -> "found");
            lost.send(new byte[] {1});

            assertThat(client.exchange("www.example")).isEqualTo("found");
            assertThat(acme.process().isAlive()).isTrue();
        }
    }

    @Test
    void udpProduct_thatClosed_leavesNothingBehind() throws Exception {
        WfpSim sim = WfpSim.open();
        UdpProduct acme = sim.product("acme").redirectUdp().relay();
        acme.run(() -> acme.socket(AddressFamily.AF_INET6).receive());
        sim.serveUdp("203.0.113.53:53", name -> "found");
        sim.app("app.exe").connectUdp("203.0.113.53:53").exchange("www.example");

        acme.close();
        acme.close();

        assertThat(sim.held().held()).isEmpty();
        assertThatIllegalStateException().isThrownBy(acme::relay);
        sim.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    void udpProduct_takesNoTcp_andTheOtherWayRound() throws Exception {
        try (WfpSim sim = WfpSim.open();
                UdpProduct udp = sim.product("acme").redirectUdp().relay();
                TcpProduct tcp = sim.product("bolt").redirectTcp().relay()) {
            sim.serve("203.0.113.10:80", "tcp".getBytes(UTF_8));
            sim.serveUdp("203.0.113.10:80", request -> "udp");
            SimProcess app = sim.app("app.exe");

            assertThat(app.connect("203.0.113.10:80").exchange("GET")).isEqualTo("tcp");
            assertThat(app.connectUdp("203.0.113.10:80").exchange("GET")).isEqualTo("udp");

            assertThat(udp.served()).isEqualTo(1);
            assertThat(tcp.served()).isEqualTo(1);
        }
    }

    // ---- in the driver

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"REC-36", "WSK-28"})
    void connection_reachesItsServer_throughTheDriver(CompletionMode mode) throws Exception {
        SimOptions options = SimOptions.defaults().completionMode(mode);
        for (AddressFamily family : AddressFamily.values()) {
            try (WfpSim sim = WfpSim.open(options);
                    KernelProduct acme = sim.product("acme").redirectTcpInDriver(80)) {
                sim.serve(web(family), request -> request + " answered");

                try (SimSocket client = sim.app("app.exe").connect(web(family))) {
                    assertThat(client.exchange("GET")).isEqualTo("GET answered");
                }

                assertThat(acme.served()).isEqualTo(1);
                assertThat(sim.verifier().diagnostics()).isEmpty();
            }
        }
    }

    @Test
    void driver_onAnInlineDispatcher_isRefused() {
        SimOptions options = SimOptions.defaults().dispatcher(DispatcherMode.INLINE);
        try (WfpSim sim = WfpSim.open(options)) {
            Product acme = sim.product("acme");

            assertThatIllegalStateException()
                    .isThrownBy(() -> acme.redirectTcpInDriver(80))
                    .withMessageContaining("INLINE");
            assertThat(sim.held().held()).isEmpty();
        }
    }

    @Test
    void driver_whoseWorkItemsTheTestRuns_relaysToo() throws Exception {
        SimOptions options = SimOptions.defaults().dispatcher(DispatcherMode.MANUAL);
        try (WfpSim sim = WfpSim.open(options);
                KernelProduct acme = sim.product("acme").redirectTcpInDriver(80)) {
            sim.serve("203.0.113.10:80", request -> "hello");
            SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");
            client.send("GET".getBytes(UTF_8));
            client.shutdownOutput();
            sim.dispatcher().runAll();

            assertThat(client.inputStream().readAllBytes()).asString().isEqualTo("hello");
            assertThat(acme.served()).isEqualTo(1);
        }
    }

    @Test
    void driver_thatUnloads_breaksItsConnectionsOff_andLeavesNothingBehind() throws Exception {
        WfpSim sim = WfpSim.open();
        KernelProduct acme = sim.product("acme").redirectTcpInDriver(80);
        sim.serve("203.0.113.10:80", request -> "hello");
        SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");
        client.send("GET".getBytes(UTF_8));
        assertThat(client.receive(new byte[5])).isPositive();

        acme.close();
        acme.close();

        assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> client.receive(new byte[1]));
        assertThat(sim.held().held()).isEmpty();
        sim.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DispatcherMode.class,
            names = {"BACKGROUND", "MANUAL"})
    void machine_thatClosesFirst_unloadsTheDriver_withoutAFault(DispatcherMode mode) throws Exception {
        WfpSim sim = WfpSim.open(SimOptions.defaults().dispatcher(mode));
        KernelProduct acme = sim.product("acme").redirectTcpInDriver(80);
        sim.serve("203.0.113.10:80", request -> "hello");
        sim.app("app.exe").connect("203.0.113.10:80");

        assertThat(sim.tearDown().held()).isEmpty();

        acme.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    void portThatIsTaken_isRefused_andLeavesNothingBehind() throws Exception {
        try (WfpSim sim = WfpSim.open();
                SimSocket taken = sim.app("other.exe").listen("[::1]:9000")) {
            Product acme = sim.product("acme").proxyPort(9000);

            assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> acme.redirectTcpInDriver(80));
            assertThat(sim.connections()).hasSize(1);
            assertThat(taken.localAddress().getPort()).isEqualTo(9000);
            assertThat(sim.held().held()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void threeKinds_inspectOneConnection(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                TcpProduct acme = sim.product("acme").redirectTcp(80).relay();
                KernelProduct bolt = sim.product("bolt").redirectTcpInDriver(80);
                TcpProduct core = sim.product("core").redirectTcp(80).relay()) {
            sim.serve(web(family), request -> "hello");

            assertThat(sim.app("app.exe").connect(web(family)).exchange("GET")).isEqualTo("hello");

            assertThat(List.of(acme.served(), bolt.served(), core.served())).containsExactly(1, 1, 1);
        }
    }

    // ---- to sockets of the test's own

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-01", "UDP-04"})
    void driverAlone_redirectsBothProtocols_toSocketsOfAnyProcess(AddressFamily family) throws Exception {
        String proxy = family == AddressFamily.AF_INET ? "127.0.0.1:9000" : "[::1]:9000";
        try (WfpSim sim = WfpSim.open()) {
            SimProcess service = sim.process("C:\\service.exe", Token.ELEVATED_ADMINISTRATOR);
            SimSocket listener = service.listen(proxy);
            SimDatagramSocket packets = service.bindUdp(proxy);
            sim.product("acme").proxyPort(9000).redirectTo(service, 80, 53);

            sim.app("app.exe").connect(web(family));
            sim.app("app.exe").connectUdp(dns(family)).send(new byte[] {1});

            SimSocket accepted = listener.accept();
            assertThat(accepted.queryRedirectRecords()).isPresent();
            byte[] context = accepted.queryRedirectContext().orElseThrow();
            assertThat(OriginalDestination.decode(context).remote()).isEqualTo(IpAddress.parse(web(family)));
            assertThat(packets.receive().redirectRecords()).isPresent();
        }
    }

    @Test
    @Spec("REC-35")
    void driverAlone_namesTheProcessThatMayAsk_andTakesItsPortsOnly() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimSocket ofAnother = sim.app("other.exe").listen("127.0.0.1:8080");
            sim.product("acme").redirectTo(sim.app("service.exe"), 80);
            sim.serve("203.0.113.10:81", request -> "hello");

            sim.app("app.exe").connect("203.0.113.10:80");

            SimSocket accepted = ofAnother.accept();
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(accepted::queryRedirectRecords)
                    .satisfies(failed -> assertThat(failed.error()).isEqualTo(Win32Error.WSAEACCES));
            assertThat(sim.app("app.exe").connect("203.0.113.10:81").exchange("GET"))
                    .isEqualTo("hello");
        }
    }

    @Test
    void driverAlone_thatClosed_redirectsNothing_andLeavesTheProxyAlive() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess service = sim.app("service.exe");
            service.listen("127.0.0.1:8080");
            DriverProduct acme = sim.product("acme").redirectTo(service);
            sim.serve("203.0.113.10:80", request -> "hello");
            assertThat(acme).hasToString("acme redirects to " + service);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sim.product("bolt").redirectTo(service, 0));

            acme.close();
            acme.close();

            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .isEqualTo("hello");
            assertThat(service.isAlive()).isTrue();
            assertThat(acme.driver().held().isEmpty()).isTrue();
            assertThat(sim.held().held()).isEmpty();
        }
    }

    @Test
    void machine_thatClosesFirst_unloadsADriverAlone_withoutAFault() {
        WfpSim sim = WfpSim.open();
        DriverProduct acme = sim.product("acme").redirectTo(sim.system());

        assertThat(sim.tearDown().held()).isEmpty();

        acme.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    // ---- binds

    @Test
    void calloutAroundTheTextbook_isAskedAboutBindsToo() throws Exception {
        try (WfpSim sim = withAddresses("192.0.2.2", "192.0.2.9")) {
            AtomicInteger asked = new AtomicInteger();
            sim.product("tunnel")
                    .callout(textbook -> (values, meta, data, context, filter, flow, out) -> {
                        asked.incrementAndGet();
                        textbook.classify(values, meta, data, context, filter, flow, out);
                    })
                    .redirectBinds("192.0.2.9");

            assertThat(localOf(sim.app("app.exe").listen("0.0.0.0:7000"))).isEqualTo(IpAddress.parseHost("192.0.2.9"));
            assertThat(asked).hasValue(1);
        }
    }

    private static WfpSim withAddresses(String... addresses) {
        WfpSim.Builder builder = WfpSim.builder();
        for (String address : addresses) {
            builder.address(IpAddress.parseHost(address));
        }
        return builder.open();
    }

    @Test
    @Spec({"REC-08", "WFP-54"})
    void bind_toNoAddress_getsTheTunnels_inBothFamilies() throws Exception {
        try (WfpSim sim = withAddresses("192.0.2.2", "2001:db8::2", "192.0.2.9", "2001:db8::9");
                BindProduct tunnel =
                        sim.product("tunnel").fromApp("app.exe").redirectBinds("192.0.2.9", "2001:db8::9")) {
            sim.serve("203.0.113.10:80", request -> "hello");
            sim.serve("[2001:db8:1::10]:80", request -> "hello");
            SimProcess app = sim.app("app.exe");

            assertThat(localOf(app.connect("203.0.113.10:80"))).isEqualTo(IpAddress.parseHost("192.0.2.9"));
            assertThat(localOf(app.connect("[2001:db8:1::10]:80"))).isEqualTo(IpAddress.parseHost("2001:db8::9"));
            assertThat(localOf(app.listen("0.0.0.0:7000"))).isEqualTo(IpAddress.parseHost("192.0.2.9"));
            assertThat(app.listen("0.0.0.0:7001").localAddress().getPort()).isEqualTo(7001);
            assertThat(localOf(app.listen("127.0.0.1:7000"))).isEqualTo(IpAddress.parseHost("127.0.0.1"));
            assertThat(localOf(app.bindUdp("[::]:7000"))).isEqualTo(IpAddress.parseHost("2001:db8::9"));
            assertThat(localOf(sim.app("other.exe").connect("203.0.113.10:80")))
                    .isNotEqualTo(IpAddress.parseHost("192.0.2.9"));
            assertThat(tunnel.driver().name()).isEqualTo("tunnel.sys");
        }
    }

    private static InetAddress localOf(SimSocket socket) throws WinsockException {
        return socket.localAddress().getAddress();
    }

    private static InetAddress localOf(SimDatagramSocket socket) throws WinsockException {
        return socket.localAddress().getAddress();
    }

    @Test
    void bindProduct_ofOneFamily_leavesTheOtherAlone_andStopsWhenItCloses() throws Exception {
        try (WfpSim sim = withAddresses("192.0.2.2", "192.0.2.9", "2001:db8::2")) {
            BindProduct tunnel = sim.product("tunnel").redirectBinds("192.0.2.9");
            SimProcess app = sim.app("app.exe");
            assertThat(localOf(app.listen("0.0.0.0:7000"))).isEqualTo(IpAddress.parseHost("192.0.2.9"));
            assertThat(localOf(app.listen("[::]:7000"))).isEqualTo(IpAddress.parseHost("::"));
            tunnel.close();
            tunnel.close();
            assertThat(localOf(app.listen("0.0.0.0:7001"))).isEqualTo(IpAddress.parseHost("0.0.0.0"));
            assertThat(sim.held().held()).isEmpty();
        }
    }

    @Test
    void bindProduct_andTcpProduct_workTogether() throws Exception {
        try (WfpSim sim = withAddresses("192.0.2.2", "192.0.2.9");
                BindProduct tunnel =
                        sim.product("tunnel").fromApp("acme-proxy.exe").redirectBinds("192.0.2.9");
                TcpProduct acme = sim.product("acme").redirectTcp(80).relay()) {
            sim.serve("203.0.113.10:80", request -> "hello");

            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .isEqualTo("hello");

            assertThat(acme.served()).isEqualTo(1);
            assertThat(tunnel).hasToString("tunnel redirects binds");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "192.0.2.9:80", "[::1]"})
    void local_thatIsNoAddress_isRefused(String local) {
        try (WfpSim sim = WfpSim.open()) {
            Product tunnel = sim.product("tunnel");

            assertThatIllegalArgumentException().isThrownBy(() -> tunnel.redirectBinds(local));
            assertThatIllegalArgumentException().isThrownBy(() -> tunnel.redirectBinds("192.0.2.9", "192.0.2.8"));
            assertThatIllegalArgumentException().isThrownBy(tunnel::redirectBinds);
        }
    }
}
