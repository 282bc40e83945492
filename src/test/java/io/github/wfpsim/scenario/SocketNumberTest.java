package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.trace.TraceLog;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A socket has one number: programs hold it, and the story, faults and lists of connections speak of it. */
@Timeout(20)
@Spec("WSA-26")
class SocketNumberTest {

    private static final int PORT = 8080;

    /** Lets every layer be asked, so that the story has more than connects. */
    private static WfpSim open() {
        WfpSim sim = WfpSim.open();
        for (AddressFamily family : AddressFamily.values()) {
            for (Layer layer :
                    List.of(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4)) {
                sim.fwpm().addFilter(Filter.at(layer.withFamily(family)).permit());
            }
        }
        return sim;
    }

    private static SimProcess process(WfpSim sim, String name) {
        return sim.process("C:\\" + name, Token.ELEVATED_ADMINISTRATOR);
    }

    private static SocketHandle listening(Winsock winsock, InetSocketAddress address) {
        SocketHandle listener =
                winsock.socket(AddressFamily.of(address.getAddress()).code(), 1, 6);
        assertThat(winsock.bind(listener, address)).isZero();
        assertThat(winsock.listen(listener, Winsock.SOMAXCONN)).isZero();
        return listener;
    }

    private static String story(WfpSim sim) {
        return new TextRenderer().render(sim.trace().log().entries());
    }

    private static Set<Long> numbersOf(TraceLog log, SimProcess process) {
        Set<Long> numbers = new HashSet<>();
        for (TraceLog.Entry entry : log.entries()) {
            Subject subject = entry.event().subject();
            if (subject != null && subject.endpoint() != 0 && subject.pid() == process.id()) {
                numbers.add(subject.endpoint());
            }
        }
        return numbers;
    }

    private static List<Long> listed(WfpSim sim, SimProcess process) {
        return sim.connections().stream()
                .filter(connection -> connection.process().id() == process.id())
                .map(ConnectionSnapshot::endpoint)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connectAndAccept_areToldUnderTheHandlesOfTheirSockets(AddressFamily family) {
        try (WfpSim sim = open()) {
            SimProcess server = process(sim, "server.exe");
            SimProcess client = process(sim, "client.exe");
            InetSocketAddress address = new InetSocketAddress(IpAddress.loopback(family), PORT);
            SocketHandle listener = listening(server.winsock(), address);
            SocketHandle near = client.winsock().socket(family.code(), 1, 6);

            assertThat(client.winsock().connect(near, address)).isZero();
            SocketHandle far = server.winsock().accept(listener, null);

            assertThat(numbersOf(sim.trace().log(), client)).containsExactly(near.value());
            assertThat(numbersOf(sim.trace().log(), server)).containsExactlyInAnyOrder(listener.value(), far.value());
            assertThat(listed(sim, client)).containsExactly(near.value());
            assertThat(listed(sim, server)).containsExactlyInAnyOrder(listener.value(), far.value());
            assertThat(List.of(near, far, listener))
                    .allSatisfy(
                            socket -> assertThat(socket.value()).isPositive().matches(value -> value % 4 == 0))
                    .doesNotContain(SocketHandle.INVALID_SOCKET)
                    .doesNotHaveDuplicates();
            assertThat(story(sim)).contains("client.exe(" + client.id() + ") " + near);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"OVL-01", "WFP-20"})
    void acceptEx_tellsTheConnectionUnderTheHandleOfItsSocket_fromThenOn(AddressFamily family) {
        try (WfpSim sim = open()) {
            SimProcess server = process(sim, "server.exe");
            Winsock winsock = server.winsock();
            SimProcess client = process(sim, "client.exe");
            InetSocketAddress address = new InetSocketAddress(IpAddress.loopback(family), PORT);
            SocketHandle listener = listening(winsock, address);
            SocketHandle accepting = winsock.socket(family.code(), 1, 6);
            SocketHandle near = client.winsock().socket(family.code(), 1, 6);
            assertThat(client.winsock().connect(near, address)).isZero();
            WsaOverlapped call = winsock.overlapped().newOverlapped();

            boolean now = winsock.overlapped().acceptEx(listener, accepting, null, null, call);

            assertThat(now
                            || winsock.overlapped()
                                    .wsaGetOverlappedResult(listener, call, new OutUlong(), true, new OutUlong()))
                    .isTrue();
            TraceEvent.Accepted accepted = sim.trace().log().entries().stream()
                    .map(TraceLog.Entry::event)
                    .filter(TraceEvent.Accepted.class::isInstance)
                    .map(TraceEvent.Accepted.class::cast)
                    .findFirst()
                    .orElseThrow();
            assertThat(accepted.subject().endpoint()).isEqualTo(accepting.value());
            assertThat(accepted.listener()).isEqualTo(listener.value());
            assertThat(accepted.arrivedAs()).isNotEqualTo(accepting.value());
            assertThat(story(sim)).contains(", arrived as #" + accepted.arrivedAs());
            assertThat(listed(sim, server)).containsExactlyInAnyOrder(listener.value(), accepting.value());
            assertThat(closed(sim)).as("the socket lives on").isEmpty();

            assertThat(winsock.closesocket(accepting)).isZero();

            assertThat(closed(sim)).containsExactly(accepting.value());
            assertThat(listed(sim, server)).containsExactly(listener.value());
        }
    }

    private static List<Long> closed(WfpSim sim) {
        return sim.trace().log().entries().stream()
                .map(TraceLog.Entry::event)
                .filter(TraceEvent.Closed.class::isInstance)
                .map(event -> ((TraceEvent.Closed) event).subject().endpoint())
                .toList();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void flowsOfDatagramSockets_areToldUnderTheHandlesOfTheirSockets(AddressFamily family) throws Exception {
        try (WfpSim sim = open()) {
            SimProcess server = process(sim, "server.exe");
            SimProcess client = process(sim, "client.exe");
            InetSocketAddress address = new InetSocketAddress(IpAddress.loopback(family), PORT);
            SimDatagramSocket far = server.winsock().udpSocket(family).bind(address);
            SimDatagramSocket near = client.winsock().udpSocket(family);

            near.send("ping".getBytes(UTF_8), address);
            far.receive();

            long nearNumber = near.handle().value();
            long farNumber = far.handle().value();
            assertThat(numbersOf(sim.trace().log(), client)).containsExactly(nearNumber);
            assertThat(numbersOf(sim.trace().log(), server)).containsExactly(farNumber);
            assertThat(listed(sim, client)).containsOnly(nearNumber);
            assertThat(listed(sim, server)).containsOnly(farNumber);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-19")
    void failuresAndDiagnostics_nameTheHandleOfTheSocket(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", PORT).redirecting()) {
            SimSocket socket = process(sim, "app.exe").winsock().tcpSocket(family);
            socket.connect(origin);
            for (int hop = 1; hop <= SimOptions.DEFAULT_LOOP_LIMIT; hop++) {
                vendor.listener.accept();
                socket = vendor.process.winsock().tcpSocket(family);
                SimSocket connecting = socket;
                if (hop == SimOptions.DEFAULT_LOOP_LIMIT) {
                    assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> connecting.connect(origin));
                } else {
                    connecting.connect(origin);
                }
            }
            List<Finding<Diagnostic>> findings = sim.verifier().diagnostics();
            assertThat(findings.get(findings.size() - 1).detail()).contains("on socket " + socket.handle() + " before");
            SimSocket unbound = socket;
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(unbound::listen)
                    .withMessageContaining("listen " + unbound.handle() + " failed");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void handles_areNeverUsedAgain_andFailOnceTheirSocketIsClosed(AddressFamily family) {
        try (WfpSim sim = open()) {
            Winsock winsock = process(sim, "app.exe").winsock();
            Set<Long> seen = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                SocketHandle socket = winsock.socket(family.code(), 1 + i % 2, i % 2 == 0 ? 6 : 17);
                assertThat(seen.add(socket.value())).isTrue();
                assertThat(winsock.closesocket(socket)).isZero();
                assertThat(winsock.closesocket(socket)).isEqualTo(Winsock.SOCKET_ERROR);
                assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAENOTSOCK.code());
            }
        }
    }
}
