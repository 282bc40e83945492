package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.UdpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.Network;
import io.github.wfpsim.trace.DropReason;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.InlineEdit;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way in which a datagram dies leaves a line that says who lost it, where and why (UDP-60 to UDP-63). */
@Timeout(20)
class LostDatagramsTest {

    private static final int DNS = 53;
    private static final int CLOSES = 150;
    private static final int SENDS = 20;

    private static InetSocketAddress local(AddressFamily family, int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    private static InetSocketAddress remote(AddressFamily family) {
        return IpAddress.parse(family == AddressFamily.AF_INET ? "203.0.113.53:53" : "[2001:db8::53]:53");
    }

    private static SimProcess app(WfpSim sim) {
        return sim.process("C:\\app.exe", Token.STANDARD_USER);
    }

    private static SimDatagramSocket udp(SimProcess process, AddressFamily family) throws IOException {
        return process.winsock().udpSocket(family);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static List<TraceEvent.DatagramDropped> lost(WfpSim sim) {
        return sim.trace().log().entries().stream()
                .map(entry -> entry.event())
                .filter(TraceEvent.DatagramDropped.class::isInstance)
                .map(TraceEvent.DatagramDropped.class::cast)
                .toList();
    }

    private static void assertLost(WfpSim sim, DropReason reason, InetSocketAddress to, int size, SimProcess whose) {
        assertThat(lost(sim)).hasSize(1);
        TraceEvent.DatagramDropped drop = lost(sim).get(0);
        assertThat(drop.reason()).isEqualTo(reason);
        assertThat(drop.destination()).isEqualTo(to);
        assertThat(drop.bytes()).isEqualTo(size);
        assertThat(drop.subject()).isNotNull();
        assertThat(drop.subject().pid()).isEqualTo(whose.id());
        assertThat(new TextRenderer().render(sim.trace().log().entries()))
                .contains("datagram of " + size + " bytes is dropped")
                .contains(reason.text());
    }

    // ---- where it leaves

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-60", "UDP-61", "WFP-03"})
    void blockedDatagram_isLostInSilence_unlessTheKnobFailsTheSend(AddressFamily family) throws Exception {
        SimOptions failing = SimOptions.defaults().with(Deviation.BLOCKED_DATAGRAM_FAILS_SEND);
        for (SimOptions options : List.of(SimOptions.defaults(), failing)) {
            for (boolean connected : new boolean[] {false, true}) {
                try (WfpSim sim = WfpSim.open(options)) {
                    SimProcess app = app(sim);
                    SimDatagramSocket server = udp(app, family).bind(local(family, DNS));
                    sim.fwpm()
                            .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                                    .block());
                    SimDatagramSocket client = udp(app, family);
                    if (connected) {
                        client.connect(local(family, DNS));
                    }

                    if (options.equals(failing)) {
                        assertThatExceptionOfType(WinsockException.class)
                                .isThrownBy(() -> client.send(bytes("query"), local(family, DNS)))
                                .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEACCES));
                        assertThat(lost(sim)).isEmpty();
                    } else {
                        client.send(bytes("query"), local(family, DNS));
                        assertLost(sim, DropReason.BLOCKED_AT_SENDER, local(family, DNS), 5, app);
                        assertThat(lost(sim).get(0).layer())
                                .isEqualTo(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family));
                    }
                    assertThat(server.tryReceive()).isEmpty();
                    assertThat(client.tryReceive()).as("no error comes later").isEmpty();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-60", "UDP-61"})
    void blockAtFlowEstablished_namesThatLayer(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess app = app(sim);
            udp(app, family).bind(local(family, DNS));
            sim.fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family))
                            .block());

            udp(app, family).send(bytes("x"), local(family, DNS));

            assertLost(sim, DropReason.BLOCKED_AT_SENDER, local(family, DNS), 1, app);
            assertThat(lost(sim).get(0).layer()).isEqualTo(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-60", "WFP-50"})
    void incompleteRedirect_losesTheDatagram(AddressFamily family) throws Exception {
        SimOptions recording = SimOptions.defaults().faultMode(FaultMode.RECORD);
        ClassifyFn1[] callout = new ClassifyFn1[1];
        try (WfpSim sim = WfpSim.open(recording);
                UdpProduct acme = product(sim, callout)) {
            callout[0] = (values, meta, data, context, filter, flow, out) ->
                    InlineEdit.connect(acme.driver().fwps(), context, filter, out, request -> {
                        request.setRemoteAddressAndPort(local(family, 9));
                        request.setLocalRedirectHandle(acme.redirectHandle());
                    });
            SimProcess app = app(sim);

            udp(app, family).send(bytes("x"), remote(family));

            assertLost(sim, DropReason.INCOMPLETE_REDIRECT, remote(family), 1, app);
            assertThat(sim.verifier().violations()).hasSize(1);
        }
    }

    private static UdpProduct product(WfpSim sim, ClassifyFn1[] callout) throws IOException {
        return sim.product("acme")
                .callout(ofTheProduct -> (values, meta, data, context, filter, flow, out) ->
                        callout[0].classify(values, meta, data, context, filter, flow, out))
                .redirectUdp(DNS);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-60", "UDP-63"})
    void connectedSocket_thatLeavesTheAddressOut_losesRedirectedDatagramsWithTheKnob(AddressFamily family)
            throws Exception {
        SimOptions losing = SimOptions.defaults().with(Deviation.CONNECTED_UDP_REDIRECT_LOST);
        for (SimOptions options : List.of(SimOptions.defaults(), losing)) {
            try (WfpSim sim = WfpSim.open(options);
                    UdpProduct acme = sim.product("acme").redirectUdp(DNS)) {
                SimProcess app = app(sim);
                SimDatagramSocket client = udp(app, family).connect(remote(family));

                client.send(bytes("plain"));
                if (options.equals(losing)) {
                    assertThat(acme.socket(family).tryReceive()).isEmpty();
                    assertLost(
                            sim,
                            DropReason.CONNECTED_REDIRECT_LOST,
                            acme.socket(family).localAddress(),
                            5,
                            app);
                } else {
                    assertThat(acme.socket(family).receive().payload()).isEqualTo(bytes("plain"));
                }
                client.send(bytes("addressed"), remote(family));
                assertThat(acme.socket(family).receive().payload()).isEqualTo(bytes("addressed"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-53")
    void sourceAndDestination_thatDoNotGoTogether_failTheSend(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            InetAddress own = sim.addresses().stream()
                    .filter(address -> AddressFamily.of(address) == family)
                    .findFirst()
                    .orElseThrow();
            SimDatagramSocket onLoopback = udp(app(sim), family).bind(local(family, 0));
            SimDatagramSocket elsewhere = udp(app(sim), family).bind(new InetSocketAddress(own, 0));

            assertNotAvailable(() -> onLoopback.send(bytes("x"), remote(family)));
            assertNotAvailable(() -> elsewhere.send(bytes("x"), local(family, DNS)));
        }
    }

    private static void assertNotAvailable(ThrowingCallable send) {
        assertThatExceptionOfType(WinsockException.class)
                .isThrownBy(send)
                .withMessageContaining("do not go together")
                .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEADDRNOTAVAIL));
    }

    // ---- where nobody takes it

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-60", "UDP-62"})
    void redirectToAPortWithoutReceiver_isToldOnceForEachFlow(AddressFamily family) throws Exception {
        ClassifyFn1[] callout = new ClassifyFn1[1];
        try (WfpSim sim = WfpSim.open();
                UdpProduct acme = product(sim, callout)) {
            callout[0] = acme.driver().redirectCallout(acme.redirectHandle(), local(family, 9), acme.process());
            SimProcess app = app(sim);
            SimDatagramSocket client = udp(app, family);

            client.send(bytes("x"), remote(family));

            assertLost(sim, DropReason.NOBODY_RECEIVES, local(family, 9), 1, app);
            client.send(bytes("y"), remote(family));
            assertThat(lost(sim)).hasSize(2);
            assertThat(sim.verifier().diagnostics()).hasSize(1);
            assertThat(sim.verifier().diagnostics().get(0).kind()).isEqualTo(Diagnostic.DATAGRAM_REDIRECTED_TO_NOBODY);
            assertThat(sim.verifier().diagnostics().get(0).detail())
                    .contains(IpAddress.text(remote(family)))
                    .contains(IpAddress.text(local(family, 9)))
                    .contains(DropReason.NOBODY_RECEIVES.text());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-60")
    void portWithoutReceiver_andReceiverWithAnotherPeer_loseIt(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess app = app(sim);
            udp(app, family).send(bytes("x"), local(family, DNS));
            assertLost(sim, DropReason.NOBODY_RECEIVES, local(family, DNS), 1, app);
        }
        try (WfpSim sim = WfpSim.open()) {
            SimProcess app = app(sim);
            udp(app, family).bind(local(family, DNS)).connect(local(family, 7));
            udp(app, family).send(bytes("x"), local(family, DNS));
            assertLost(sim, DropReason.OTHER_PEER, local(family, DNS), 1, app);
            assertThat(sim.verifier().diagnostics()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-60")
    void addressThatNobodyHas_losesIt_andFailsTheSend(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess app = app(sim);
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> udp(app, family).send(bytes("x"), remote(family)))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAENETUNREACH));
            assertLost(sim, DropReason.NO_ROUTE, remote(family), 1, app);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-60")
    void machineWhoseNetworkIsOff_orWithoutReceiver_tellsInItsOwnStory(AddressFamily family) throws Exception {
        InetAddress there = remote(family).getAddress();
        try (Network network = WfpSim.openNetwork();
                WfpSim sender = WfpSim.builder().network(network).open();
                WfpSim receiver =
                        WfpSim.builder().network(network).address(there).open()) {
            SimDatagramSocket client = udp(app(sender), family);
            client.send(bytes("1"), remote(family));
            receiver.setNetworkUp(false);
            client.send(bytes("2"), remote(family));

            assertThat(lost(receiver))
                    .extracting(TraceEvent.DatagramDropped::reason)
                    .containsExactly(DropReason.NOBODY_RECEIVES, DropReason.NETWORK_OFF);
            assertThat(lost(sender)).hasSize(2);
        }
    }

    // ---- where it arrives

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-60", "WFP-03"})
    void blockAtTheReceiver_losesIt(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.process("C:\\server.exe", Token.STANDARD_USER);
            udp(server, family).bind(local(family, DNS));
            sim.fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4.withFamily(family))
                            .block());

            udp(app(sim), family).send(bytes("x"), local(family, DNS));

            assertLost(sim, DropReason.BLOCKED_AT_RECEIVER, local(family, DNS), 1, server);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-60")
    void fullReceiver_andOneThatCloses_loseIt(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.process("C:\\server.exe", Token.STANDARD_USER);
            SimDatagramSocket receiver = udp(server, family).bind(local(family, DNS));
            SimDatagramSocket client = udp(app(sim), family);
            client.send(new byte[60_000], local(family, DNS));
            client.send(new byte[60_000], local(family, DNS));
            assertLost(sim, DropReason.NO_ROOM, local(family, DNS), 60_000, server);

            receiver.close();

            assertThat(lost(sim))
                    .extracting(TraceEvent.DatagramDropped::reason)
                    .containsExactly(DropReason.NO_ROOM, DropReason.RECEIVER_CLOSED);
        }
    }

    /** Whatever the order of the threads, no datagram dies without a word. */
    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-60")
    void datagramsThatMeetAClose_areAllToldOf(AddressFamily family) throws Exception {
        for (int round = 0; round < CLOSES; round++) {
            try (WfpSim sim = WfpSim.open()) {
                SimProcess server = sim.process("C:\\server.exe", Token.STANDARD_USER);
                SimDatagramSocket receiver = udp(server, family).bind(local(family, DNS));
                SimDatagramSocket client = udp(app(sim), family);
                client.send(new byte[1], local(family, DNS));
                CyclicBarrier together = new CyclicBarrier(2);
                CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
                    await(together);
                    receiver.close();
                });
                await(together);
                for (int i = 0; i < SENDS; i++) {
                    client.send(new byte[1], local(family, DNS));
                }
                closing.join();

                assertThat(lost(sim)).hasSize(1 + SENDS);
            }
        }
    }

    private static void await(CyclicBarrier together) {
        try {
            together.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
            throw new AssertionError(alone);
        }
    }
}
