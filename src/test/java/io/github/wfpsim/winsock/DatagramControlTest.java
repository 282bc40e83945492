package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.DatagramLab.bytes;
import static io.github.wfpsim.winsock.DatagramLab.lastError;
import static io.github.wfpsim.winsock.DatagramLab.nonBlocking;
import static io.github.wfpsim.winsock.DatagramLab.switchOn;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.cmsg.WsaCmsgHdr;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.verifier.Diagnostic;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redirect records and contexts in control messages: WSARecvMsg takes them, WSASendMsg carries them on. */
@Timeout(20)
class DatagramControlTest {

    private static byte[] byIoctl(DatagramLab lab, ControlCode code) {
        ByteBuffer out = ByteBuffer.allocate(4096);
        OutUlong size = new OutUlong();
        assertThat(lab.proxy.winsock().wsaIoctl(lab.proxySocket, code.code(), null, 0, out, 4096, size))
                .isZero();
        byte[] bytes = new byte[size.value()];
        out.get(bytes);
        return bytes;
    }

    private static ByteBuffer carrying(AncillaryType type, byte[] data) {
        return ControlWriter.bufferOf(ControlMessage.of(type, ByteBuffer.wrap(data)));
    }

    private static Win32Error errorOf(int result, Winsock winsock) {
        assertThat(result).isEqualTo(Winsock.SOCKET_ERROR);
        return lastError(winsock);
    }

    // ---- receiving

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-01", "UDP-02", "UDP-16", "REC-09"})
    void firstPacketOfARedirectedFlow_bringsTheRecords_underTheHeadersNumbers(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family).wanting(AncillaryType.recordsOf(family))) {
            lab.ask("query", 53);
            DatagramLab.Received received = lab.receive().successful();

            assertThat(received.count()).isEqualTo(5);
            assertThat(received.payload()).isEqualTo("query");
            assertThat(received.message().dwFlags()).isZero();
            assertThat(received.control()).hasSize(1);
            assertThat(received.control().get(0).level()).isEqualTo(family == AddressFamily.AF_INET ? 0 : 41);
            assertThat(received.control().get(0).type()).isEqualTo(60);
            lab.proxy.winsock().connect(lab.proxySocket, received.source());
            for (int again = 0; again < 2; again++) {
                assertThat(byIoctl(lab, ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS))
                        .as("what the ioctl answers for the flow to the peer")
                        .isEqualTo(received.data(lab.records()));
            }
            assertThat(lab.diagnostics()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-04")
    void laterPackets_bringNothing(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family, "context")
                .wanting(AncillaryType.recordsOf(family), AncillaryType.contextOf(family))) {
            lab.ask("one", 53);
            lab.ask("two", 53);

            assertThat(lab.receive().successful().control()).hasSize(2);
            DatagramLab.Received second = lab.receive().successful();
            assertThat(second.payload()).isEqualTo("two");
            assertThat(second.control()).isEmpty();
            assertThat(second.message().controlLen()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-09")
    void records_precedeTheContext_eachWhereTheMacroLooksForIt(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family, "who asked")
                .wanting(AncillaryType.contextOf(family), AncillaryType.recordsOf(family))) {
            lab.ask("query", 53);
            ByteBuffer control = lab.receive().successful().message().control();

            WsaCmsgHdr first = Objects.requireNonNull(WsaCmsgHdr.wsaCmsgFirstHdr(control));
            assertThat(first.cmsgType()).isEqualTo(60);
            assertThat(first.cmsgLen() % 8)
                    .as("a length that needs filling up, or this shows nothing")
                    .isNotZero();
            WsaCmsgHdr second = Objects.requireNonNull(first.wsaCmsgNxtHdr());
            assertThat(second.cmsgType()).isEqualTo(70);
            assertThat(DatagramLab.text(second.wsaCmsgData())).isEqualTo("who asked");
            assertThat(second.wsaCmsgNxtHdr()).isNull();
            assertThat(control.remaining())
                    .isEqualTo(WsaCmsgHdr.wsaCmsgSpace((int) first.cmsgLen() - 16) + WsaCmsgHdr.wsaCmsgSpace(9));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-09")
    void redirectWithoutContext_hasNoContextMessage(AddressFamily family) {
        try (DatagramLab lab =
                DatagramLab.open(family).wanting(AncillaryType.contextOf(family), AncillaryType.recordsOf(family))) {
            lab.ask("query", 53);

            assertThat(lab.receive().successful().control())
                    .extracting(ControlMessage::type)
                    .containsExactly(60);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-07", "UDP-03"})
    void typeThatIsOff_doesNotCome_andLostRecordsAreToldOf(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family, "context")) {
            lab.ask("query", 53);
            assertThat(lab.receive().successful().control()).isEmpty();
            assertThat(lab.diagnostics()).containsExactly(Diagnostic.UDP_RECORD_DISCARDED);

            lab.wanting(lab.context());
            lab.ask("query", 54);
            assertThat(lab.receive().successful().control())
                    .extracting(ControlMessage::type)
                    .containsExactly(70);

            lab.wanting(lab.records());
            assertThat(lab.proxy
                            .winsock()
                            .setsockopt(lab.proxySocket, lab.context().level().code(), 70, 0))
                    .isZero();
            lab.ask("query", 55);
            assertThat(lab.receive().successful().control())
                    .extracting(ControlMessage::type)
                    .containsExactly(60);
        }
    }

    @Test
    @Spec("UDP-07")
    void dualStackReceiver_hasASwitchOfEachLevel() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            winsock.closesocket(lab.proxySocket);
            SocketHandle dual = winsock.socket(AddressFamily.AF_INET6.code(), 2, 17);
            winsock.setsockopt(dual, 41, Winsock.IPV6_V6ONLY, 0);
            winsock.bind(
                    dual, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET6), DatagramLab.PROXY_PORT));
            WsaMsg message = new WsaMsg()
                    .setName(Out.empty())
                    .setLpBuffers(ByteBuffer.allocate(100))
                    .setControl(ByteBuffer.allocate(1000));

            switchOn(winsock, dual, AncillaryType.IPV6_WFP_REDIRECT_RECORDS);
            lab.ask("query", 53);
            assertThat(lab.wsaRecvMsg.wsaRecvMsg(dual, message, new OutUlong())).isZero();
            assertThat(message.controlLen())
                    .as("v4-mapped traffic asks the other level")
                    .isZero();

            switchOn(winsock, dual, AncillaryType.IP_WFP_REDIRECT_RECORDS);
            lab.ask("query", 54);
            message.setControl(ByteBuffer.allocate(1000)).setLpBuffers(ByteBuffer.allocate(100));
            assertThat(lab.wsaRecvMsg.wsaRecvMsg(dual, message, new OutUlong())).isZero();
            ControlMessage records =
                    ControlMessage.parse(message.control()).orElseThrow().get(0);
            assertThat(records.ancillaryType()).contains(AncillaryType.IP_WFP_REDIRECT_RECORDS);

            InetSocketAddress mapped = IpAddress.toV4Mapped(lab.remote(53));
            assertThat(lab.send(
                            winsock,
                            dual,
                            mapped,
                            "onward",
                            carrying(records.ancillaryType().orElseThrow(), data(records))))
                    .isZero();
            ConnectionSnapshot redirected = lab.flow(lab.client, lab.remote(54));
            assertThat(lab.flow(lab.proxy, lab.remote(53)).inheritedChain())
                    .isNotEmpty()
                    .isEqualTo(redirected.redirectChain());
        }
    }

    private static byte[] data(ControlMessage message) {
        byte[] bytes = new byte[message.data().remaining()];
        message.data().get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-10", "UDP-21"})
    void messageWithoutRoom_isLeftOutAndLost_andTheFlagSaysSo(AddressFamily family) {
        int length;
        try (DatagramLab lab = DatagramLab.open(family)) {
            length = WsaCmsgHdr.wsaCmsgLen(lab.freshRecords().length);
        }
        for (int room : new int[] {0, 1, 15, 16, 17, length - 1}) {
            try (DatagramLab lab = DatagramLab.open(family).wanting(AncillaryType.recordsOf(family))) {
                lab.ask("query", 53);
                DatagramLab.Received received = lab.receive(room);

                assertThat(received.error()).as("%s bytes", room).isEqualTo(Win32Error.WSAEMSGSIZE);
                assertThat(received.message().dwFlags()).isEqualTo(WsaMsg.MSG_CTRUNC);
                assertThat(received.message().controlLen()).isZero();
                assertThat(received.count()).as("the payload came whole").isEqualTo(5);
                nonBlocking(lab.proxy.winsock(), lab.proxySocket);
                assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAEWOULDBLOCK);
                lab.ask("again", 53);
                assertThat(lab.receive().successful().control()).isEmpty();
                lab.proxy.winsock().connect(lab.proxySocket, received.source());
                assertThat(byIoctl(lab, ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS))
                        .as("a connected socket can still ask")
                        .isNotEmpty();
            }
        }
        try (DatagramLab lab = DatagramLab.open(family).wanting(AncillaryType.recordsOf(family))) {
            lab.ask("query", 53);
            assertThat(lab.receive(length).successful().control()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-10")
    void contextThatFits_comes_thoughTheRecordsDoNot(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family, "small")
                .wanting(AncillaryType.recordsOf(family), AncillaryType.contextOf(family))) {
            lab.ask("query", 53);
            DatagramLab.Received received = lab.receive(24);

            assertThat(received.error()).isEqualTo(Win32Error.WSAEMSGSIZE);
            assertThat(received.message().dwFlags()).isEqualTo(WsaMsg.MSG_CTRUNC);
            assertThat(received.data(lab.context())).asString().isEqualTo("small");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-21")
    void longPayload_isCut_withoutHarmToTheControlData(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family).wanting(AncillaryType.recordsOf(family))) {
            lab.ask("long query", 53);
            ByteBuffer small = ByteBuffer.allocate(4);
            DatagramLab.Received received =
                    lab.receive(new WsaMsg().setLpBuffers(small).setControl(ByteBuffer.allocate(1000)));

            assertThat(received.error()).isEqualTo(Win32Error.WSAEMSGSIZE);
            assertThat(received.message().dwFlags()).isEqualTo(WsaMsg.MSG_TRUNC);
            assertThat(received.count()).isEqualTo(4);
            assertThat(DatagramLab.text(small.flip())).isEqualTo("long");
            assertThat(received.control()).hasSize(1);

            lab.ask("long query", 54);
            received = lab.receive(new WsaMsg());
            assertThat(received.message().dwFlags()).isEqualTo(WsaMsg.MSG_TRUNC | WsaMsg.MSG_CTRUNC);
            assertThat(received.count()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-35")
    void processThatIsNotTheTarget_getsNoRecords(AddressFamily family) {
        for (SimOptions options :
                List.of(SimOptions.defaults(), SimOptions.defaults().with(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS))) {
            try (DatagramLab lab = DatagramLab.open(family, options)) {
                SimProcess stranger = lab.sim.process("C:\\stranger.exe", Token.ELEVATED_ADMINISTRATOR);
                lab.proxy.winsock().closesocket(lab.proxySocket);
                SocketHandle socket = lab.udp(stranger.winsock());
                stranger.winsock().bind(socket, lab.local(DatagramLab.PROXY_PORT));
                switchOn(stranger.winsock(), socket, lab.records());
                lab.ask("query", 53);
                WsaMsg message =
                        new WsaMsg().setLpBuffers(ByteBuffer.allocate(9)).setControl(ByteBuffer.allocate(999));

                assertThat(DatagramLab.wsaRecvMsg(stranger.winsock(), socket)
                                .wsaRecvMsg(socket, message, new OutUlong()))
                        .isZero();
                assertThat(message.controlLen() > 0).isEqualTo(options.has(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-11")
    void flowThatWasIdle_isRedirectedAfresh_andBringsRecordsAgain(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family).wanting(AncillaryType.recordsOf(family))) {
            lab.ask("one", 53);
            byte[] first = lab.receive().successful().data(lab.records());
            lab.sim.clock().advance(Duration.ofSeconds(59));
            lab.ask("two", 53);
            assertThat(lab.receive().successful().control())
                    .as("used within the minute")
                    .isEmpty();
            lab.sim.clock().advance(Duration.ofSeconds(61));
            lab.ask("three", 53);

            assertThat(lab.receive().successful().data(lab.records()))
                    .as("of another redirect")
                    .isNotEqualTo(first);
            assertThat(lab.states).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-19")
    void eachFlowOfOneSocket_bringsRecordsOfItsOwn(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family).wanting(AncillaryType.recordsOf(family))) {
            lab.ask("one", 53);
            DatagramLab.Received one = lab.receive().successful();
            lab.ask("two", 54);
            DatagramLab.Received two = lab.receive().successful();

            assertThat(two.data(lab.records())).isNotEqualTo(one.data(lab.records()));
            assertThat(two.source()).as("one five-tuple").isEqualTo(one.source());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-20")
    void packetToNobody_failsOneReceiveByMessage_too(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            nonBlocking(lab.proxy.winsock(), lab.proxySocket);
            for (int i = 0; i < 2; i++) {
                lab.send(lab.proxy.winsock(), lab.proxySocket, lab.local(9), "x", ByteBuffer.allocate(0));
            }

            assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAECONNRESET);
            assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAECONNRESET);
            assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAEWOULDBLOCK);
        }
    }

    // ---- carrying on

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-05", "UDP-12"})
    void recordsOnTheFirstPacket_tieTheOnwardFlowToTheRedirectedOne(AddressFamily family) throws Exception {
        try (DatagramLab lab = DatagramLab.open(family)) {
            byte[] records = lab.freshRecords();
            Winsock winsock = lab.proxy.winsock();
            SocketHandle onward = lab.udp(winsock);

            assertThat(lab.send(winsock, onward, lab.remote(53), "first", carrying(lab.records(), records)))
                    .isZero();
            assertThat(winsock.sendto(onward, bytes("second"), 0, lab.remote(53)))
                    .isEqualTo(6);

            assertThat(lab.states)
                    .as("the later packet asks nobody")
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_NOT_REDIRECTED,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            ConnectionSnapshot redirected = lab.flow(lab.client, lab.remote(53));
            ConnectionSnapshot continued = lab.flow(lab.proxy, lab.remote(53));
            assertThat(continued.lineage()).isEqualTo(redirected.lineage());
            assertThat(continued.inheritedChain()).isEqualTo(redirected.redirectChain());
            assertThat(lab.server.receive(Deadline.NEVER).payload()).isEqualTo(bytes("first"));
            assertThat(lab.server.receive(Deadline.NEVER).payload()).isEqualTo(bytes("second"));
            assertThat(lab.diagnostics()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-05", "UDP-17"})
    void connectedOnwardSocket_carriesRecordsToItsPeer_withoutAName(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            byte[] records = lab.freshRecords();
            Winsock winsock = lab.proxy.winsock();
            SocketHandle onward = lab.udp(winsock);
            winsock.connect(onward, lab.remote(53));
            WsaMsg message = new WsaMsg().setLpBuffers(bytes("first")).setControl(carrying(lab.records(), records));

            assertThat(winsock.wsaSendMsg(onward, message, 0, new OutUlong())).isZero();

            assertThat(lab.states).last().isEqualTo(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            assertThat(lab.sim.connections())
                    .filteredOn(connection -> connection.process().equals(lab.proxy))
                    .filteredOn(connection -> !connection.inheritedChain().isEmpty())
                    .singleElement()
                    .satisfies(flow -> assertThat(flow.lineage())
                            .isEqualTo(lab.flow(lab.client, lab.remote(53)).lineage()));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-05", "REC-19"})
    void proxyThatLeavesTheRecordsOut_isRedirectedToItself(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            lab.freshRecords();
            Winsock winsock = lab.proxy.winsock();

            assertThat(lab.send(winsock, lab.udp(winsock), lab.remote(53), "first", ByteBuffer.allocate(0)))
                    .isZero();

            assertThat(lab.diagnostics()).contains(Diagnostic.PROXY_REDIRECTED_TO_ITSELF);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-22")
    void receivedControlData_isPassedOnUnchanged_contextIncluded(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family, "context")
                .wanting(AncillaryType.recordsOf(family), AncillaryType.contextOf(family))) {
            lab.ask("query", 53);
            ByteBuffer control = lab.receive().successful().message().control();
            Winsock winsock = lab.proxy.winsock();

            assertThat(lab.send(winsock, lab.udp(winsock), lab.remote(53), "on", control))
                    .isZero();
            assertThat(lab.states).last().isEqualTo(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-12", "REC-37", "REC-07"})
    void damagedForeignOrStolenRecords_areDenied_andNothingIsSent(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            byte[] records = lab.freshRecords();
            RecordForge forge = lab.sim.recordForge();
            List<byte[]> bad = List.of(
                    forge.flipByte(records, records.length / 2),
                    forge.cutTail(records, 1),
                    forge.append(records, (byte) 0),
                    forge.retarget(records, lab.client.id()),
                    forge.reissueElsewhere(records));

            for (byte[] blob : bad) {
                assertRefused(lab, lab.proxy, carrying(lab.records(), blob), Win32Error.WSAEACCES);
            }
            byte[] overflowing = forge.overflowInnerLength(records);
            assertRefused(lab, lab.proxy, carrying(lab.records(), overflowing), Win32Error.WSAEINVAL);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-12", "REC-37"})
    void senderWithoutElevation_isDenied(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            byte[] records = lab.freshRecords();
            byte[] retargeted = lab.sim.recordForge().retarget(records, lab.client.id());

            assertRefused(lab, lab.client, carrying(lab.records(), retargeted), Win32Error.WSAEACCES);
        }
    }

    /** Tries to send on a fresh socket, and looks for anything that it left behind. */
    private static void assertRefused(DatagramLab lab, SimProcess sender, ByteBuffer control, Win32Error expected) {
        Winsock winsock = sender.winsock();
        SocketHandle socket = lab.udp(winsock);
        winsock.bind(socket, new InetSocketAddress(IpAddress.wildcard(lab.family), 0));
        List<ConnectionSnapshot> before = lab.sim.connections();
        List<RedirectState> seen = List.copyOf(lab.states);
        ByteBuffer payload = bytes("onward");
        OutUlong count = new OutUlong();
        count.set(77);
        WsaMsg message =
                new WsaMsg().setName(lab.remote(53)).setLpBuffers(payload).setControl(control);

        assertThat(errorOf(winsock.wsaSendMsg(socket, message, 0, count), winsock))
                .isEqualTo(expected);

        assertThat(lab.sim.connections()).isEqualTo(before);
        assertThat(lab.states).isEqualTo(seen);
        assertThat(payload.remaining()).isEqualTo(6);
        assertThat(count.value()).isEqualTo(77);
        winsock.closesocket(socket);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-13")
    void recordsOnALaterPacket_areIgnored_andToldOf(AddressFamily family) throws Exception {
        try (DatagramLab lab = DatagramLab.open(family)) {
            byte[] records = lab.freshRecords();
            Winsock winsock = lab.proxy.winsock();
            SocketHandle onward = lab.udp(winsock);
            InetSocketAddress server = new InetSocketAddress(lab.remote(53).getAddress(), 54);
            try (var remote = lab.sim.network().datagramSocket(server)) {
                winsock.sendto(onward, bytes("first"), 0, server);
                ConnectionSnapshot before = lab.flow(lab.proxy, server);

                assertThat(lab.send(winsock, onward, server, "late", carrying(lab.records(), records)))
                        .isZero();

                ConnectionSnapshot after = lab.flow(lab.proxy, server);
                assertThat(after.lineage()).isEqualTo(before.lineage());
                assertThat(after.inheritedChain()).isEmpty();
                assertThat(lab.diagnostics()).containsExactly(Diagnostic.UDP_RECORD_TOO_LATE);
                assertThat(remote.receive(Deadline.NEVER).payload()).isEqualTo(bytes("first"));
                assertThat(remote.receive(Deadline.NEVER).payload()).isEqualTo(bytes("late"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-14", "UDP-22"})
    void controlDataThatIsMalformedOrUnknown_isInvalid(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            ControlMessage records = ControlMessage.of(lab.records(), ByteBuffer.wrap(lab.freshRecords()));
            AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
            ControlMessage context = ControlMessage.of(lab.context(), ByteBuffer.allocate(3));
            List<ByteBuffer> bad = List.of(
                    ByteBuffer.allocate(15),
                    ByteBuffer.allocate(16),
                    ControlWriter.bufferOf(records).limit(100),
                    ControlWriter.bufferOf(records, records),
                    ControlWriter.bufferOf(records, context, context),
                    carrying(lab.records(), new byte[0]),
                    carrying(AncillaryType.recordsOf(other), data(records)),
                    ControlWriter.bufferOf(records, new ControlMessage(0, 19, ByteBuffer.allocate(8))));

            for (ByteBuffer control : bad) {
                assertRefused(lab, lab.proxy, control, Win32Error.WSAEINVAL);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-14", "UDP-24"})
    void badMemory_isAFault_andLosesNothing(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            lab.ask("query", 53);
            ByteBuffer room = ByteBuffer.allocate(9);
            OutUlong count = new OutUlong();
            WsaMsg noControl = new WsaMsg().setLpBuffers(room).setControl(null, 16);
            WsaMsg shortControl = new WsaMsg().setLpBuffers(room).setControl(ByteBuffer.allocate(15), 16);
            WsaMsg signless = new WsaMsg().setLpBuffers(room).setControl(ByteBuffer.allocate(15), -1);
            WsaMsg readOnlyControl = new WsaMsg().setLpBuffers(room).setControl(room.asReadOnlyBuffer());
            WsaMsg readOnly = new WsaMsg().setLpBuffers(room.asReadOnlyBuffer());
            WsaMsg noBuffer = new WsaMsg().setLpBuffers(room, null);
            Winsock winsock = lab.proxy.winsock();

            for (WsaMsg bad : List.of(noControl, shortControl, signless, readOnlyControl, readOnly, noBuffer)) {
                assertThat(lab.receive(bad).error()).as("receive %s", bad).isEqualTo(Win32Error.WSAEFAULT);
            }
            for (WsaMsg bad : List.of(noControl, shortControl, signless, noBuffer)) {
                bad.setName(lab.remote(53));
                assertThat(errorOf(winsock.wsaSendMsg(lab.proxySocket, bad, 0, count), winsock))
                        .as("send %s", bad)
                        .isEqualTo(Win32Error.WSAEFAULT);
            }
            WsaMsg sound = new WsaMsg().setLpBuffers(room).setName(lab.remote(53));
            assertThat(errorOf(winsock.wsaSendMsg(lab.proxySocket, null, 0, count), winsock))
                    .isEqualTo(Win32Error.WSAEFAULT);
            assertThat(errorOf(winsock.wsaSendMsg(lab.proxySocket, sound, 0, null), winsock))
                    .isEqualTo(Win32Error.WSAEFAULT);
            assertThat(errorOf(lab.wsaRecvMsg.wsaRecvMsg(lab.proxySocket, null, count), winsock))
                    .isEqualTo(Win32Error.WSAEFAULT);
            assertThat(errorOf(lab.wsaRecvMsg.wsaRecvMsg(lab.proxySocket, sound, null), winsock))
                    .isEqualTo(Win32Error.WSAEFAULT);
            assertThat(lab.receive().successful().payload()).isEqualTo("query");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-14", "UDP-24"})
    void socketsOfOtherTypes_andFlags_areNotSupported(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            for (SocketType type : List.of(SocketType.SOCK_STREAM, SocketType.SOCK_RAW)) {
                SocketHandle socket = winsock.socket(family.code(), type.code(), 0);
                WsaMsg message = new WsaMsg().setName(lab.remote(53)).setLpBuffers(bytes("x"));
                assertThat(errorOf(lab.wsaRecvMsg.wsaRecvMsg(socket, message, new OutUlong()), winsock))
                        .isEqualTo(Win32Error.WSAEOPNOTSUPP);
                assertThat(errorOf(winsock.wsaSendMsg(socket, message, 0, new OutUlong()), winsock))
                        .isEqualTo(Win32Error.WSAEOPNOTSUPP);
            }
            lab.ask("query", 53);
            assertThat(lab.receive(new WsaMsg().setDwFlags(WsaMsg.MSG_TRUNC)).error())
                    .as("left from an earlier receive")
                    .isEqualTo(Win32Error.WSAEOPNOTSUPP);
            WsaMsg message = new WsaMsg().setName(lab.local(9)).setDwFlags(WsaMsg.MSG_TRUNC);
            assertThat(errorOf(winsock.wsaSendMsg(lab.proxySocket, message, 4, new OutUlong()), winsock))
                    .isEqualTo(Win32Error.WSAEOPNOTSUPP);
            assertThat(winsock.wsaSendMsg(lab.proxySocket, message, 0, new OutUlong()))
                    .as("the structure's flags are ignored")
                    .isZero();
            SocketHandle unbound = lab.udp(winsock);
            assertThat(errorOf(lab.wsaRecvMsg.wsaRecvMsg(unbound, new WsaMsg(), new OutUlong()), winsock))
                    .isEqualTo(Win32Error.WSAEINVAL);
            assertThat(errorOf(winsock.wsaSendMsg(unbound, new WsaMsg(), 0, new OutUlong()), winsock))
                    .isEqualTo(Win32Error.WSAENOTCONN);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-24")
    void peek_showsTheDatagramWithItsRecords_andLeavesIt(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family).wanting(AncillaryType.recordsOf(family))) {
            lab.ask("query", 53);
            WsaMsg peek = new WsaMsg()
                    .setLpBuffers(ByteBuffer.allocate(9))
                    .setControl(ByteBuffer.allocate(999))
                    .setDwFlags(WsaMsg.MSG_PEEK);

            DatagramLab.Received seen = lab.receive(peek).successful();
            assertThat(seen.count()).isEqualTo(5);
            DatagramLab.Received taken = lab.receive().successful();
            assertThat(taken.payload()).isEqualTo("query");
            assertThat(taken.data(lab.records())).isEqualTo(seen.data(lab.records()));
            nonBlocking(lab.proxy.winsock(), lab.proxySocket);
            assertThat(lab.receive(peek.setDwFlags(WsaMsg.MSG_PEEK)).error()).isEqualTo(Win32Error.WSAEWOULDBLOCK);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-23")
    void buffers_areSentAndFilledInTheirOrder_withoutHoles(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            Winsock winsock = lab.client.winsock();
            ByteBuffer one = bytes("..one").position(2);
            ByteBuffer two = bytes("");
            ByteBuffer three = bytes("three");
            WsaMsg message = new WsaMsg().setName(lab.remote(53)).setLpBuffers(one, two, three);
            OutUlong sent = new OutUlong();

            assertThat(winsock.wsaSendMsg(lab.clientSocket, message, 0, sent)).isZero();
            assertThat(sent.value()).isEqualTo(8);
            assertThat(one.hasRemaining() || three.hasRemaining()).isFalse();

            ByteBuffer first = ByteBuffer.allocate(5);
            ByteBuffer second = ByteBuffer.allocate(10).position(2);
            assertThat(lab.receive(new WsaMsg().setLpBuffers(first, ByteBuffer.allocate(0), second))
                            .successful()
                            .count())
                    .isEqualTo(8);
            assertThat(DatagramLab.text(first.flip())).isEqualTo("oneth");
            assertThat(DatagramLab.text(second.flip().position(2))).isEqualTo("ree");

            message.setLpBuffers(ByteBuffer.allocate(40_000), ByteBuffer.allocate(40_000));
            assertThat(errorOf(winsock.wsaSendMsg(lab.clientSocket, message, 0, sent), winsock))
                    .isEqualTo(Win32Error.WSAEMSGSIZE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-25")
    void socketThatNobodyBound_isBoundBySendingAMessage(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            Winsock winsock = lab.client.winsock();
            Out<InetSocketAddress> name = Out.empty();
            assertThat(winsock.getsockname(lab.clientSocket, name)).isEqualTo(Winsock.SOCKET_ERROR);

            lab.send(winsock, lab.clientSocket, lab.remote(53), "query", ByteBuffer.allocate(0));

            assertThat(winsock.getsockname(lab.clientSocket, name)).isZero();
        }
    }
}
