package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call on a socket while another call on it, or the end of its process, is under way. */
@Timeout(20)
class SocketRacesTest {

    private static final int ROUNDS = 200;
    private static final int PORT = 7000;

    private static SimProcess app(WfpSim sim) {
        return sim.process("C:\\app.exe", Token.STANDARD_USER);
    }

    private static InetSocketAddress loopback(AddressFamily family) {
        return new InetSocketAddress(IpAddress.loopback(family), PORT);
    }

    /** Does something whenever a layer (named by its IPv4 form) is asked, and decides nothing. */
    private static CalloutRegistration whenAsked(WfpSim sim, Layer layer, AddressFamily family, Runnable deed) {
        UUID key = new UUID(6, 6);
        sim.fwpm().addFilter(Filter.at(layer.withFamily(family)).callout(key));
        return sim.loadDriver("watch.sys")
                .registerCallout(key, (values, meta, data, context, filter, flow, out) -> deed.run());
    }

    private static Win32Error errorOf(Callable<?> call) {
        try {
            call.call();
            return Win32Error.NO_ERROR;
        } catch (WinsockException failed) {
            return failed.error();
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    // ---- bind and listen

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void listen_whileABindIsUnderWay_isInvalid(AddressFamily family) throws IOException {
        List<Win32Error> early = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                SimSocket server = app(sim).winsock().tcpSocket(family);
                CalloutRegistration callout = whenAsked(
                        sim, Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, family, () -> early.add(errorOf(server::listen)))) {
            server.bind(loopback(family));
            assertThat(early).containsExactly(Win32Error.WSAEINVAL);

            server.listen();
            app(sim).winsock().tcpSocket(family).connect(loopback(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void listen_whileABindIsUnderWayThatFails_leavesNoListener(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open();
                SimSocket first = app(sim).winsock().tcpSocket(family).bind(loopback(family));
                SimSocket second = app(sim).winsock().tcpSocket(family);
                CalloutRegistration callout =
                        whenAsked(sim, Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, family, () -> errorOf(second::listen))) {
            assertThat(errorOf(() -> second.bind(first.localAddress()))).isEqualTo(Win32Error.WSAEADDRINUSE);

            assertThat(sim.connections())
                    .extracting(connection -> connection.state())
                    .containsExactly(ConnectionState.BOUND, ConnectionState.OPEN);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bindAndListen_atOnce_neverMakeAListenerThatHearsNothing(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess app = app(sim);
            for (int round = 0; round < ROUNDS; round++) {
                try (SimSocket server = app.winsock().tcpSocket(family);
                        SimSocket client = app.winsock().tcpSocket(family)) {
                    List<Win32Error> errors = Race.run(
                            List.of(() -> errorOf(() -> server.bind(loopback(family))), () -> errorOf(server::listen)));

                    assertThat(errors.get(0)).isEqualTo(Win32Error.NO_ERROR);
                    assertThat(errorOf(() -> client.connect(loopback(family))))
                            .isEqualTo(
                                    errors.get(1) == Win32Error.NO_ERROR
                                            ? Win32Error.NO_ERROR
                                            : Win32Error.WSAECONNREFUSED);
                }
            }
        }
    }

    // ---- close

    @ParameterizedTest
    @EnumSource(
            value = Layer.class,
            names = {"FWPS_LAYER_ALE_BIND_REDIRECT_V4", "FWPS_LAYER_ALE_AUTH_LISTEN_V4"})
    void close_whileABindOrListenIsUnderWay_givesTheAddressBack(Layer layer) throws IOException {
        for (AddressFamily family : AddressFamily.values()) {
            try (WfpSim sim = WfpSim.open();
                    SimSocket closed = app(sim).winsock().tcpSocket(family);
                    CalloutRegistration callout = whenAsked(sim, layer, family, closed::close)) {
                errorOf(() -> closed.bind(loopback(family)).listen());

                assertThat(sim.connections()).isEmpty();
                assertThat(errorOf(() -> app(sim).winsock().tcpSocket(family).connect(loopback(family))))
                        .isEqualTo(Win32Error.WSAECONNREFUSED);
                app(sim).winsock().tcpSocket(family).bind(loopback(family)).listen();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Layer.class,
            names = {
                "FWPS_LAYER_ALE_CONNECT_REDIRECT_V4",
                "FWPS_LAYER_ALE_AUTH_CONNECT_V4",
                "FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4"
            })
    void close_whileAConnectIsUnderWay_endsItAndGivesTheFiveTupleBack(Layer layer) throws IOException {
        for (AddressFamily family : AddressFamily.values()) {
            try (WfpSim sim = WfpSim.open();
                    RemoteServer server = sim.network().listen(Vendor.origin(family));
                    SimSocket closed = boundToPort(sim, family);
                    CalloutRegistration callout = whenAsked(sim, layer, family, closed::close)) {
                assertThat(errorOf(() -> closed.connect(server.address()))).isEqualTo(Win32Error.WSAEINTR);

                assertThat(sim.connections()).isEmpty();
                boundToPort(sim, family).connect(server.address());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void close_beforeAConnectTookItsFiveTuple_leavesTheFiveTupleFree(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(Vendor.origin(family));
                SimSocket closed = boundToPort(sim, family)) {
            sim.trace().addListener(entry -> {
                if (entry.event() instanceof TraceEvent.Connecting) {
                    closed.close();
                }
            });
            assertThat(errorOf(() -> closed.connect(server.address()))).isEqualTo(Win32Error.WSAEINTR);

            assertThat(sim.connections()).isEmpty();
            boundToPort(sim, family).connect(server.address());
        }
    }

    /** Bound to the wildcard, so that the source of its connection is chosen on the way. */
    private static SimSocket boundToPort(WfpSim sim, AddressFamily family) throws WinsockException {
        InetSocketAddress anyAddress = new InetSocketAddress(IpAddress.wildcard(family), PORT);
        return app(sim).winsock().tcpSocket(family).bind(anyAddress);
    }

    @ParameterizedTest
    @EnumSource(
            value = Layer.class,
            names = {"FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4", "FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4"})
    void server_thatEndsWhileAConnectIsUnderWay_takesTheConnectionWithIt(Layer layer) throws IOException {
        for (AddressFamily family : AddressFamily.values()) {
            try (WfpSim sim = WfpSim.open();
                    SimProcess server = sim.process("C:\\server.exe", Token.STANDARD_USER);
                    CalloutRegistration callout = whenAsked(sim, layer, family, server::close)) {
                server.winsock().tcpSocket(family).bind(loopback(family)).listen();
                SimSocket client = app(sim).winsock().tcpSocket(family).connect(loopback(family));

                assertThat(errorOf(() -> client.receive(new byte[1]))).isEqualTo(Win32Error.WSAECONNRESET);
                assertThat(sim.connections()).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Layer.class,
            names = {
                "FWPS_LAYER_ALE_CONNECT_REDIRECT_V4",
                "FWPS_LAYER_ALE_AUTH_CONNECT_V4",
                "FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4",
                "FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4"
            })
    @Spec({"REC-28", "REC-29"})
    void eitherEnd_thatGoesWhileARedirectedConnectIsUnderWay_leavesNoContext(Layer layer) throws IOException {
        for (AddressFamily family : AddressFamily.values()) {
            for (boolean clientGoes : new boolean[] {true, false}) {
                try (WfpSim sim = WfpSim.open();
                        Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting(new byte[4]);
                        SimSocket client = app(sim).winsock().tcpSocket(family);
                        CalloutRegistration callout =
                                whenAsked(sim, layer, family, clientGoes ? client::close : vendor.process::close)) {
                    errorOf(() -> client.connect(Vendor.origin(family)));
                    client.close();

                    assertThat(vendor.driver.pool().outstanding())
                            .as("%s, client goes: %s", family, clientGoes)
                            .isEmpty();
                }
            }
        }
    }

    // ---- connect

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_whileAnotherIsUnderWay_isAlreadyInProgress(AddressFamily family) throws IOException {
        List<Win32Error> second = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(Vendor.origin(family));
                SimSocket socket = app(sim).winsock().tcpSocket(family);
                CalloutRegistration callout = whenAsked(
                        sim,
                        Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                        family,
                        () -> second.add(errorOf(() -> socket.connect(server.address()))))) {
            socket.connect(server.address());

            assertThat(second).containsExactly(Win32Error.WSAEALREADY);
            assertThat(errorOf(() -> socket.connect(server.address()))).isEqualTo(Win32Error.WSAEISCONN);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-10", "WSA-12"})
    void setAndConnect_atOnce_setSucceedsExactlyIfTheConnectSeesTheRecords(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            app(sim).winsock().tcpSocket(family).connect(origin);
            byte[] records = vendor.listener.accept().queryRedirectRecords().orElseThrow();
            for (int round = 0; round < ROUNDS; round++) {
                vendor.states.clear();
                try (SimSocket onward = vendor.process.winsock().tcpSocket(family)) {
                    List<Win32Error> errors = Race.run(List.of(
                            () -> errorOf(() -> onward.setRedirectRecords(records)),
                            () -> errorOf(() -> onward.connect(origin))));

                    assertThat(errors.get(1)).isEqualTo(Win32Error.NO_ERROR);
                    assertThat(vendor.states)
                            .as("after SET gave %s", errors.get(0))
                            .containsExactly(
                                    errors.get(0) == Win32Error.NO_ERROR
                                            ? RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF
                                            : RedirectState.FWPS_CONNECTION_NOT_REDIRECTED);
                }
                vendor.listener.tryAccept().ifPresent(SimSocket::close);
            }
        }
    }
}
