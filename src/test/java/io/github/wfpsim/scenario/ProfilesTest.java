package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The stories that every product is made for hold under each profile. */
@Timeout(60)
class ProfilesTest {

    private static final String IPV4 = "203.0.113.10:80";
    private static final String IPV6 = "[2001:db8::10]:80";

    static Stream<Arguments> profiles() {
        return Stream.of(SimOptions.defaults(), SimOptions.observed())
                .flatMap(profile -> Stream.of(IPV4, IPV6).map(server -> Arguments.of(profile, server)));
    }

    @Test
    void observed_hasWhatTheFieldReports_andDocumentedHasNothing() {
        assertThat(SimOptions.observed().deviations())
                .isNotEmpty()
                .containsExactlyElementsOf(Arrays.stream(Deviation.values())
                        .filter(Deviation::isObserved)
                        .toList());
        assertThat(SimOptions.defaults().deviations()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void connection_isRelayedWithRecords(SimOptions profile, String server) throws Exception {
        try (WfpSim sim = WfpSim.open(profile)) {
            sim.serve(server, request -> "served " + request);
            TcpProduct acme = sim.product("acme").redirectTcp(80).relay();

            try (SimSocket app = sim.app("app.exe").connect(server)) {
                assertThat(app.exchange("it")).isEqualTo("served it");
            }

            assertThat(acme.served()).isOne();
            assertThat(sim.verifier().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void connection_isRelayedByADriver(SimOptions profile, String server) throws Exception {
        try (WfpSim sim = WfpSim.open(profile)) {
            sim.serve(server, request -> "served " + request);
            sim.product("acme").redirectTcpInDriver(80);

            try (SimSocket app = sim.app("app.exe").connect(server)) {
                assertThat(app.exchange("it")).isEqualTo("served it");
            }

            assertThat(sim.verifier().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void twoVendors_inspectOneConnection(SimOptions profile, String server) throws Exception {
        try (WfpSim sim = WfpSim.open(profile)) {
            sim.serve(server, request -> "served " + request);
            TcpProduct acme = sim.product("acme").redirectTcp(80).relay();
            TcpProduct bolt =
                    sim.product("bolt").proxyPort(9090).redirectTcp(80).relay();

            try (SimSocket app = sim.app("app.exe").connect(server)) {
                assertThat(app.exchange("it")).isEqualTo("served it");
            }

            assertThat(acme.served() + bolt.served()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void datagram_isRelayedWithRecords(SimOptions profile, String server) throws Exception {
        try (WfpSim sim = WfpSim.open(profile)) {
            sim.serveUdp(server, request -> "served " + request);
            sim.product("acme").redirectUdp(80).relay();
            SimProcess app = sim.app("app.exe");
            InetSocketAddress to = addressOf(server);

            try (SimDatagramSocket socket = app.winsock().udpSocket(AddressFamily.of(to.getAddress()))) {
                socket.send("it".getBytes(UTF_8), to);
                assertThat(new String(socket.receive().payload(), UTF_8)).isEqualTo("served it");
            }

            assertThat(sim.verifier().violations()).isEmpty();
        }
    }

    private static InetSocketAddress addressOf(String server) {
        int colon = server.lastIndexOf(':');
        return new InetSocketAddress(server.substring(0, colon).replaceAll("[\\[\\]]", ""), 80);
    }
}
