package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.net.Sockaddr;
import io.github.wfpsim.trace.DropReason;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams of kernel sockets, their peers, and socket options. */
@Timeout(20)
class WskDatagramTest {

    private static final int RECEIVE_FROM = WskEventFlags.WSK_EVENT_RECEIVE_FROM;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static WskDatagramSocket open(WskBench bench, @Nullable WskClientDatagramDispatch dispatch) {
        return (WskDatagramSocket) bench.send(irp -> bench.npi.wskSocket(
                        bench.family.code(),
                        2,
                        WskBench.UDP,
                        WskFlags.WSK_FLAG_DATAGRAM_SOCKET,
                        "udp",
                        dispatch,
                        0,
                        irp))
                .pointer();
    }

    private static WskDatagramSocket bound(WskBench bench, @Nullable WskClientDatagramDispatch dispatch) {
        WskDatagramSocket socket = open(bench, dispatch);
        bench.succeed(irp -> socket.wskBind(bench.any(), 0, irp));
        return socket;
    }

    private static NtStatus send(
            WskBench bench, WskDatagramSocket socket, String text, @Nullable InetSocketAddress to) {
        return bench.run(irp -> socket.wskSendTo(bench.buffer(utf8(text)), 0, to, 0, null, irp));
    }

    /** Sends and has it answered: the answer comes to the socket. */
    private static InetSocketAddress sendTo(WskBench bench, WskDatagramSocket socket, RemoteDatagramSocket far)
            throws InterruptedException {
        assertThat(send(bench, socket, "hello", far.address())).isEqualTo(NtStatus.STATUS_SUCCESS);
        return Objects.requireNonNull(far.receive(Deadline.NEVER)).source();
    }

    private static void say(RemoteDatagramSocket far, String text, InetSocketAddress to) throws Exception {
        far.send(ByteBuffer.wrap(utf8(text)), to);
    }

    private static String receive(WskBench bench, WskDatagramSocket socket) {
        WskBuf buffer = bench.buffer(100);
        long count = bench.send(irp -> socket.wskReceiveFrom(buffer, 0, null, null, null, null, irp))
                .outcome()
                .information();
        return new String(WskBench.bytes(buffer, count), StandardCharsets.UTF_8);
    }

    private static NtStatus peer(
            WskBench bench, WskSocket socket, ControlCode code, @Nullable InetSocketAddress address) {
        ByteBuffer bytes = address == null ? null : Sockaddr.bytesOf(address);
        return bench.run(irp -> socket.wskControlSocket(
                WskControlRequestType.WskIoctl,
                code.code(),
                0,
                bytes == null ? 0 : bytes.remaining(),
                WskBench.memory(bytes),
                0,
                null,
                null,
                irp));
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"UDP-60", "UDP-61"})
    void blockedDatagram_isLostInSilence(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                            .block());

            assertThat(send(bench, bound(bench, null), "x", bench.local(9))).isEqualTo(NtStatus.STATUS_SUCCESS);

            assertThat(bench.lostDatagrams()).containsExactly(DropReason.BLOCKED_AT_SENDER);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WFP-53")
    void sourceAndDestination_thatDoNotGoTogether_failTheSend(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            WskDatagramSocket socket = open(bench, null);
            bench.succeed(irp -> socket.wskBind(bench.local(0), 0, irp));

            assertThat(send(bench, socket, "x", bench.remote(99))).isEqualTo(NtStatus.STATUS_INVALID_ADDRESS_COMPONENT);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-29")
    void datagrams_goAndCome_andALongOneIsCut(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            RemoteDatagramSocket far = bench.sim.network().datagramSocket(bench.remote(10));
            WskDatagramSocket socket = bound(bench, null);
            assertThat(bench.send(irp -> socket.wskSendTo(bench.buffer(utf8("four")), 0, far.address(), 0, null, irp))
                            .outcome()
                            .information())
                    .isEqualTo(4);
            Datagram seen = Objects.requireNonNull(far.receive(Deadline.NEVER));
            assertThat(seen.payload()).isEqualTo(ByteBuffer.wrap(utf8("four")));
            WskBuf buffer = bench.buffer(3);
            Out<InetSocketAddress> from = Out.empty();
            OutUlong controlLength = new OutUlong();
            controlLength.set(16);
            OutUlong flags = new OutUlong();
            WskBench.Sent receive = bench.send(
                    irp -> socket.wskReceiveFrom(buffer, 0, from, controlLength, ByteBuffer.allocate(16), flags, irp));
            assertThat(receive.isOver()).isFalse();

            say(far, "answer", seen.source());

            assertThat(receive.outcome().information()).isEqualTo(3);
            assertThat(WskBench.bytes(buffer, 3)).isEqualTo(utf8("ans"));
            assertThat(from.get()).isEqualTo(far.address());
            assertThat(flags.value()).isEqualTo(WskEventFlags.MSG_TRUNC);
            assertThat(controlLength.value()).isZero();
            say(far, "abc", seen.source());
            bench.succeed(irp -> socket.wskReceiveFrom(buffer, 0, null, null, null, flags, irp));
            assertThat(flags.value()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-07", "WSKS-29"})
    void datagrams_needABoundSocketAndGoodArguments(AddressFamily family, CompletionMode mode) {
        try (WskBench bench = new WskBench(family, mode)) {
            WskDatagramSocket socket = open(bench, null);
            assertThat(send(bench, socket, "x", bench.remote(10))).isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(bench.run(irp -> socket.wskReceiveFrom(bench.buffer(1), 0, null, null, null, null, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            bench.succeed(irp -> socket.wskBind(bench.any(), 0, irp));
            assertThat(send(bench, socket, "x", null)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> socket.wskSendTo(bench.buffer(1), 1, bench.remote(10), 0, null, irp)))
                    .isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
            assertThat(bench.run(irp ->
                            socket.wskSendTo(bench.buffer(1), 0, bench.remote(10), 16, ByteBuffer.allocate(16), irp)))
                    .as("malformed control data")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> socket.wskSendTo(bench.buffer(70_000), 0, bench.remote(10), 0, null, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_BUFFER_SIZE);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"UDP-60", "WSKS-30"})
    void fixedPeer_isWhereDatagramsGo_andWithOneOfTheCodesWhereTheyComeFrom(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            RemoteDatagramSocket peer = bench.sim.network().datagramSocket(bench.remote(10));
            RemoteDatagramSocket other = bench.sim.network().datagramSocket(bench.remote(11));
            for (ControlCode code :
                    new ControlCode[] {ControlCode.SIO_WSK_SET_REMOTE_ADDRESS, ControlCode.SIO_WSK_SET_SENDTO_ADDRESS
                    }) {
                WskDatagramSocket socket = open(bench, null);
                assertThat(peer(bench, socket, code, peer.address())).isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
                bench.succeed(irp -> socket.wskBind(bench.any(), 0, irp));
                assertThat(peer(bench, socket, code, peer.address())).isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(send(bench, socket, "to the peer", null)).isEqualTo(NtStatus.STATUS_SUCCESS);
                InetSocketAddress local =
                        Objects.requireNonNull(peer.receive(Deadline.NEVER)).source();
                assertThat(sendTo(bench, socket, other))
                        .as("another may be named")
                        .isEqualTo(local);

                say(other, "of a third party", local);
                say(peer, "of the peer", local);

                boolean filters = code == ControlCode.SIO_WSK_SET_REMOTE_ADDRESS;
                assertThat(receive(bench, socket)).isEqualTo(filters ? "of the peer" : "of a third party");
                assertThat(bench.lostDatagrams()).containsExactly(DropReason.OTHER_PEER);
                assertThat(peer(bench, socket, code, null)).isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(send(bench, socket, "x", null)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
                say(other, "again", local);
                while (!receive(bench, socket).equals("again")) {
                    // What came before.
                }
            }
            assertThat(peer(bench, bench.bound(0), ControlCode.SIO_WSK_SET_REMOTE_ADDRESS, peer.address()))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_REQUEST);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-29", "WSKS-32"})
    void receiveFromEvent_getsDatagrams_unlessAnIrpWaits(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            RemoteDatagramSocket far = bench.sim.network().datagramSocket(bench.remote(10));
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            WskClientDatagramDispatch dispatch = new WskClientDatagramDispatch((context, flags, first) -> {
                came.add(context + " " + text(first));
                return NtStatus.STATUS_SUCCESS;
            });
            WskDatagramSocket early = open(bench, dispatch);
            assertThat(WskEventTest.control(early, WskEventCallbackControl.enable(RECEIVE_FROM)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            WskDatagramSocket socket = bound(bench, dispatch);
            WskEventTest.control(socket, WskEventCallbackControl.enable(RECEIVE_FROM));
            InetSocketAddress local = sendTo(bench, socket, far);

            say(far, "one", local);
            assertThat(WskEventTest.next(came)).isEqualTo("udp one " + far.address());
            WskBuf buffer = bench.buffer(10);
            WskBench.Sent receive = bench.send(irp -> socket.wskReceiveFrom(buffer, 0, null, null, null, null, irp));
            say(far, "two", local);
            assertThat(receive.outcome().information()).isEqualTo(3);
            WskEventTest.settle(bench);
            assertThat(came).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-29")
    void pendingReceiveFrom_goesBeforeACallbackThatIsJustBeingLookedAfter(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            RemoteDatagramSocket far = bench.sim.network().datagramSocket(bench.remote(10));
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            WskDatagramSocket socket = bound(bench, new WskClientDatagramDispatch((context, flags, first) -> {
                came.add(text(first));
                return NtStatus.STATUS_SUCCESS;
            }));
            InetSocketAddress local = sendTo(bench, socket, far);
            WskBuf buffer = bench.buffer(10);
            for (int round = 0; round < 1_000; round++) {
                WskEventTest.control(socket, WskEventCallbackControl.enable(RECEIVE_FROM));
                WskBench.Sent receive =
                        bench.send(irp -> socket.wskReceiveFrom(buffer, 0, null, null, null, null, irp));
                say(far, "irp", local);
                assertThat(receive.outcome().information()).isEqualTo(3);
            }
            assertThat(came).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-29")
    void receiveFromEvent_goesOnAfterADatagramThatReachedNobody(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            RemoteDatagramSocket far = bench.sim.network().datagramSocket(bench.remote(10));
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            WskDatagramSocket socket = bound(bench, new WskClientDatagramDispatch((context, flags, first) -> {
                came.add(text(first));
                return NtStatus.STATUS_SUCCESS;
            }));
            WskEventTest.control(socket, WskEventCallbackControl.enable(RECEIVE_FROM));
            assertThat(send(bench, socket, "nobody", bench.local(9))).isEqualTo(NtStatus.STATUS_SUCCESS);

            say(far, "answer", sendTo(bench, socket, far));

            assertThat(WskEventTest.next(came)).startsWith("answer");
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-29")
    void receiveFromEvent_hearsThatTheSocketNoLongerWorks(CompletionMode mode) {
        BlockingQueue<String> came = new LinkedBlockingQueue<>();
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            WskDatagramSocket socket = bound(bench, new WskClientDatagramDispatch((context, flags, first) -> {
                came.add(context + " " + text(first));
                return NtStatus.STATUS_SUCCESS;
            }));
            assertThat(WskEventTest.control(socket, WskEventCallbackControl.enable(RECEIVE_FROM)))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
        }

        assertThat(came).as("the machine went away").containsExactly("udp null");
    }

    private static String text(@Nullable WskDatagramIndication indication) {
        if (indication == null) {
            return "null";
        }
        WskBuf buffer = indication.buffer();
        return new String(WskBench.bytes(buffer, buffer.length()), StandardCharsets.UTF_8) + " "
                + indication.remoteAddress();
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-29", "WSKS-11"})
    void datagramIndications_canBeKept_andRefused(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            RemoteDatagramSocket far = bench.sim.network().datagramSocket(bench.remote(10));
            BlockingQueue<WskDatagramIndication> kept = new LinkedBlockingQueue<>();
            WskDatagramSocket socket = bound(bench, new WskClientDatagramDispatch((context, flags, first) -> {
                if (first != null) {
                    kept.add(first);
                }
                return text(first).startsWith("keep") ? NtStatus.STATUS_PENDING : NtStatus.STATUS_DATA_NOT_ACCEPTED;
            }));
            WskEventTest.control(socket, WskEventCallbackControl.enable(RECEIVE_FROM));
            InetSocketAddress local = sendTo(bench, socket, far);
            say(far, "keep", local);
            WskDatagramIndication first = WskEventTest.next(kept);
            WskEventTest.settle(bench);
            assertThat(text(first)).startsWith("keep");
            assertThat(socket.wskRelease(first)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.faults()).isEmpty();
            first.buffer();
            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE);

            say(far, "refuse", local);
            WskEventTest.next(kept);
            say(far, "later", local);
            WskEventTest.settle(bench);
            assertThat(kept).as("refusing switches the event off").isEmpty();
            assertThat(receive(bench, socket)).isEqualTo("refuse");
            assertThat(receive(bench, socket)).isEqualTo("later");
        }
    }

    // ---- control data

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("UDP-15")
    void kernelProxy_carriesTheRecordsOfADatagramOn(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            RemoteDatagramSocket far = bench.sim.network().datagramSocket(bench.remote(10));
            bench.redirectApp(bench.proxyAddress, bench.sim.system(), utf8("who"));
            WskDatagramSocket proxy = open(bench, null);
            bench.succeed(irp -> proxy.wskBind(bench.proxyAddress, 0, irp));
            AncillaryType records = AncillaryType.recordsOf(family);
            AncillaryType context = AncillaryType.contextOf(family);
            for (AncillaryType type : List.of(records, context)) {
                assertThat(set(bench, proxy, type.level().code(), type.code(), 1))
                        .isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(get(bench, proxy, type.level().code(), type.code())).isEqualTo(1);
            }
            Winsock winsock = bench.app.winsock();
            SocketHandle client = winsock.socket(family.code(), 2, WskBench.UDP);
            assertThat(winsock.sendto(client, ByteBuffer.wrap(utf8("ask")), 0, far.address()))
                    .isEqualTo(3);

            ByteBuffer control = ByteBuffer.allocate(2048);
            OutUlong length = new OutUlong();
            length.set(control.capacity());
            OutUlong flags = new OutUlong();
            bench.succeed(irp -> proxy.wskReceiveFrom(bench.buffer(100), 0, null, length, control, flags, irp));
            control.limit(length.value());
            List<ControlMessage> messages = ControlMessage.parse(control).orElseThrow();

            assertThat(flags.value()).isZero();
            assertThat(messages.stream().map(message -> message.ancillaryType().orElseThrow()))
                    .containsExactly(records, context);
            assertThat(messages.get(1).data()).isEqualTo(ByteBuffer.wrap(utf8("who")));

            WskDatagramSocket onward = bound(bench, null);
            int carried = ControlWriter.bufferOf(messages.get(0)).remaining();
            ByteBuffer more = ByteBuffer.allocate(carried + 40)
                    .put(ControlWriter.bufferOf(messages.get(0)))
                    .put(new byte[40])
                    .flip();
            bench.succeed(irp -> onward.wskSendTo(bench.buffer(utf8("ask")), 0, far.address(), carried, more, irp));

            assertThat(Objects.requireNonNull(far.receive(Deadline.NEVER)).payload())
                    .isEqualTo(ByteBuffer.wrap(utf8("ask")));
            assertThat(bench.sim.connections())
                    .anyMatch(connection -> connection.process().equals(bench.sim.system())
                            && !connection.inheritedChain().isEmpty());
            ByteBuffer noise = ControlWriter.bufferOf(ControlMessage.of(records, ByteBuffer.wrap(utf8("forged"))));
            assertThat(bench.run(irp -> bound(bench, null)
                            .wskSendTo(bench.buffer(1), 0, far.address(), noise.remaining(), noise, irp)))
                    .isEqualTo(NtStatus.STATUS_ACCESS_DENIED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"UDP-15", "WSKS-29"})
    void controlData_withoutRoom_isCut_andAnEventShowsIt(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            bench.sim.network().datagramSocket(bench.remote(10));
            bench.redirectApp(bench.proxyAddress, bench.sim.system());
            BlockingQueue<ByteBuffer> shown = new LinkedBlockingQueue<>();
            WskDatagramSocket proxy = open(bench, new WskClientDatagramDispatch((context, flags, first) -> {
                if (first != null) {
                    shown.add(first.controlInfo());
                }
                return NtStatus.STATUS_SUCCESS;
            }));
            bench.succeed(irp -> proxy.wskBind(bench.proxyAddress, 0, irp));
            AncillaryType records = AncillaryType.recordsOf(family);
            set(bench, proxy, records.level().code(), records.code(), 1);
            Winsock winsock = bench.app.winsock();
            winsock.sendto(
                    winsock.socket(family.code(), 2, WskBench.UDP), ByteBuffer.wrap(utf8("1")), 0, bench.remote(10));
            OutUlong length = new OutUlong();
            length.set(20);
            OutUlong flags = new OutUlong();

            bench.succeed(irp ->
                    proxy.wskReceiveFrom(bench.buffer(1), 0, null, length, ByteBuffer.allocate(2048), flags, irp));

            assertThat(flags.value()).isEqualTo(WskEventFlags.MSG_CTRUNC);
            assertThat(length.value()).isZero();
            WskEventTest.control(proxy, WskEventCallbackControl.enable(RECEIVE_FROM));
            winsock.sendto(
                    winsock.socket(family.code(), 2, WskBench.UDP), ByteBuffer.wrap(utf8("2")), 0, bench.remote(10));
            assertThat(ControlMessage.parse(WskEventTest.next(shown)).orElseThrow())
                    .extracting(message -> message.ancillaryType().orElseThrow())
                    .containsExactly(records);
        }
    }

    // ---- options

    private static NtStatus set(WskBench bench, WskSocket socket, int level, int option, int value) {
        ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value);
        return bench.run(irp -> socket.wskControlSocket(
                WskControlRequestType.WskSetOption, option, level, 4, WskControlBuffer.of(bytes), 0, null, null, irp));
    }

    private static int get(WskBench bench, WskSocket socket, int level, int option) {
        ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        OutUlong size = new OutUlong();
        bench.succeed(irp -> socket.wskControlSocket(
                WskControlRequestType.WskGetOption, option, level, 0, null, 4, WskControlBuffer.of(bytes), size, irp));
        assertThat(size.value()).isEqualTo(4);
        return bytes.getInt(0);
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSA-62")
    void addressOptions_decideWhoMayBindBesideWhom(AddressFamily family, CompletionMode mode) {
        int sol = WskFlags.SOL_SOCKET;
        try (WskBench bench = new WskBench(family, mode)) {
            InetSocketAddress shared = bench.local(5353);
            for (int i = 0; i < 2; i++) {
                WskDatagramSocket socket = open(bench, null);
                set(bench, socket, sol, WskFlags.SO_REUSEADDR, 1);
                bench.succeed(irp -> socket.wskBind(shared, 0, irp));
            }
            WskDatagramSocket plain = open(bench, null);
            assertThat(bench.run(irp -> plain.wskBind(shared, 0, irp)))
                    .isEqualTo(NtStatus.STATUS_ADDRESS_ALREADY_EXISTS);

            WskDatagramSocket alone = open(bench, null);
            assertThat(set(bench, alone, sol, WskFlags.SO_EXCLUSIVEADDRUSE, 1)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(set(bench, alone, sol, WskFlags.SO_REUSEADDR, 1))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            bench.succeed(irp -> alone.wskBind(bench.local(5354), 0, irp));
            WskDatagramSocket intruder = open(bench, null);
            set(bench, intruder, sol, WskFlags.SO_REUSEADDR, 1);
            assertThat(bench.run(irp -> intruder.wskBind(bench.local(5354), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_ACCESS_DENIED);
            assertThat(set(bench, alone, sol, WskFlags.SO_EXCLUSIVEADDRUSE, 0))
                    .as("bound already")
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    void options_areKept_orRefused(CompletionMode mode) {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET6, mode)) {
            WskSocket socket = bench.connection(0);
            int sol = WskFlags.SOL_SOCKET;
            for (int option : new int[] {
                WskFlags.SO_EXCLUSIVEADDRUSE, WskFlags.SO_KEEPALIVE, WskFlags.SO_REUSEADDR, WskFlags.SO_RCVBUF
            }) {
                assertThat(get(bench, socket, sol, option)).isZero();
                assertThat(set(bench, socket, sol, option, 1)).isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(get(bench, socket, sol, option)).isEqualTo(1);
                assertThat(set(bench, socket, sol, option, 0)).isEqualTo(NtStatus.STATUS_SUCCESS);
            }
            int ipv6 = IpProtocol.IPPROTO_IPV6.code();
            assertThat(get(bench, socket, ipv6, WskFlags.IPV6_V6ONLY)).isEqualTo(1);
            assertThat(set(bench, socket, ipv6, WskFlags.IPV6_V6ONLY, 0)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(get(bench, socket, ipv6, WskFlags.IPV6_V6ONLY)).isZero();
            assertThat(bench.run(irp -> socket.wskControlSocket(
                            WskControlRequestType.WskGetOption,
                            WskFlags.SO_KEEPALIVE,
                            sol,
                            0,
                            null,
                            4,
                            WskControlBuffer.of(ByteBuffer.allocate(4).asReadOnlyBuffer()),
                            null,
                            irp)))
                    .as("nowhere to write")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> socket.wskControlSocket(
                            WskControlRequestType.WskSetOption,
                            WskFlags.SO_KEEPALIVE,
                            sol,
                            4,
                            WskControlBuffer.of(ByteBuffer.allocate(4)),
                            4,
                            WskControlBuffer.of(ByteBuffer.allocate(4)),
                            null,
                            irp)))
                    .as("an output to set")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            WskBench other = new WskBench(AddressFamily.AF_INET, bench.sim);
            assertThat(set(other, other.connection(0), ipv6, WskFlags.IPV6_V6ONLY, 0))
                    .isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
            assertThat(set(bench, socket, sol, 0x7777, 1)).isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
            assertThat(set(bench, socket, 6, WskFlags.SO_KEEPALIVE, 1)).isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
            assertThat(set(bench, socket, sol, WskFlags.SO_CONDITIONAL_ACCEPT, 1))
                    .as("of listeners only")
                    .isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
            assertThat(bench.run(irp -> socket.wskControlSocket(
                            WskControlRequestType.WskSetOption,
                            WskFlags.SO_KEEPALIVE,
                            sol,
                            2,
                            WskControlBuffer.of(ByteBuffer.allocate(4)),
                            0,
                            null,
                            null,
                            irp)))
                    .as("cut")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            long largestSize = -1;
            assertThat(bench.run(irp -> socket.wskControlSocket(
                            WskControlRequestType.WskGetOption,
                            WskFlags.SO_KEEPALIVE,
                            sol,
                            0,
                            null,
                            largestSize,
                            WskControlBuffer.of(ByteBuffer.allocate(4)),
                            null,
                            irp)))
                    .as("a SIZE_T has no sign")
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }
}
