package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static io.github.wfpsim.winsock.HoldingLab.nonBlocking;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WSASend and WSARecv that wait, and on datagram sockets; WSAConnect; FIONREAD. */
@Timeout(20)
class SynchronousTransferTest {

    private static final int PORT = 9000;
    private static final int FIONREAD = ControlCode.FIONREAD.code();

    private static List<ByteBuffer> rooms(int... sizes) {
        return Arrays.stream(sizes).mapToObj(ByteBuffer::allocate).toList();
    }

    private static String text(List<ByteBuffer> buffers) {
        StringBuilder text = new StringBuilder();
        buffers.forEach(buffer ->
                text.append(StandardCharsets.UTF_8.decode(buffer.duplicate().flip())));
        return text.toString();
    }

    private static int send(Winsock winsock, SocketHandle socket, OutUlong count, ByteBuffer... parts) {
        return winsock.overlapped().wsaSend(socket, List.of(parts), count, 0, null, null);
    }

    private static int receive(Winsock winsock, SocketHandle socket, List<ByteBuffer> buffers, OutUlong count) {
        return winsock.overlapped().wsaRecv(socket, buffers, count, 0, null, null);
    }

    // ---- connections

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("OVL-16")
    void wsaSendAndWsaRecv_withoutOverlapped_moveAllBuffersAndTellTheCount(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            OutUlong count = new OutUlong();
            ByteBuffer first = bytes("hel");

            assertThat(send(lab.client, pair[0], count, first, bytes(""), bytes("lo")))
                    .isZero();
            assertThat(count.value()).isEqualTo(5);
            assertThat(first.hasRemaining()).isFalse();

            List<ByteBuffer> buffers = rooms(0, 2, 2, 9);
            assertThat(receive(lab.server, pair[1], buffers, count)).isZero();
            assertThat(count.value()).isEqualTo(5);
            assertThat(text(buffers)).isEqualTo("hello");

            lab.client.shutdown(pair[0], 1);
            assertThat(receive(lab.server, pair[1], rooms(9), count)).isZero();
            assertThat(count.value()).as("the end").isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"OVL-16", "WSA-43"})
    void socketWithoutTheAttribute_ignoresOverlappedAndRoutine(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle plain = lab.client.wsaSocket(family.code(), SocketType.SOCK_STREAM.code(), 6, 0);
            assertThat(lab.client.wsaConnect(plain, lab.at(HoldingLab.OPEN))).isZero();
            SocketHandle far = lab.server.accept(lab.listener, null);
            WsaOverlapped overlapped = lab.client.overlapped().newOverlapped();
            OutUlong count = new OutUlong();

            assertThat(lab.client
                            .overlapped()
                            .wsaSend(plain, List.of(bytes("hi")), count, 0, overlapped, (e, n, o, f) -> {
                                throw new AssertionError("the routine is ignored");
                            }))
                    .isZero();

            assertThat(count.value()).isEqualTo(2);
            assertThat(overlapped.internalHigh()).isZero();
            assertThat(lab.client.kernel32().sleepEx(0, true)).isZero();
            assertThat(lab.server.recv(far, ByteBuffer.allocate(9), 0)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("OVL-16")
    void nullCount_withoutOverlapped_isAFaultAndMovesNothing(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            assertFailed(lab.client, send(lab.client, pair[0], null, bytes("x")), Win32Error.WSAEFAULT);
            assertFailed(lab.server, receive(lab.server, pair[1], rooms(1), null), Win32Error.WSAEFAULT);
            SocketHandle udp = lab.boundUdp(PORT);
            assertFailed(lab.server, receive(lab.server, udp, rooms(1), null), Win32Error.WSAEFAULT);
            assertFailed(lab.server, send(lab.server, udp, null, bytes("x")), Win32Error.WSAEFAULT);
            OutUlong waiting = new OutUlong();
            lab.server.ioctlsocket(pair[1], FIONREAD, waiting);
            assertThat(waiting.value()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"OVL-16", "NBIO-15"})
    void nonBlockingSocket_sendsWhatHasRoom_andReceivesWhatIsThere(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family, SimOptions.defaults().streamBufferSize(4096))) {
            SocketHandle[] pair = lab.pair();
            nonBlocking(lab.client, pair[0]);
            nonBlocking(lab.server, pair[1]);
            OutUlong count = new OutUlong();
            assertFailed(lab.server, receive(lab.server, pair[1], rooms(1), count), Win32Error.WSAEWOULDBLOCK);

            ByteBuffer big = ByteBuffer.allocate(4000);
            ByteBuffer more = ByteBuffer.allocate(4000);
            assertThat(send(lab.client, pair[0], count, big, more)).isZero();
            assertThat(count.value()).isEqualTo(4096);
            assertThat(more.position()).isEqualTo(96);
            assertFailed(lab.client, send(lab.client, pair[0], count, more), Win32Error.WSAEWOULDBLOCK);
            assertThat(more.position()).isEqualTo(96);

            assertThat(receive(lab.server, pair[1], rooms(4000, 4000), count)).isZero();
            assertThat(count.value()).isEqualTo(4096);
        }
    }

    // ---- datagrams

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("OVL-15")
    void datagramSockets_sendToTheirPeerAndReceiveOneDatagram(AddressFamily family) {
        for (CompletionMode mode : CompletionMode.values()) {
            try (HoldingLab lab = new HoldingLab(family, SimOptions.defaults().completionMode(mode))) {
                SocketHandle receiver = lab.boundUdp(PORT);
                SocketHandle sender = lab.udp(lab.client);
                assertThat(lab.client.wsaConnect(sender, lab.at(PORT))).isZero();
                OutUlong count = new OutUlong();

                assertThat(send(lab.client, sender, count, bytes("on"), bytes("e")))
                        .isZero();
                assertThat(count.value()).isEqualTo(3);
                List<ByteBuffer> buffers = rooms(1, 9);
                assertThat(receive(lab.server, receiver, buffers, count)).isZero();
                assertThat(count.value()).isEqualTo(3);
                assertThat(text(buffers)).isEqualTo("one");

                WsaOverlapped receive = lab.server.overlapped().newOverlapped();
                List<ByteBuffer> later = rooms(9);
                lab.server.overlapped().wsaRecv(receiver, later, null, 0, receive, null);
                WsaOverlapped sending = lab.client.overlapped().newOverlapped();
                lab.client.overlapped().wsaSend(sender, List.of(bytes("two")), null, 0, sending, null);
                assertThat(lab.server
                                .overlapped()
                                .wsaGetOverlappedResult(receiver, receive, count, true, new OutUlong()))
                        .isTrue();
                assertThat(text(later)).isEqualTo("two");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("OVL-15")
    void datagramSockets_withoutPeerAddressOrRoom_failAsTheirPlainCallsDo(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle unbound = lab.udp(lab.client);
            OutUlong count = new OutUlong();
            assertFailed(lab.client, send(lab.client, unbound, count, bytes("x")), Win32Error.WSAENOTCONN);
            assertFailed(lab.client, receive(lab.client, lab.udp(lab.client), rooms(1), count), Win32Error.WSAEINVAL);

            SocketHandle receiver = lab.boundUdp(PORT);
            lab.client.sendto(unbound, bytes("long"), 0, lab.at(PORT));
            List<ByteBuffer> small = rooms(2);
            assertFailed(lab.server, receive(lab.server, receiver, small, count), Win32Error.WSAEMSGSIZE);
            assertThat(text(small)).isEqualTo("lo");
            WsaOverlapped overlapped = lab.client.overlapped().newOverlapped();
            assertFailed(
                    lab.client,
                    lab.client
                            .overlapped()
                            .wsaSend(lab.udp(lab.client), List.of(bytes("x")), null, 0, overlapped, null),
                    Win32Error.WSAENOTCONN);
        }
    }

    // ---- WSAConnect

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-59")
    void wsaConnect_connectsAndFailsAsConnectDoes(AddressFamily family) throws InterruptedException {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = lab.tcp(lab.client);
            assertFailed(lab.client, lab.client.wsaConnect(socket, null), Win32Error.WSAEFAULT);
            assertFailed(
                    lab.client, lab.client.wsaConnect(socket, lab.at(HoldingLab.NOBODY)), Win32Error.WSAECONNREFUSED);
            assertFailed(lab.client, lab.client.wsaConnect(socket, lab.at(HoldingLab.BLOCKED)), Win32Error.WSAEACCES);
            assertThat(lab.client.wsaConnect(socket, lab.at(HoldingLab.OPEN))).isZero();
            assertFailed(lab.client, lab.client.wsaConnect(socket, lab.at(HoldingLab.OPEN)), Win32Error.WSAEISCONN);
            Out<InetSocketAddress> peer = Out.empty();
            assertThat(lab.client.getpeername(socket, peer)).isZero();
            assertThat(peer.get()).isEqualTo(lab.at(HoldingLab.OPEN));

            SocketHandle later = nonBlocking(lab.client, lab.tcp(lab.client));
            assertFailed(lab.client, lab.client.wsaConnect(later, lab.at(HoldingLab.HELD)), Win32Error.WSAEWOULDBLOCK);
            lab.permit();
        }
    }

    // ---- FIONREAD

    private static int waiting(Winsock winsock, SocketHandle socket) {
        OutUlong byIoctlsocket = new OutUlong();
        assertThat(winsock.ioctlsocket(socket, FIONREAD, byIoctlsocket)).isZero();
        ByteBuffer out = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        OutUlong returned = new OutUlong();
        assertThat(winsock.wsaIoctl(socket, FIONREAD, null, 0, out, 4, returned))
                .isZero();
        assertThat(returned.value()).isEqualTo(4);
        assertThat(out.getInt(0)).isEqualTo(byIoctlsocket.value());
        return byIoctlsocket.value();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-60")
    void fionread_ofAConnection_tellsWhatOneReceiveCanTake(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            assertThat(waiting(lab.server, lab.listener)).isZero();
            assertThat(waiting(lab.client, lab.tcp(lab.client))).isZero();
            SocketHandle[] pair = lab.pair();
            assertThat(waiting(lab.server, pair[1])).isZero();

            lab.client.send(pair[0], bytes("hello"), 0);
            lab.client.send(pair[0], bytes("you"), 0);
            assertThat(waiting(lab.server, pair[1])).isEqualTo(8);

            lab.server.recv(pair[1], ByteBuffer.allocate(3), 0);
            assertThat(waiting(lab.server, pair[1])).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-60")
    void fionread_ofADatagramSocket_tellsAllThatWaits_thoughOneReceiveTakesOneDatagram(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle receiver = lab.boundUdp(PORT);
            SocketHandle sender = lab.udp(lab.client);
            lab.client.sendto(sender, bytes("hello"), 0, lab.at(PORT));
            lab.client.sendto(sender, bytes("you"), 0, lab.at(PORT));

            assertThat(waiting(lab.server, receiver)).isEqualTo(8);

            assertThat(lab.server.recv(receiver, ByteBuffer.allocate(99), 0)).isEqualTo(5);
            assertThat(waiting(lab.server, receiver)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-60")
    void fionread_withoutMemoryForItsAnswer_isAFault(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            Winsock winsock = lab.server;
            assertFailed(winsock, winsock.ioctlsocket(lab.listener, FIONREAD, null), Win32Error.WSAEFAULT);
            ByteBuffer out = ByteBuffer.allocate(4);
            for (int size : new int[] {0, 3}) {
                assertFailed(
                        winsock,
                        winsock.wsaIoctl(lab.listener, FIONREAD, null, 0, out, size, new OutUlong()),
                        Win32Error.WSAEFAULT);
            }
            assertFailed(
                    winsock,
                    winsock.wsaIoctl(lab.listener, FIONREAD, null, 0, out.asReadOnlyBuffer(), 4, new OutUlong()),
                    Win32Error.WSAEFAULT);
        }
    }
}
