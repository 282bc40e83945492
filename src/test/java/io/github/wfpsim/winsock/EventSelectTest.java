package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_ACCEPT;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_ALL_EVENTS;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_CLOSE;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_CLOSE_BIT;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_CONNECT;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_CONNECT_BIT;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_READ;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WSAEventSelect and WSAEnumNetworkEvents. */
@Timeout(20)
class EventSelectTest {

    private static final int PORT = 9000;

    /** One socket whose events are wanted, and the event that tells of them. */
    private static final class Selected {
        final Winsock winsock;
        final SocketHandle socket;
        final WsaEvent event;

        Selected(Winsock winsock, SocketHandle socket, int events) {
            this.winsock = winsock;
            this.socket = socket;
            this.event = winsock.kernel32().wsaCreateEvent();
            assertThat(winsock.wsaEventSelect(socket, event, events)).isZero();
        }

        WsaNetworkEvents enumerate() {
            WsaNetworkEvents events = new WsaNetworkEvents();
            assertThat(winsock.wsaEnumNetworkEvents(socket, event, events)).isZero();
            assertThat(event.isSignalled()).as("reset by the call").isFalse();
            return events;
        }

        void assertTold(int events) {
            assertThat(event.isSignalled()).as("signalled").isEqualTo(events != 0);
            assertThat(enumerate().networkEvents()).isEqualTo(events);
        }

        /** Waits for the event first: what brings it about runs elsewhere. */
        WsaNetworkEvents await() {
            winsock.kernel32().wsaWaitForMultipleEvents(List.of(event), true, Kernel32.INFINITE, false);
            return enumerate();
        }
    }

    private static int receive(Winsock winsock, SocketHandle socket, int size) {
        return winsock.recv(socket, ByteBuffer.allocate(size), 0);
    }

    // ---- the mode

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-67")
    void selection_makesTheSocketNonBlocking_untilItIsTakenBackAndTheModeChanged(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            Winsock winsock = lab.server;
            SocketHandle socket = lab.pair()[1];
            Selected selected = new Selected(winsock, socket, FD_READ);
            assertFailed(winsock, receive(winsock, socket, 1), Win32Error.WSAEWOULDBLOCK);
            OutUlong blocking = new OutUlong();
            ByteBuffer zero = ByteBuffer.allocate(4);
            int fionbio = ControlCode.FIONBIO.code();
            assertFailed(winsock, winsock.ioctlsocket(socket, fionbio, blocking), Win32Error.WSAEINVAL);
            assertFailed(
                    winsock, winsock.wsaIoctl(socket, fionbio, zero, 4, null, 0, new OutUlong()), Win32Error.WSAEINVAL);
            HoldingLab.nonBlocking(winsock, socket);

            assertThat(winsock.wsaEventSelect(socket, null, 0)).isZero();

            assertFailed(winsock, receive(winsock, socket, 1), Win32Error.WSAEWOULDBLOCK);
            assertThat(winsock.ioctlsocket(socket, fionbio, blocking)).isZero();
            assertThat(selected.event.isSignalled()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-67", "WSA-68"})
    void badArguments_areRefused_andChangeNothing(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            Winsock winsock = lab.server;
            SocketHandle[] pair = lab.pair();
            Selected selected = new Selected(winsock, pair[1], FD_READ);
            WsaEvent closed = winsock.kernel32().wsaCreateEvent();
            closed.close();
            lab.client.send(pair[0], bytes("x"), 0);

            assertFailed(winsock, winsock.wsaEventSelect(pair[1], null, FD_READ), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.wsaEventSelect(pair[1], closed, FD_READ), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.wsaEventSelect(pair[1], selected.event, 1 << 10), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.wsaEnumNetworkEvents(pair[1], selected.event, null), Win32Error.WSAEFAULT);
            assertFailed(
                    winsock,
                    winsock.wsaEnumNetworkEvents(pair[1], closed, new WsaNetworkEvents()),
                    Win32Error.WSAEINVAL);
            assertFailed(
                    winsock,
                    winsock.wsaEventSelect(new SocketHandle(4712), selected.event, FD_READ),
                    Win32Error.WSAENOTSOCK);

            selected.assertTold(FD_READ);
            lab.sim.setNetworkUp(false);
            assertFailed(winsock, winsock.wsaEventSelect(pair[1], selected.event, FD_READ), Win32Error.WSAENETDOWN);
            lab.sim.setNetworkUp(true);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-67")
    void secondSelection_replacesTheFirst_andCloseEndsIt(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            Selected first = new Selected(lab.server, pair[1], FD_READ);
            lab.client.send(pair[0], bytes("x"), 0);
            Selected second = new Selected(lab.server, pair[1], FD_WRITE);
            second.assertTold(FD_WRITE);
            first.event.reset();
            lab.client.send(pair[0], bytes("y"), 0);
            receive(lab.server, pair[1], 1);
            assertThat(first.event.isSignalled()).isFalse();

            Selected third = new Selected(lab.server, pair[1], FD_ALL_EVENTS);
            third.enumerate();
            lab.server.closesocket(pair[1]);
            lab.client.closesocket(pair[0]);
            assertThat(third.event.isSignalled()).isFalse();
        }
    }

    // ---- level-triggered events

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-68", "WSA-69"})
    void fdRead_isToldOnce_andAgainAfterAReceiveThatLeavesBytes(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            Selected selected = new Selected(lab.server, pair[1], FD_READ);
            selected.assertTold(0);

            lab.client.send(pair[0], bytes("abc"), 0);
            selected.assertTold(FD_READ);
            selected.assertTold(0);
            lab.client.send(pair[0], bytes("d"), 0);
            selected.assertTold(0);

            assertThat(receive(lab.server, pair[1], 1)).isEqualTo(1);
            selected.assertTold(FD_READ);
            List<ByteBuffer> rest = List.of(ByteBuffer.allocate(9));
            assertThat(lab.server.overlapped().wsaRecv(pair[1], rest, new OutUlong(), 0, null, null))
                    .isZero();
            selected.assertTold(0);
            lab.client.send(pair[0], bytes("e"), 0);
            selected.assertTold(FD_READ);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-69")
    void fdRead_isEnabledByAReceiveThatFails(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle receiver = lab.boundUdp(PORT);
            Selected selected = new Selected(lab.server, receiver, FD_READ);
            SocketHandle sender = lab.udp(lab.client);
            lab.client.sendto(sender, bytes("one"), 0, lab.at(PORT));
            lab.client.sendto(sender, bytes("two"), 0, lab.at(PORT));
            selected.assertTold(FD_READ);

            assertFailed(lab.server, receive(lab.server, receiver, 1), Win32Error.WSAEMSGSIZE);
            selected.assertTold(FD_READ);
            assertThat(lab.server.recvfrom(receiver, ByteBuffer.allocate(9), 0, null))
                    .isEqualTo(3);
            selected.assertTold(0);
            assertFailed(lab.server, receive(lab.server, receiver, 1), Win32Error.WSAEWOULDBLOCK);
            selected.assertTold(0);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-69", "WSA-71"})
    void fdAccept_isToldForAWaitingConnection_andAgainAfterAnAccept(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle first = lab.tcp(lab.client);
            lab.client.connect(first, lab.at(HoldingLab.OPEN));
            Selected selected = new Selected(lab.server, lab.listener, FD_ACCEPT | FD_READ);
            selected.assertTold(FD_ACCEPT);
            lab.client.connect(lab.tcp(lab.client), lab.at(HoldingLab.OPEN));
            selected.assertTold(0);

            SocketHandle accepted = lab.server.accept(lab.listener, null);
            selected.assertTold(FD_ACCEPT);
            lab.server.accept(lab.listener, null);
            selected.assertTold(0);

            lab.client.send(first, bytes("x"), 0);
            assertThat(selected.event.isSignalled())
                    .as("the accepted socket has the same event")
                    .isTrue();
            WsaNetworkEvents events = new WsaNetworkEvents();
            assertThat(lab.server.wsaEnumNetworkEvents(accepted, selected.event, events))
                    .isZero();
            assertThat(events.networkEvents()).isEqualTo(FD_READ);
            assertFailed(lab.server, receive(lab.server, lab.listener, 1), Win32Error.WSAENOTCONN);
        }
    }

    // ---- room

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-70")
    void fdWrite_isToldAtFirst_andAgainOnceThereIsRoomAfterABlockedSend(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family, SimOptions.defaults().streamBufferSize(4096))) {
            SocketHandle[] pair = lab.pair();
            Selected selected = new Selected(lab.client, pair[0], FD_WRITE);
            selected.assertTold(FD_WRITE);
            lab.client.send(pair[0], ByteBuffer.allocate(96), 0);
            selected.assertTold(0);
            lab.client.send(pair[0], ByteBuffer.allocate(4096), 0);
            receive(lab.server, pair[1], 10);
            selected.assertTold(0);

            lab.client.send(pair[0], ByteBuffer.allocate(4096), 0);
            List<ByteBuffer> more = List.of(ByteBuffer.allocate(9));
            assertFailed(
                    lab.client,
                    lab.client.overlapped().wsaSend(pair[0], more, new OutUlong(), 0, null, null),
                    Win32Error.WSAEWOULDBLOCK);
            selected.assertTold(0);
            receive(lab.server, pair[1], 4096);
            assertThat(selected.await().networkEvents()).isEqualTo(FD_WRITE);

            new Selected(lab.client, lab.udp(lab.client), FD_WRITE).assertTold(FD_WRITE);
        }
    }

    // ---- connects

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-72")
    void fdConnect_tellsHowEachConnectEnded(AddressFamily family) throws InterruptedException {
        try (HoldingLab lab = new HoldingLab(family)) {
            Selected selected = new Selected(lab.client, lab.tcp(lab.client), FD_CONNECT | FD_WRITE | FD_CLOSE);
            selected.assertTold(0);
            assertConnectEnds(lab, selected, HoldingLab.NOBODY, Win32Error.WSAECONNREFUSED);
            assertConnectEnds(lab, selected, HoldingLab.BLOCKED, Win32Error.WSAEACCES);
            lab.client.connect(selected.socket, lab.at(HoldingLab.HELD));
            selected.assertTold(0);
            lab.permit();
            WsaNetworkEvents events = selected.await();
            assertThat(events.networkEvents() & FD_CONNECT).isNotZero();
            assertThat(events.errorCode(FD_CONNECT_BIT)).isZero();
            new Selected(lab.client, selected.socket, FD_CONNECT | FD_WRITE).assertTold(FD_CONNECT | FD_WRITE);
        }
    }

    private static void assertConnectEnds(HoldingLab lab, Selected selected, int port, Win32Error error) {
        lab.client.connect(selected.socket, lab.at(port));
        WsaNetworkEvents events = selected.await();
        assertThat(events.networkEvents()).isEqualTo(FD_CONNECT);
        assertThat(events.errorCode(FD_CONNECT_BIT)).isEqualTo(error.code());
        assertThat(HoldingLab.soError(lab.client, selected.socket))
                .as("is left")
                .isEqualTo(error);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-72")
    void connectThatIsRefusedAtOnce_isNoNews(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            Selected connected = new Selected(lab.client, pair[0], FD_CONNECT | FD_WRITE | FD_READ);
            connected.assertTold(FD_CONNECT | FD_WRITE);
            assertFailed(lab.client, lab.client.connect(pair[0], lab.at(HoldingLab.OPEN)), Win32Error.WSAEISCONN);
            lab.server.send(pair[1], bytes("x"), 0);
            connected.assertTold(FD_READ);

            Selected failed = new Selected(lab.client, lab.tcp(lab.client), FD_CONNECT);
            lab.client.connect(failed.socket, lab.at(HoldingLab.NOBODY));
            assertThat(failed.await().networkEvents()).isEqualTo(FD_CONNECT);
            assertFailed(lab.client, lab.client.connect(failed.socket, lab.at(0)), Win32Error.WSAEADDRNOTAVAIL);
            receive(lab.client, failed.socket, 1);
            failed.assertTold(0);
            assertConnectEnds(lab, failed, HoldingLab.NOBODY, Win32Error.WSAECONNREFUSED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-71", "WSA-72"})
    void acceptedSocket_isToldOfRoomAndNotOfConnecting(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            Selected listener = new Selected(lab.server, lab.listener, FD_ALL_EVENTS);
            SocketHandle accepted = lab.pair()[1];
            WsaNetworkEvents events = new WsaNetworkEvents();
            lab.server.wsaEnumNetworkEvents(accepted, listener.event, events);
            assertThat(events.networkEvents()).isEqualTo(FD_WRITE);
            assertFailed(lab.server, receive(lab.server, accepted, 1), Win32Error.WSAEWOULDBLOCK);
        }
    }

    // ---- the end

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-72")
    void fdClose_isToldOnceAllWasReceived_andIsNoFdRead(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            Selected selected = new Selected(lab.server, pair[1], FD_READ | FD_CLOSE);
            lab.client.send(pair[0], bytes("last"), 0);
            lab.client.shutdown(pair[0], 1);
            selected.assertTold(FD_READ);

            receive(lab.server, pair[1], 2);
            selected.assertTold(FD_READ);
            receive(lab.server, pair[1], 2);
            assertThat(selected.event.isSignalled()).isTrue();
            WsaNetworkEvents end = selected.enumerate();
            assertThat(end.networkEvents()).isEqualTo(FD_CLOSE);
            assertThat(end.errorCode(FD_CLOSE_BIT)).isZero();
            assertThat(receive(lab.server, pair[1], 2)).isZero();
            selected.assertTold(0);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-72")
    void fdClose_isTold_whenAnOverlappedReceiveTakesTheLastBytes(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            Selected selected = new Selected(lab.server, pair[1], FD_CLOSE);
            lab.client.send(pair[0], bytes("last"), 0);
            lab.client.shutdown(pair[0], 1);
            selected.assertTold(0);
            WsaEvent done = lab.server.kernel32().wsaCreateEvent();

            assertFailed(
                    lab.server,
                    lab.server
                            .overlapped()
                            .wsaRecv(
                                    pair[1],
                                    List.of(ByteBuffer.allocate(9)),
                                    null,
                                    0,
                                    lab.server.overlapped().newOverlapped(done),
                                    null),
                    Win32Error.WSA_IO_PENDING);
            lab.server.kernel32().wsaWaitForMultipleEvents(List.of(done), true, Kernel32.INFINITE, false);

            selected.assertTold(FD_CLOSE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-68", "WSA-72"})
    void fdClose_tellsAReset_andOtherErrorCodesStay(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            Selected selected = new Selected(lab.server, pair[1], FD_READ | FD_CLOSE);
            lab.client.setsockopt(pair[0], Winsock.SOL_SOCKET, Winsock.SO_LINGER, 1);
            lab.client.closesocket(pair[0]);
            WsaNetworkEvents events = new WsaNetworkEvents();
            int[] before = new int[WsaNetworkEvents.FD_MAX_EVENTS];
            before[FD_CONNECT_BIT] = 77;
            events.fill(FD_CONNECT, before);

            assertThat(selected.event.isSignalled()).isTrue();
            assertThat(lab.server.wsaEnumNetworkEvents(pair[1], null, events)).isZero();
            assertThat(selected.event.isSignalled()).as("was not given").isTrue();
            assertThat(events.networkEvents()).isEqualTo(FD_CLOSE);
            assertThat(events.errorCode(FD_CLOSE_BIT)).isEqualTo(Win32Error.WSAECONNRESET.code());
            assertThat(events.errorCode(FD_CONNECT_BIT)).isEqualTo(77);
        }
    }
}
