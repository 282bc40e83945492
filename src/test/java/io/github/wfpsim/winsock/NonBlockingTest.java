package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static io.github.wfpsim.winsock.HoldingLab.nonBlocking;
import static io.github.wfpsim.winsock.HoldingLab.soError;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.DropReason;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls on sockets in non-blocking mode. */
@Timeout(20)
class NonBlockingTest {

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("NBIO-01")
    void connect_goesOn_andSaysSoUntilItHasSucceeded(AddressFamily family) throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = nonBlocking(lab.client, lab.tcp(lab.client));

            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.HELD)), Win32Error.WSAEWOULDBLOCK);
            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.HELD)), Win32Error.WSAEALREADY);
            assertFailed(lab.client, lab.client.send(socket, bytes("early"), 0), Win32Error.WSAENOTCONN);
            assertFailed(lab.client, lab.client.getpeername(socket, Out.empty()), Win32Error.WSAENOTCONN);
            lab.permit();
            assertThat(lab.client.select(0, null, new FdSet().fdSet(socket), null, null))
                    .isEqualTo(1);

            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.HELD)), Win32Error.WSAEISCONN);
            assertThat(soError(lab.client, socket)).isEqualTo(Win32Error.NO_ERROR);
            SocketHandle accepted = lab.server.accept(lab.heldListener, null);
            assertThat(lab.client.send(socket, bytes("hello"), 0)).isEqualTo(5);
            assertThat(lab.server.recv(accepted, ByteBuffer.allocate(9), 0)).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("NBIO-01")
    void connect_thatEndsAtOnce_saysWouldBlockAllTheSame(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = nonBlocking(lab.client, lab.tcp(lab.client));

            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.OPEN)), Win32Error.WSAEWOULDBLOCK);

            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.OPEN)), Win32Error.WSAEISCONN);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("NBIO-01")
    void connect_withBadArguments_failsAtOnce(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = nonBlocking(lab.client, lab.tcp(lab.client));
            nonBlocking(lab.server, lab.listener);

            assertFailed(lab.client, lab.client.connect(socket, null), Win32Error.WSAEFAULT);
            assertFailed(lab.client, lab.client.connect(socket, lab.at(0)), Win32Error.WSAEADDRNOTAVAIL);
            assertFailed(lab.server, lab.server.connect(lab.listener, lab.at(HoldingLab.OPEN)), Win32Error.WSAEINVAL);

            assertThat(soError(lab.client, socket)).as("nothing was begun").isEqualTo(Win32Error.NO_ERROR);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-01", "NBIO-02"})
    void connect_thatFails_leavesItsErrorInSoErrorOnce_andMayBeTriedAgain(AddressFamily family) throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = nonBlocking(lab.client, lab.tcp(lab.client));

            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.NOBODY)), Win32Error.WSAEWOULDBLOCK);
            assertThat(soError(lab.client, socket)).isEqualTo(Win32Error.WSAECONNREFUSED);
            assertThat(soError(lab.client, socket)).as("it was cleared").isEqualTo(Win32Error.NO_ERROR);
            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.BLOCKED)), Win32Error.WSAEWOULDBLOCK);
            assertThat(soError(lab.client, socket)).isEqualTo(Win32Error.WSAEACCES);
            assertFailed(
                    lab.client, lab.client.connect(socket, lab.at(HoldingLab.HELD_NOBODY)), Win32Error.WSAEWOULDBLOCK);
            lab.permit();
            assertThat(lab.client.select(0, null, null, new FdSet().fdSet(socket), null))
                    .isEqualTo(1);
            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.OPEN)), Win32Error.WSAEWOULDBLOCK);

            assertThat(soError(lab.client, socket))
                    .as("a new connect begins anew")
                    .isEqualTo(Win32Error.NO_ERROR);
            assertThat(lab.client.getpeername(socket, Out.empty())).isZero();
            assertFailed(
                    lab.client,
                    lab.client.setsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_ERROR, 0),
                    Win32Error.WSAENOPROTOOPT);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("NBIO-01")
    void connectOfADatagramSocket_saysWouldBlockOnlyIfItHasTo(AddressFamily family) throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = nonBlocking(lab.client, lab.udp(lab.client));

            assertThat(lab.client.connect(socket, lab.at(HoldingLab.OPEN))).isZero();
            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.HELD)), Win32Error.WSAEWOULDBLOCK);
            assertFailed(lab.client, lab.client.connect(socket, lab.at(HoldingLab.HELD)), Win32Error.WSAEALREADY);
            lab.permit();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("NBIO-15")
    void callsThatWouldWait_failWithWouldBlock(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            nonBlocking(lab.client, pair[0]);
            SocketHandle datagrams = nonBlocking(lab.server, lab.boundUdp(HoldingLab.OPEN));
            nonBlocking(lab.server, lab.listener);
            ByteBuffer room = ByteBuffer.allocate(16);
            WsaMsg message = new WsaMsg().setLpBuffers(room);

            assertThat(lab.server.accept(lab.listener, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
            assertThat(HoldingLab.lastError(lab.server)).isEqualTo(Win32Error.WSAEWOULDBLOCK);
            assertFailed(lab.client, lab.client.recv(pair[0], room, 0), Win32Error.WSAEWOULDBLOCK);
            assertFailed(lab.server, lab.server.recvfrom(datagrams, room, 0, null), Win32Error.WSAEWOULDBLOCK);
            LpfnWsaRecvMsg wsaRecvMsg = DatagramLab.wsaRecvMsg(lab.server, datagrams);
            assertFailed(
                    lab.server, wsaRecvMsg.wsaRecvMsg(datagrams, message, new OutUlong()), Win32Error.WSAEWOULDBLOCK);
            ByteBuffer much = ByteBuffer.allocate(1 << 22);
            assertThat(lab.client.send(pair[0], much, 0)).isBetween(1, (1 << 22) - 1);
            assertFailed(lab.client, lab.client.send(pair[0], much, 0), Win32Error.WSAEWOULDBLOCK);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-14", "UDP-27"})
    void sendto_keepsWhatACalloutHolds_asFarAsTheSendBufferGoes(AddressFamily family) throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle receiver = lab.boundUdp(HoldingLab.HELD);
            SocketHandle socket = nonBlocking(lab.client, lab.udp(lab.client));
            lab.client.setsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_SNDBUF, 8);
            ByteBuffer first = bytes("0123456789");

            assertThat(lab.client.sendto(socket, first, 0, lab.at(HoldingLab.HELD)))
                    .as("the first one has room always")
                    .isEqualTo(10);
            first.clear().put(0, (byte) '!');
            ByteBuffer second = bytes("x");
            assertFailed(
                    lab.client,
                    lab.client.sendto(socket, second, 0, lab.at(HoldingLab.HELD)),
                    Win32Error.WSAEWOULDBLOCK);
            assertThat(second.remaining()).as("nothing was sent").isEqualTo(1);
            assertThat(lab.client.select(0, null, new FdSet().fdSet(socket), null, Duration.ZERO))
                    .isZero();
            lab.permit();
            assertThat(lab.client.select(0, null, new FdSet().fdSet(socket), null, null))
                    .isEqualTo(1);

            assertThat(lab.client.sendto(socket, second, 0, lab.at(HoldingLab.HELD)))
                    .isEqualTo(1);
            ByteBuffer room = ByteBuffer.allocate(16);
            assertThat(lab.server.recvfrom(receiver, room, 0, null)).isEqualTo(10);
            assertThat(room.flip()).as("as it was when it was sent").isEqualTo(bytes("0123456789"));
            assertThat(lab.server.recvfrom(receiver, room.clear(), 0, null)).isEqualTo(1);
        }
    }

    @Test
    @Spec("NBIO-14")
    void sendto_thatIsJudgedAtOnce_tellsTheOutcome() {
        try (HoldingLab lab = new HoldingLab(
                AddressFamily.AF_INET, SimOptions.defaults().with(Deviation.BLOCKED_DATAGRAM_FAILS_SEND))) {
            SocketHandle socket = nonBlocking(lab.client, lab.udp(lab.client));
            SocketHandle raw = nonBlocking(lab.server, lab.server.socket(2, 3, 1));

            assertFailed(
                    lab.client,
                    lab.client.sendto(socket, bytes("no"), 0, lab.at(HoldingLab.BLOCKED)),
                    Win32Error.WSAEACCES);
            assertFailed(lab.client, lab.client.sendto(socket, bytes("no"), 0, null), Win32Error.WSAEDESTADDRREQ);
            assertFailed(lab.client, lab.client.send(socket, bytes("no"), 0), Win32Error.WSAENOTCONN);
            assertFailed(lab.server, lab.server.sendto(raw, bytes("no"), 0, lab.at(1)), Win32Error.WSAEOPNOTSUPP);
            assertThat(lab.client.wsaPoll(List.of(new WsaPollFd(socket, WsaPollFd.POLLOUT)), 0))
                    .as("none of them takes room")
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-14", "UDP-60"})
    void keptDatagrams_thatCannotLeaveAfterAll_areToldOf(AddressFamily family) throws Exception {
        for (boolean closes : new boolean[] {true, false}) {
            try (HoldingLab lab = new HoldingLab(family)) {
                lab.boundUdp(HoldingLab.HELD);
                SocketHandle socket = nonBlocking(lab.client, lab.udp(lab.client));
                assertThat(lab.client.bind(socket, lab.at(0))).isZero();
                InetSocketAddress to = closes
                        ? lab.at(HoldingLab.HELD)
                        : IpAddress.parse((family == AddressFamily.AF_INET ? "203.0.113.9:" : "[2001:db8::9]:")
                                + HoldingLab.HELD);
                assertThat(lab.client.sendto(socket, bytes("one"), 0, to)).isEqualTo(3);
                assertThat(lab.client.sendto(socket, bytes("four"), 0, to)).isEqualTo(4);

                if (closes) {
                    lab.client.closesocket(socket);
                }
                lab.permit();

                while (lost(lab, DropReason.NEVER_LEFT).size() < 2
                        && !Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                }
                assertThat(lost(lab, DropReason.NEVER_LEFT))
                        .as("%s", closes ? "the socket is closed" : "no source fits")
                        .containsExactlyInAnyOrder(3, 4);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-60", "UDP-61"})
    void datagramsBehindOneThatIsBlockedLater_areLostInSilenceToo(AddressFamily family) throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            lab.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                            .when(FilterCondition.remotePort(HoldingLab.HELD))
                            .block());
            SocketHandle socket = nonBlocking(lab.client, lab.udp(lab.client));
            assertThat(lab.client.sendto(socket, bytes("one"), 0, lab.at(HoldingLab.HELD)))
                    .isEqualTo(3);
            assertThat(lab.client.sendto(socket, bytes("three"), 0, lab.at(HoldingLab.HELD)))
                    .isEqualTo(5);

            lab.permit();

            while (lost(lab, DropReason.BLOCKED_AT_SENDER).size() < 2
                    && !Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
            assertThat(lost(lab, DropReason.BLOCKED_AT_SENDER)).containsExactlyInAnyOrder(3, 5);
        }
    }

    private static List<Integer> lost(HoldingLab lab, DropReason reason) {
        List<Integer> sizes = new ArrayList<>();
        lab.sim.trace().log().entries().forEach(entry -> {
            if (entry.event() instanceof TraceEvent.DatagramDropped drop && drop.reason() == reason) {
                sizes.add(drop.bytes());
            }
        });
        return sizes;
    }
}
