package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static io.github.wfpsim.winsock.HoldingLab.lastError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.verifier.Diagnostic;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WSARecvFrom, WSASendTo, WSARecvMsg and WSASendMsg with OVERLAPPED. */
@Timeout(20)
class OverlappedDatagramTest {

    private static HoldingLab lab(AddressFamily family, CompletionMode mode) {
        return new HoldingLab(family, SimOptions.defaults().completionMode(mode));
    }

    /** Waits for the end; the bytes, or below 0 after a failure. */
    private static int end(Winsock winsock, SocketHandle socket, WsaOverlapped overlapped) {
        OutUlong count = new OutUlong();
        boolean good = winsock.overlapped().wsaGetOverlappedResult(socket, overlapped, count, true, new OutUlong());
        return good ? count.value() : -1;
    }

    private static void assertStarted(Winsock winsock, int result) {
        assertThat(result == 0 || lastError(winsock) == Win32Error.WSA_IO_PENDING)
                .as("%s", lastError(winsock))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-09", "OVL-10"})
    void wsaSendTo_andWsaRecvFrom_endByEvent_withAllBuffersAndTheSender(CompletionMode mode) {
        for (AddressFamily family : AddressFamily.values()) {
            try (HoldingLab lab = lab(family, mode);
                    WsaEvent event = lab.server.kernel32().wsaCreateEvent()) {
                SocketHandle receiver = lab.boundUdp(HoldingLab.OPEN);
                SocketHandle sender = lab.udp(lab.client);
                ByteBuffer first = ByteBuffer.allocate(3);
                ByteBuffer rest = ByteBuffer.allocate(30);
                Out<InetSocketAddress> from = Out.empty();
                WsaOverlapped receive = lab.server.overlapped().newOverlapped(event);
                assertFailed(
                        lab.server,
                        lab.server
                                .overlapped()
                                .wsaRecvFrom(receiver, List.of(first, rest), null, 0, from, receive, null),
                        Win32Error.WSA_IO_PENDING);
                assertThat(event.isSignalled()).isFalse();
                WsaOverlapped send = lab.server.overlapped().newOverlapped();
                ByteBuffer hello = bytes("hel");

                assertStarted(
                        lab.client,
                        lab.client
                                .overlapped()
                                .wsaSendTo(
                                        sender,
                                        List.of(hello, bytes("lo")),
                                        null,
                                        0,
                                        lab.at(HoldingLab.OPEN),
                                        send,
                                        null));

                assertThat(end(lab.client, sender, send)).isEqualTo(5);
                assertThat(hello.hasRemaining()).isFalse();
                assertThat(end(lab.server, receiver, receive)).isEqualTo(5);
                assertThat(event.isSignalled()).isTrue();
                assertThat(first.flip()).isEqualTo(bytes("hel"));
                assertThat(rest.flip()).isEqualTo(bytes("lo"));
                Out<InetSocketAddress> name = Out.empty();
                lab.client.getsockname(sender, name);
                assertThat(from.get().getPort()).isEqualTo(name.get().getPort());
            }
        }
    }

    @Test
    @Spec({"OVL-09", "OVL-10"})
    void callsThatSucceedAtOnce_tellTheCount() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.INLINE)) {
            SocketHandle receiver = lab.boundUdp(HoldingLab.OPEN);
            OutUlong sent = new OutUlong();
            OutUlong received = new OutUlong();
            InetSocketAddress to = lab.at(HoldingLab.OPEN);
            SocketHandle sender = lab.udp(lab.client);
            for (int i = 0; i < 2; i++) {
                sent.set(77);
                assertThat(lab.client
                                .overlapped()
                                .wsaSendTo(
                                        sender,
                                        List.of(bytes("hello")),
                                        sent,
                                        0,
                                        to,
                                        lab.server.overlapped().newOverlapped(),
                                        null))
                        .isZero();
                assertThat(sent.value()).isEqualTo(5);
            }
            List<ByteBuffer> room = List.of(ByteBuffer.allocate(9));

            assertThat(lab.server
                            .overlapped()
                            .wsaRecvFrom(
                                    receiver,
                                    room,
                                    received,
                                    0,
                                    null,
                                    lab.server.overlapped().newOverlapped(),
                                    null))
                    .isZero();

            assertThat(received.value()).isEqualTo(5);
        }
    }

    @Test
    @Spec({"OVL-10", "WSA-48"})
    void sendThatNothingHolds_pendsAllTheSame_ifCallsAreToPend() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            SocketHandle sender = lab.udp(lab.client);
            WsaOverlapped send = lab.server.overlapped().newOverlapped();
            for (int i = 0; i < 2; i++) {
                assertFailed(
                        lab.client,
                        lab.client
                                .overlapped()
                                .wsaSendTo(sender, List.of(bytes("hi")), null, 0, lab.at(HoldingLab.OPEN), send, null),
                        Win32Error.WSA_IO_PENDING);
                assertThat(end(lab.client, sender, send)).isEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-09")
    void wsaRecvFrom_endsByRoutine_andOnThePort(CompletionMode mode) {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            List<String> told = new ArrayList<>();
            SocketHandle withRoutine = lab.boundUdp(HoldingLab.OPEN);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            lab.server
                    .overlapped()
                    .wsaRecvFrom(
                            withRoutine,
                            List.of(ByteBuffer.allocate(9)),
                            null,
                            0,
                            null,
                            overlapped,
                            (error, count, structure, flags) -> told.add(error + " " + count));
            SocketHandle onPort = lab.boundUdp(99);
            CompletionPort port =
                    Objects.requireNonNull(lab.server.kernel32().createIoCompletionPort(null, null, 0, 1));
            lab.server.kernel32().createIoCompletionPort(onPort, port, 7, 0);
            WsaOverlapped second = lab.server.overlapped().newOverlapped();
            lab.server.overlapped().wsaRecvFrom(onPort, List.of(ByteBuffer.allocate(9)), null, 0, null, second, null);

            lab.client.sendto(lab.udp(lab.client), bytes("one"), 0, lab.at(HoldingLab.OPEN));
            lab.client.sendto(lab.udp(lab.client), bytes("three"), 0, lab.at(99));

            lab.server.kernel32().sleepEx(Kernel32.INFINITE, true);
            assertThat(told).containsExactly("NO_ERROR 3");
            CompletionPort.Entry packet = lab.server
                    .kernel32()
                    .getQueuedCompletionStatusEx(port, 1, Kernel32.INFINITE)
                    .get(0);
            assertThat(packet.overlapped()).isSameAs(second);
            assertThat(packet.completionKey()).isEqualTo(7);
            assertThat(packet.bytesTransferred()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-09", "OVL-13"})
    void receives_endInTheirOrder_areCancelledOneByOne_andAbortedByTheClose(CompletionMode mode) {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            SocketHandle receiver = lab.boundUdp(HoldingLab.OPEN);
            List<WsaOverlapped> calls = new ArrayList<>();
            List<ByteBuffer> rooms = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
                ByteBuffer room = ByteBuffer.allocate(9);
                lab.server.overlapped().wsaRecvFrom(receiver, List.of(room), null, 0, null, overlapped, null);
                calls.add(overlapped);
                rooms.add(room);
            }
            SocketHandle sender = lab.udp(lab.client);

            assertThat(lab.server.overlapped().cancelIoEx(receiver, calls.get(1)))
                    .isTrue();
            lab.client.sendto(sender, bytes("a"), 0, lab.at(HoldingLab.OPEN));
            lab.client.sendto(sender, bytes("bb"), 0, lab.at(HoldingLab.OPEN));

            assertThat(end(lab.server, receiver, calls.get(0))).isEqualTo(1);
            assertThat(end(lab.server, receiver, calls.get(1))).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertThat(end(lab.server, receiver, calls.get(2))).isEqualTo(2);
            assertThat(rooms.get(1).position()).isZero();
            lab.server.closesocket(receiver);
            while (!calls.get(3).hasOverlappedIoCompleted()) {
                Thread.onSpinWait();
            }
            assertThat(calls.get(3).internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-10", "OVL-13"})
    void wsaSendTo_waitsForACallout_canBeCancelled_andTellsFailures(CompletionMode mode) throws Exception {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            SocketHandle receiver = lab.boundUdp(HoldingLab.HELD);
            SocketHandle sender = lab.udp(lab.client);
            OverlappedWinsock client = lab.client.overlapped();
            WsaOverlapped held = lab.server.overlapped().newOverlapped();
            List<ByteBuffer> data = List.of(bytes("hello"));
            OutUlong count = new OutUlong();
            count.set(77);
            assertFailed(
                    lab.client,
                    client.wsaSendTo(sender, data, count, 0, lab.at(HoldingLab.HELD), held, null),
                    Win32Error.WSA_IO_PENDING);
            assertThat(held.hasOverlappedIoCompleted()).isFalse();
            lab.permit();
            assertThat(end(lab.client, sender, held)).isEqualTo(5);
            assertThat(count.value()).as("left alone by a call that pends").isEqualTo(77);
            assertThat(lab.server.recvfrom(receiver, ByteBuffer.allocate(9), 0, null))
                    .isEqualTo(5);

            SocketHandle other = lab.udp(lab.client);
            client.wsaSendTo(other, List.of(bytes("x")), null, 0, lab.at(HoldingLab.HELD), held, null);
            assertThat(client.cancelIoEx(other, held)).isTrue();
            assertThat(end(lab.client, other, held)).isEqualTo(-1);
            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            lab.permit();
            SocketHandle third = lab.udp(lab.client);
            client.wsaSendTo(third, List.of(bytes("last")), null, 0, lab.at(HoldingLab.HELD), held, null);
            lab.permit();
            assertThat(end(lab.client, third, held)).isEqualTo(4);
            assertThat(lab.server.recvfrom(receiver, ByteBuffer.allocate(9), 0, null))
                    .as("the cancelled one stays away")
                    .isEqualTo(4);

            SocketHandle closing = lab.udp(lab.client);
            client.wsaSendTo(closing, List.of(bytes("x")), null, 0, lab.at(HoldingLab.HELD), held, null);
            lab.client.closesocket(closing);
            assertThat(held.internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            lab.permit();

            WsaOverlapped blocked = lab.server.overlapped().newOverlapped();
            ByteBuffer refused = bytes("x");
            int result = client.wsaSendTo(sender, List.of(refused), null, 0, lab.at(HoldingLab.BLOCKED), blocked, null);
            assertThat(result == 0 || lastError(lab.client) == Win32Error.WSA_IO_PENDING)
                    .isTrue();
            assertThat(end(lab.client, sender, blocked))
                    .as("lost in silence (UDP-61)")
                    .isEqualTo(1);
        }
    }

    @Test
    @Spec("OVL-13")
    void longDatagram_isCut_withItsSizeInTheStructure() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            SocketHandle receiver = lab.boundUdp(HoldingLab.OPEN);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            ByteBuffer room = ByteBuffer.allocate(2);
            lab.server.overlapped().wsaRecvFrom(receiver, List.of(room), null, 0, null, overlapped, null);

            lab.client.sendto(lab.udp(lab.client), bytes("long"), 0, lab.at(HoldingLab.OPEN));

            assertThat(end(lab.server, receiver, overlapped)).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSAEMSGSIZE);
            assertThat(overlapped.internalHigh()).isEqualTo(2);
            assertThat(room.flip()).isEqualTo(bytes("lo"));
        }
    }

    @Test
    @Spec("OVL-12")
    void withoutOverlapped_orTheAttribute_theCallsWait() throws Exception {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            SocketHandle plain = lab.server.wsaSocket(2, 2, 17, 0);
            lab.server.bind(plain, lab.at(HoldingLab.OPEN));
            OutUlong count = new OutUlong();
            WsaOverlapped ignored = lab.server.overlapped().newOverlapped();
            Out<InetSocketAddress> from = Out.empty();
            Background<Integer> receive = Background.start(() -> lab.server
                            .overlapped()
                            .wsaRecvFrom(plain, List.of(ByteBuffer.allocate(9)), count, 0, from, ignored, null))
                    .awaitBlocked();

            OutUlong sent = new OutUlong();
            SocketHandle sender = lab.udp(lab.client);
            ByteBuffer data = bytes("hello");
            assertThat(lab.client
                            .overlapped()
                            .wsaSendTo(sender, List.of(data), sent, 0, lab.at(HoldingLab.OPEN), null, null))
                    .isZero();

            assertThat(receive.result()).isZero();
            assertThat(List.of(sent.value(), count.value(), data.remaining())).containsExactly(5, 5, 0);
            assertThat(from.get()).isNotNull();
            OverlappedWinsock server = lab.server.overlapped();
            lab.client.sendto(sender, bytes("long"), 0, lab.at(HoldingLab.OPEN));
            assertFailed(
                    lab.server,
                    server.wsaRecvFrom(plain, List.of(ByteBuffer.allocate(1)), count, 0, null, null, null),
                    Win32Error.WSAEMSGSIZE);
            assertFailed(
                    lab.server,
                    server.wsaRecvFrom(plain, List.of(ByteBuffer.allocate(1)), null, 0, null, null, null),
                    Win32Error.WSAEFAULT);
            assertFailed(
                    lab.server,
                    server.wsaSendTo(plain, List.of(bytes("x")), null, 0, lab.at(1), null, null),
                    Win32Error.WSAEFAULT);
        }
    }

    @Test
    @Spec({"OVL-09", "OVL-10"})
    void badArguments_failAtOnce() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            OverlappedWinsock server = lab.server.overlapped();
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            SocketHandle unbound = lab.udp(lab.server);
            SocketHandle raw = lab.server.socket(2, 3, 1);
            List<ByteBuffer> room = List.of(ByteBuffer.allocate(1));
            List<ByteBuffer> readOnly = List.of(ByteBuffer.allocate(1).asReadOnlyBuffer());
            assertRefused(lab, server.wsaRecvFrom(unbound, null, null, 0, null, overlapped, null), "WSAEFAULT");
            assertRefused(lab, server.wsaRecvFrom(unbound, readOnly, null, 0, null, overlapped, null), "WSAEFAULT");
            assertRefused(lab, server.wsaRecvFrom(unbound, room, null, 1, null, overlapped, null), "WSAEOPNOTSUPP");
            assertRefused(lab, server.wsaRecvFrom(raw, room, null, 0, null, overlapped, null), "WSAEOPNOTSUPP");
            assertRefused(lab, server.wsaRecvFrom(unbound, room, null, 0, null, overlapped, null), "WSAEINVAL");
            InetSocketAddress to = lab.at(HoldingLab.OPEN);
            assertRefused(lab, server.wsaSendTo(unbound, null, null, 0, to, overlapped, null), "WSAEFAULT");
            assertRefused(lab, server.wsaSendTo(unbound, room, null, 1, to, overlapped, null), "WSAEOPNOTSUPP");
            assertRefused(lab, server.wsaSendTo(raw, room, null, 0, to, overlapped, null), "WSAEOPNOTSUPP");
            assertRefused(lab, server.wsaSendTo(unbound, room, null, 0, null, overlapped, null), "WSAEDESTADDRREQ");
            assertRefused(
                    lab, server.wsaSendTo(unbound, room, null, 0, lab.at(0), overlapped, null), "WSAEADDRNOTAVAIL");
            List<ByteBuffer> much = List.of(ByteBuffer.allocate(40_000), ByteBuffer.allocate(40_000));
            assertRefused(lab, server.wsaSendTo(unbound, much, null, 0, to, overlapped, null), "WSAEMSGSIZE");
            assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
        }
    }

    private static void assertRefused(HoldingLab lab, int result, String error) {
        assertFailed(lab.server, result, Win32Error.valueOf(error));
    }

    @Test
    @Spec("OVL-09")
    void onAStreamSocket_theyMoveBytesOfTheConnection() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            SocketHandle[] pair = lab.pair();
            WsaOverlapped send = lab.server.overlapped().newOverlapped();
            WsaOverlapped receive = lab.server.overlapped().newOverlapped();
            ByteBuffer room = ByteBuffer.allocate(9);
            lab.client.overlapped().wsaSendTo(pair[0], List.of(bytes("hello")), null, 0, null, send, null);
            lab.server.overlapped().wsaRecvFrom(pair[1], List.of(room), null, 0, null, receive, null);

            assertThat(end(lab.client, pair[0], send)).isEqualTo(5);
            assertThat(end(lab.server, pair[1], receive)).isEqualTo(5);
        }
    }

    // ---- messages

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-11", "UDP-01", "UDP-05"})
    void messages_carryRecordsWithoutWaiting(CompletionMode mode) {
        for (AddressFamily family : AddressFamily.values()) {
            try (DatagramLab lab =
                    DatagramLab.open(family, SimOptions.defaults().completionMode(mode))) {
                lab.wanting(lab.records());
                Winsock proxy = lab.proxy.winsock();
                ByteBuffer payload = ByteBuffer.allocate(64);
                WsaMsg message =
                        new WsaMsg().setName(Out.empty()).setLpBuffers(payload).setControl(ByteBuffer.allocate(4096));
                WsaOverlapped receive = lab.proxy.winsock().overlapped().newOverlapped();
                assertFailed(
                        proxy,
                        lab.wsaRecvMsg.wsaRecvMsg(lab.proxySocket, message, null, receive, null),
                        Win32Error.WSA_IO_PENDING);

                lab.ask("query", 1);

                assertThat(end(proxy, lab.proxySocket, receive)).isEqualTo(5);
                assertThat(message.control().remaining()).as("records").isPositive();
                SocketHandle onward = lab.udp(proxy);
                WsaMsg forward = new WsaMsg()
                        .setName(lab.server.address())
                        .setLpBuffers(payload.flip())
                        .setControl(message.control());
                WsaOverlapped send = lab.proxy.winsock().overlapped().newOverlapped();
                assertStarted(proxy, proxy.overlapped().wsaSendMsg(onward, forward, 0, null, send, null));
                assertThat(end(proxy, onward, send)).isEqualTo(5);
                assertThat(payload.hasRemaining()).isFalse();
                assertThat(lab.states)
                        .as("the onward flow is known as redirected")
                        .hasSize(2);
                assertThat(lab.states.get(1)).isNotEqualTo(lab.states.get(0));
            }
        }
    }

    @Test
    @Spec({"OVL-11", "OVL-13"})
    void longMessage_isCut_withItsFlagAndItsSizeInTheStructure() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock proxy = lab.proxy.winsock();
            WsaMsg message = new WsaMsg().setLpBuffers(ByteBuffer.allocate(2));
            WsaOverlapped receive = lab.proxy.winsock().overlapped().newOverlapped();
            lab.wsaRecvMsg.wsaRecvMsg(lab.proxySocket, message, null, receive, null);

            lab.ask("query", 1);

            assertThat(end(proxy, lab.proxySocket, receive)).isEqualTo(-1);
            assertThat(lastError(proxy)).isEqualTo(Win32Error.WSAEMSGSIZE);
            assertThat(receive.internalHigh()).isEqualTo(2);
            assertThat(message.dwFlags()).isEqualTo(WsaMsg.MSG_TRUNC);
        }
    }

    @Test
    @Spec({"OVL-09", "UDP-03"})
    void wsaRecvFrom_losesTheRecord_andSaysSo() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            lab.wanting(lab.records());
            WsaOverlapped receive = lab.proxy.winsock().overlapped().newOverlapped();
            Winsock proxy = lab.proxy.winsock();
            proxy.overlapped()
                    .wsaRecvFrom(lab.proxySocket, List.of(ByteBuffer.allocate(9)), null, 0, null, receive, null);

            lab.ask("query", 1);

            assertThat(end(proxy, lab.proxySocket, receive)).isEqualTo(5);
            assertThat(lab.diagnostics()).containsExactly(Diagnostic.UDP_RECORD_DISCARDED);
        }
    }

    @Test
    @Spec({"OVL-11", "OVL-12"})
    void messages_withBadArguments_failAtOnce() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock proxy = lab.proxy.winsock();
            OverlappedWinsock overlapped = proxy.overlapped();
            WsaOverlapped call = lab.proxy.winsock().overlapped().newOverlapped();
            WsaMsg peek = new WsaMsg().setLpBuffers(ByteBuffer.allocate(1)).setDwFlags(WsaMsg.MSG_PEEK);
            WsaMsg sound = new WsaMsg().setLpBuffers(ByteBuffer.allocate(1));
            assertFailed(
                    proxy, lab.wsaRecvMsg.wsaRecvMsg(lab.proxySocket, null, null, call, null), Win32Error.WSAEFAULT);
            assertFailed(
                    proxy,
                    lab.wsaRecvMsg.wsaRecvMsg(lab.proxySocket, peek, null, call, null),
                    Win32Error.WSAEOPNOTSUPP);
            assertFailed(
                    proxy, lab.wsaRecvMsg.wsaRecvMsg(lab.udp(proxy), sound, null, call, null), Win32Error.WSAEINVAL);
            assertFailed(
                    proxy, lab.wsaRecvMsg.wsaRecvMsg(lab.proxySocket, sound, null, null, null), Win32Error.WSAEFAULT);
            assertFailed(
                    proxy, overlapped.wsaSendMsg(lab.proxySocket, null, 0, null, call, null), Win32Error.WSAEFAULT);
            assertFailed(
                    proxy,
                    overlapped.wsaSendMsg(lab.proxySocket, sound, 1, null, call, null),
                    Win32Error.WSAEOPNOTSUPP);
            assertFailed(
                    proxy, overlapped.wsaSendMsg(lab.proxySocket, sound, 0, null, call, null), Win32Error.WSAENOTCONN);
            assertFailed(
                    proxy, overlapped.wsaSendMsg(lab.proxySocket, sound, 0, null, null, null), Win32Error.WSAEFAULT);
            WsaMsg unresolved = new WsaMsg().setName(InetSocketAddress.createUnresolved("server.example", 1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> overlapped.wsaSendMsg(lab.proxySocket, unresolved, 0, null, call, null));
            assertThat(call.hasOverlappedIoCompleted()).isTrue();
        }
    }
}
