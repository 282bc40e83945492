package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The Java API over datagram sockets. */
@Timeout(20)
class SimDatagramSocketTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-01", "UDP-05", "WFP-54"})
    void proxy_carriesRecordsOn_andAnswersAsIfItWereTheServer(AddressFamily family) throws Exception {
        // Records larger than any buffer that a caller would think of.
        SimOptions padded = SimOptions.defaults().minimumRecordSize(20_000);
        try (DatagramLab lab = DatagramLab.open(family, padded)) {
            lab.proxy.winsock().closesocket(lab.proxySocket);
            InetSocketAddress dns = lab.remote(53);
            try (SimDatagramSocket proxy =
                            lab.proxy.winsock().udpSocket(family).bind(lab.local(DatagramLab.PROXY_PORT));
                    SimDatagramSocket upstream = lab.proxy.winsock().udpSocket(family);
                    SimDatagramSocket client = lab.client.winsock().udpSocket(family)) {
                client.send(bytes("query"), dns);
                SimDatagram query = proxy.receive();
                upstream.send(query.payload(), dns, query.redirectRecords().orElseThrow());
                Datagram atServer = Objects.requireNonNull(
                        lab.server.receive(lab.sim.clock().deadlineAfter(Duration.ZERO)));
                lab.server.send(ByteBuffer.wrap(bytes("answer")), atServer.source());
                proxy.send(upstream.receive().payload(), query.source());

                SimDatagram answer = client.receive();
                assertThat(answer.payload()).isEqualTo(bytes("answer"));
                assertThat(answer.source()).isEqualTo(dns);
                assertThat(answer.redirectRecords()).isEmpty();
                assertThat(query.redirectContext()).isEmpty();
                assertThat(query).hasToString("SimDatagram[5 bytes from " + IpAddress.text(query.source()) + "]");
                assertThat(lab.states)
                        .containsExactly(
                                RedirectState.FWPS_CONNECTION_NOT_REDIRECTED,
                                RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void context_comesWithTheFirstDatagram(AddressFamily family) throws Exception {
        try (DatagramLab lab = DatagramLab.open(family, "who asked")) {
            lab.proxy.winsock().closesocket(lab.proxySocket);
            try (SimDatagramSocket proxy =
                    lab.proxy.winsock().udpSocket(family).bind(lab.local(DatagramLab.PROXY_PORT))) {
                lab.ask("one", 53);
                lab.ask("two", 53);

                assertThat(proxy.receive().redirectContext()).contains(bytes("who asked"));
                assertThat(proxy.tryReceive().orElseThrow().redirectContext()).isEmpty();
                assertThat(proxy.tryReceive()).isEmpty();
                assertThat(lab.proxy.winsock().wsaGetLastError()).isZero();
            }
        }
    }

    @Test
    void connectedSockets_speakWithTheirPeer() throws Exception {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET);
                SimDatagramSocket one =
                        lab.proxy.winsock().udpSocket(AddressFamily.AF_INET).bind(lab.local(0));
                SimDatagramSocket two = lab.client.winsock().udpSocket(AddressFamily.AF_INET)) {
            two.connect(one.localAddress()).send(bytes("hello"));
            SimDatagram hello = one.receive();
            one.connect(hello.source()).send(bytes("back"));

            assertThat(two.receive().payload()).isEqualTo(bytes("back"));
            assertThat(one).hasToString("SimDatagramSocket[" + one.handle() + "]");
        }
    }

    @Test
    void failures_sayWhatToDo_andClosingTwiceIsNone() throws Exception {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            SimDatagramSocket socket = winsock.udpSocket(AddressFamily.AF_INET);
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> socket.send(bytes("x"), lab.remote(53), new byte[9]))
                    .withMessageContaining("WSASendMsg with redirect records")
                    .withMessageContaining("WSAEACCES")
                    .withMessageContaining("pass on exactly what was received");
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> socket.send(bytes("x"), lab.remote(53), new byte[0]))
                    .satisfies(failure -> assertThat(failure.error()).isEqualTo(Win32Error.WSAEINVAL));
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> socket.send(new byte[70_000], lab.remote(53)))
                    .withMessageContaining("larger than a packet");
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> socket.send(bytes("x")))
                    .satisfies(failure -> assertThat(failure.error()).isEqualTo(Win32Error.WSAENOTCONN));
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> socket.send(bytes("x"), InetSocketAddress.createUnresolved("dns", 53), new byte[9]));
            socket.close();
            socket.close();
            assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAENOTCONN.code());
        }
    }

    @Test
    void windowsWithoutRedirection_hasPlainSockets() throws Exception {
        SimOptions seven = SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7);
        try (WfpSim sim = WfpSim.open(seven)) {
            Winsock winsock = sim.process("C:\\a.exe", Token.STANDARD_USER).winsock();
            try (SimDatagramSocket socket = winsock.udpSocket(AddressFamily.AF_INET6)) {
                socket.bind(new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET6), 0));
                socket.send(bytes("to myself"), socket.localAddress());
                assertThat(socket.receive().redirectRecords()).isEmpty();
                assertThat(winsock.wsaGetLastError()).isZero();
            }
        }
    }

    @Test
    void receive_endsWithItsTimeOut() throws Exception {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET);
                SimDatagramSocket socket =
                        lab.proxy.winsock().udpSocket(AddressFamily.AF_INET).bind(lab.local(0))) {
            socket.setSoTimeout(Duration.ofMillis(5));
            var receiving = Background.start(socket::receive);
            while (!receiving.isDone()) {
                lab.sim.clock().advance(Duration.ofMillis(1));
            }
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(receiving::result)
                    .havingCause()
                    .withMessageContaining("WSAETIMEDOUT");
            assertThatIllegalArgumentException().isThrownBy(() -> socket.setSoTimeout(Duration.ofMillis(-1)));
        }
    }
}
