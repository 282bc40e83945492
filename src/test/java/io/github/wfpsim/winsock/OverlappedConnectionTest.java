package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static io.github.wfpsim.winsock.HoldingLab.lastError;
import static io.github.wfpsim.winsock.HoldingLab.nonBlocking;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.net.IpAddress;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** AcceptEx and ConnectEx as their pointers offer them: with first data, addresses in memory and contexts. */
@Timeout(20)
class OverlappedConnectionTest {

    private static final int DATA = 16;

    private static HoldingLab lab(AddressFamily family, CompletionMode mode) {
        return new HoldingLab(family, SimOptions.defaults().completionMode(mode));
    }

    private static int least(AddressFamily family) {
        return family == AddressFamily.AF_INET ? 32 : 44;
    }

    private static long pointer(Winsock winsock, SocketHandle socket, Wsaid function) {
        ByteBuffer pointer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        int code = ControlCode.SIO_GET_EXTENSION_FUNCTION_POINTER.code();
        assertThat(winsock.wsaIoctl(socket, code, function.bytes(), 16, pointer, 8, new OutUlong()))
                .isZero();
        return pointer.getLong(0);
    }

    /** One AcceptEx with room for data and addresses. */
    private static final class Accept {
        final HoldingLab lab;
        final SocketHandle socket;
        final WsaOverlapped overlapped;
        final int size;
        final ByteBuffer memory;

        Accept(HoldingLab lab, int dataLength) {
            this.lab = lab;
            this.overlapped = lab.server.overlapped().newOverlapped();
            this.socket = lab.tcp(lab.server);
            this.size = dataLength;
            int room = least(lab.family);
            this.memory = ByteBuffer.allocate(3 + dataLength + 2 * room).position(3);
            LpfnAcceptEx acceptEx = lab.server.extensionFunction(
                    LpfnAcceptEx.class, pointer(lab.server, lab.listener, Wsaid.WSAID_ACCEPTEX));
            boolean now = acceptEx.acceptEx(lab.listener, socket, memory, dataLength, room, room, null, overlapped);
            assertThat(now || lastError(lab.server) == Win32Error.WSA_IO_PENDING)
                    .isTrue();
            assertThat(memory.position()).isEqualTo(3);
        }

        boolean isOver() {
            return overlapped.hasOverlappedIoCompleted();
        }

        /** Waits for the end; the bytes, or below 0 after a failure. */
        int end() {
            return Ends.end(lab.server, lab.listener, overlapped);
        }

        InetSocketAddress[] addresses() {
            Out<InetSocketAddress> local = Out.empty();
            Out<InetSocketAddress> remote = Out.empty();
            int room = least(lab.family);
            lab.server
                    .extensionFunction(
                            LpfnGetAcceptExSockaddrs.class,
                            pointer(lab.server, lab.listener, Wsaid.WSAID_GETACCEPTEXSOCKADDRS))
                    .getAcceptExSockaddrs(memory, size, room, room, local, remote);
            return new InetSocketAddress[] {local.get(), remote.get()};
        }

        int update(SocketHandle listener) {
            ByteBuffer value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            value.putLong(0, listener.value());
            return lab.server.setsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_UPDATE_ACCEPT_CONTEXT, value, 8);
        }
    }

    /** How overlapped calls end. */
    private static final class Ends {

        static int end(Winsock winsock, SocketHandle socket, WsaOverlapped overlapped) {
            OutUlong count = new OutUlong();
            boolean good = winsock.overlapped().wsaGetOverlappedResult(socket, overlapped, count, true, new OutUlong());
            return good ? count.value() : -1;
        }
    }

    private static SocketHandle connected(HoldingLab lab) {
        SocketHandle socket = lab.tcp(lab.client);
        assertThat(lab.client.connect(socket, lab.at(HoldingLab.OPEN))).isZero();
        return socket;
    }

    private static InetSocketAddress nameOf(Winsock winsock, SocketHandle socket) {
        Out<InetSocketAddress> name = Out.empty();
        assertThat(winsock.getsockname(socket, name)).isZero();
        return name.get();
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-01", "OVL-02", "OVL-03"})
    void acceptEx_withRoomForData_endsWithTheFirstBytes_andTellsTheAddresses(CompletionMode mode) throws Exception {
        for (AddressFamily family : AddressFamily.values()) {
            for (boolean early : new boolean[] {true, false}) {
                try (HoldingLab lab = lab(family, mode)) {
                    SocketHandle client = early ? connected(lab) : lab.tcp(lab.client);
                    if (early) {
                        lab.client.send(client, bytes("hello"), 0);
                    }
                    Accept accept = new Accept(lab, DATA);
                    if (!early) {
                        lab.client.connect(client, lab.at(HoldingLab.OPEN));
                        assertThat(accept.isOver()).as("it waits for data").isFalse();
                        lab.client.send(client, bytes("hello"), 0);
                    }

                    assertThat(accept.end()).isEqualTo(5);

                    assertThat(accept.memory.slice(3, 5)).isEqualTo(bytes("hello"));
                    assertThat(accept.addresses()).containsExactly(lab.at(HoldingLab.OPEN), nameOf(lab.client, client));
                }
            }
        }
    }

    @Test
    @Spec("OVL-02")
    void acceptEx_atOnce_tellsTheCount() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.INLINE)) {
            lab.client.send(connected(lab), bytes("hello"), 0);
            OutUlong count = new OutUlong();
            ByteBuffer memory = ByteBuffer.allocate(3 + 64);

            assertThat(lab.server
                            .overlapped()
                            .acceptEx(
                                    lab.listener,
                                    lab.tcp(lab.server),
                                    memory,
                                    3,
                                    32,
                                    32,
                                    count,
                                    lab.server.overlapped().newOverlapped()))
                    .isTrue();

            assertThat(count.value()).as("as much as has room").isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-02")
    void acceptEx_withoutRoomForData_doesNotWaitForAny_andWithRoomEndsWithThePeer(CompletionMode mode) {
        try (HoldingLab lab = lab(AddressFamily.AF_INET6, mode)) {
            Accept noData = new Accept(lab, 0);
            connected(lab);
            assertThat(noData.end()).isZero();
            assertThat(noData.addresses()[0]).isEqualTo(lab.at(HoldingLab.OPEN));

            Accept ended = new Accept(lab, DATA);
            lab.client.shutdown(connected(lab), ShutdownHow.SD_SEND.code());
            assertThat(ended.end()).isZero();

            Accept reset = new Accept(lab, DATA);
            SocketHandle client = connected(lab);
            lab.client.setsockopt(client, Winsock.SOL_SOCKET, Winsock.SO_LINGER, 1);
            lab.client.closesocket(client);
            assertThat(reset.end()).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSAECONNRESET);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-08")
    void acceptEx_thatWaitsForData_keepsNobodyElseWaiting_andCanBeCancelled(CompletionMode mode) throws Exception {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            Accept silent = new Accept(lab, DATA);
            Accept talking = new Accept(lab, DATA);
            SocketHandle first = connected(lab);
            SocketHandle second = connected(lab);
            lab.client.send(second, bytes("me first"), 0);
            assertThat(talking.end()).isEqualTo(8);
            assertThat(silent.isOver()).isFalse();

            assertThat(lab.server.overlapped().cancelIoEx(lab.listener, silent.overlapped))
                    .isTrue();

            assertThat(silent.end()).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertFailed(lab.client, lab.client.recv(first, ByteBuffer.allocate(1), 0), Win32Error.WSAECONNRESET);
            assertThat(lab.server.closesocket(silent.socket)).isZero();
            assertThat(lab.server.send(talking.socket, bytes("ok"), 0)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-08")
    void acceptEx_whoseSocketIsClosedBeforeAConnectionComes_isAborted_andLeavesItToTheNext(CompletionMode mode) {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            Accept closed = new Accept(lab, 0);
            Accept next = new Accept(lab, 0);
            lab.server.closesocket(closed.socket);

            SocketHandle client = connected(lab);

            assertThat(closed.end()).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertThat(next.end()).isZero();
            assertThat(next.addresses()[1]).isEqualTo(nameOf(lab.client, client));
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-08")
    void acceptEx_whoseSocketIsClosedWhileItWaitsForData_isAborted(CompletionMode mode) throws Exception {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            Accept accept = new Accept(lab, DATA);
            SocketHandle client = connected(lab);
            while (connectTime(lab.server, accept.socket) == -1) {
                Thread.onSpinWait();
            }

            lab.server.closesocket(accept.socket);

            assertThat(accept.end()).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertThat(lab.client.recv(client, ByteBuffer.allocate(1), 0)).isZero();
        }
    }

    @Test
    @Spec("OVL-03")
    void acceptEx_withBadMemoryOrLengths_isRefused() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.PENDING);
                HoldingLab six = lab(AddressFamily.AF_INET6, CompletionMode.PENDING)) {
            assertRefused(lab, null, 0, 32, 32, Win32Error.WSAEFAULT);
            assertRefused(lab, ByteBuffer.allocate(64).asReadOnlyBuffer(), 0, 32, 32, Win32Error.WSAEFAULT);
            assertRefused(lab, ByteBuffer.allocate(64), 1, 32, 32, Win32Error.WSAEFAULT);
            assertRefused(lab, ByteBuffer.allocate(64), -1, 32, 32, Win32Error.WSAEFAULT);
            assertRefused(lab, ByteBuffer.allocate(30), 0, 31, 32, Win32Error.WSAEFAULT);
            assertRefused(lab, ByteBuffer.allocate(64), 0, 31, 32, Win32Error.WSAEINVAL);
            assertRefused(lab, ByteBuffer.allocate(64), 0, 32, 0, Win32Error.WSAEINVAL);
            assertRefused(six, ByteBuffer.allocate(88), 0, 44, 43, Win32Error.WSAEINVAL);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lab.server
                            .overlapped()
                            .getAcceptExSockaddrs(ByteBuffer.allocate(64), 0, 32, 32, Out.empty(), Out.empty()));
            for (long wrong : new long[] {0, pointer(lab.server, lab.listener, Wsaid.WSAID_CONNECTEX)}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> lab.server.extensionFunction(LpfnAcceptEx.class, wrong));
            }
        }
    }

    @Test
    @Spec("OVL-03")
    void getAcceptExSockaddrs_withOtherLengthsThanTheCall_isRefused() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.INLINE)) {
            connected(lab);
            Accept accept = new Accept(lab, 0);
            assertThat(accept.end()).isZero();
            int[][] wrong = {
                {0, 32, 33}, {0, Integer.MAX_VALUE, 32}, {1, 32, 32}, {0, 32, 19}, {0, 32, 3}, {-32, 64, 32}
            };
            for (int[] lengths : wrong) {
                Out<InetSocketAddress> local = Out.empty();
                assertThatIllegalArgumentException()
                        .as("%s", Arrays.toString(lengths))
                        .isThrownBy(() -> lab.server
                                .overlapped()
                                .getAcceptExSockaddrs(
                                        accept.memory, lengths[0], lengths[1], lengths[2], local, Out.empty()))
                        .withMessageContaining("give the buffer and the lengths");
                assertThat(local.get()).isNull();
            }
        }
    }

    @Test
    @Spec("OVL-03")
    void addresses_ofAListenerForBothFamilies_staySixteenBytesLong() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET6, CompletionMode.INLINE)) {
            SocketHandle dual = lab.tcp(lab.server);
            lab.server.setsockopt(dual, IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_V6ONLY, 0);
            lab.server.bind(dual, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET6), 90));
            assertThat(lab.server.listen(dual, 1)).isZero();
            SocketHandle client = lab.client.socket(AddressFamily.AF_INET.code(), 1, 6);
            InetSocketAddress four = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 90);
            assertThat(lab.client.connect(client, four)).isZero();
            ByteBuffer memory = ByteBuffer.allocate(88);
            OverlappedWinsock server = lab.server.overlapped();
            assertThat(server.acceptEx(
                            dual,
                            lab.tcp(lab.server),
                            memory,
                            0,
                            44,
                            44,
                            null,
                            lab.server.overlapped().newOverlapped()))
                    .isTrue();
            Out<InetSocketAddress> remote = Out.empty();

            server.getAcceptExSockaddrs(memory, 0, 44, 44, Out.empty(), remote);

            assertThat(remote.get().getAddress()).isInstanceOf(Inet6Address.class);
            assertThat(remote.get().getPort())
                    .isEqualTo(nameOf(lab.client, client).getPort());
        }
    }

    private static void assertRefused(
            HoldingLab lab, @Nullable ByteBuffer memory, int data, int local, int remote, Win32Error error) {
        WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
        SocketHandle fresh = lab.tcp(lab.server);
        assertThat(lab.server.overlapped().acceptEx(lab.listener, fresh, memory, data, local, remote, null, overlapped))
                .isFalse();
        assertThat(lastError(lab.server)).isEqualTo(error);
        assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
    }

    private static int connectTime(Winsock winsock, SocketHandle socket) {
        OutUlong seconds = new OutUlong();
        assertThat(winsock.getsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_CONNECT_TIME, seconds))
                .isZero();
        return seconds.value();
    }

    @Test
    @Spec("OVL-04")
    void connectTime_countsTheSecondsOfAConnection_whileAcceptExWaitsForData() throws Exception {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.INLINE)) {
            Accept accept = new Accept(lab, DATA);
            assertThat(connectTime(lab.server, accept.socket)).isEqualTo(-1);
            SocketHandle client = connected(lab);
            while (connectTime(lab.server, accept.socket) == -1) {
                Thread.onSpinWait();
            }
            assertThat(connectTime(lab.server, accept.socket)).isZero();

            lab.sim.clock().advance(Duration.ofMillis(2999));

            assertThat(connectTime(lab.server, accept.socket)).isEqualTo(2);
            assertThat(connectTime(lab.client, client)).isEqualTo(2);
            assertThat(accept.isOver()).isFalse();
            assertFailed(
                    lab.client,
                    lab.client.getsockopt(
                            lab.udp(lab.client), Winsock.SOL_SOCKET, Winsock.SO_CONNECT_TIME, new OutUlong()),
                    Win32Error.WSAENOPROTOOPT);
            assertFailed(
                    lab.client,
                    lab.client.setsockopt(client, Winsock.SOL_SOCKET, Winsock.SO_CONNECT_TIME, 0),
                    Win32Error.WSAENOPROTOOPT);
        }
    }

    @Test
    @Spec({"OVL-05", "IOCP-08"})
    void updateAcceptContext_takesTheListener_andItsProperties() {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            lab.server.setsockopt(lab.listener, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, 77);
            Accept accept = new Accept(lab, 0);
            assertFailed(lab.server, accept.update(lab.listener), Win32Error.WSAENOTCONN);
            SocketHandle client = connected(lab);
            assertThat(accept.end()).isZero();
            OutUlong timeout = new OutUlong();
            lab.server.getsockopt(accept.socket, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, timeout);
            assertThat(timeout.value()).as("before").isZero();

            assertFailed(
                    lab.server,
                    lab.server.setsockopt(accept.socket, Winsock.SOL_SOCKET, Winsock.SO_UPDATE_ACCEPT_CONTEXT, null, 0),
                    Win32Error.WSAEFAULT);
            assertFailed(
                    lab.server,
                    lab.server.setsockopt(
                            accept.socket,
                            Winsock.SOL_SOCKET,
                            Winsock.SO_UPDATE_ACCEPT_CONTEXT,
                            ByteBuffer.allocate(8),
                            7),
                    Win32Error.WSAEFAULT);
            assertFailed(lab.server, accept.update(client), Win32Error.WSAENOTSOCK);
            assertFailed(lab.server, accept.update(accept.socket), Win32Error.WSAEINVAL);
            assertFailed(lab.server, lab.server.getpeername(accept.socket, Out.empty()), Win32Error.WSAENOTCONN);
            assertThat(accept.update(lab.listener)).isZero();

            lab.server.getsockopt(accept.socket, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, timeout);
            assertThat(timeout.value()).isEqualTo(77);
            assertThat(lab.server.getpeername(accept.socket, Out.empty())).isZero();
        }
    }

    private static SocketHandle bound(HoldingLab lab) {
        SocketHandle socket = lab.tcp(lab.client);
        assertThat(lab.client.bind(socket, lab.at(0))).isZero();
        return socket;
    }

    private static LpfnConnectEx connectEx(HoldingLab lab, SocketHandle socket) {
        return lab.client.extensionFunction(LpfnConnectEx.class, pointer(lab.client, socket, Wsaid.WSAID_CONNECTEX));
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-01", "OVL-06"})
    void connectEx_sendsFirstData_asMuchAsItIsGiven_howeverLittleRoomThereIs(CompletionMode mode) throws Exception {
        for (AddressFamily family : AddressFamily.values()) {
            try (HoldingLab lab = lab(family, mode)) {
                int size = 1 << 20;
                ByteBuffer data = ByteBuffer.allocate(size + 9).position(4);
                SocketHandle socket = bound(lab);
                WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();

                assertThat(connectEx(lab, socket)
                                .connectEx(socket, lab.at(HoldingLab.OPEN), data, size, null, overlapped))
                        .isFalse();
                assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSA_IO_PENDING);
                SocketHandle accepted = lab.server.accept(lab.listener, null);
                int received = 0;
                while (received < size) {
                    int count = lab.server.recv(accepted, ByteBuffer.allocate(1 << 16), 0);
                    assertThat(count).isPositive();
                    received += count;
                }

                assertThat(Ends.end(lab.client, socket, overlapped)).isEqualTo(size);
                assertThat(received).isEqualTo(size);
                assertThat(data.position()).isEqualTo(4);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-06")
    void connectEx_withoutData_ignoresItsSize(CompletionMode mode) {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            SocketHandle socket = bound(lab);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();

            assertThat(connectEx(lab, socket).connectEx(socket, lab.at(HoldingLab.OPEN), null, 99, null, overlapped))
                    .isFalse();

            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSA_IO_PENDING);
            assertThat(Ends.end(lab.client, socket, overlapped)).isZero();
            assertThat(connectTime(lab.client, socket)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-07", "IOCP-09"})
    void connectEx_thatACalloutHolds_canBeCancelled_andIsAbortedByTheClose(CompletionMode mode) throws Exception {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            InetSocketAddress held = lab.at(HoldingLab.HELD);
            SocketHandle cancelled = bound(lab);
            SocketHandle closed = bound(lab);
            SocketHandle good = bound(lab);
            WsaOverlapped[] calls = {
                lab.server.overlapped().newOverlapped(),
                lab.server.overlapped().newOverlapped(),
                lab.server.overlapped().newOverlapped()
            };
            connectEx(lab, cancelled).connectEx(cancelled, held, bytes("x"), 1, null, calls[0]);
            connectEx(lab, closed).connectEx(closed, held, bytes("x"), 1, null, calls[1]);
            connectEx(lab, good).connectEx(good, held, bytes("x"), 1, null, calls[2]);

            assertThat(lab.client.overlapped().cancelIoEx(cancelled, calls[0])).isTrue();
            lab.client.closesocket(closed);

            assertThat(calls[0].internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertThat(calls[1].internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            for (int i = 0; i < calls.length; i++) {
                lab.permit();
            }
            assertThat(Ends.end(lab.client, good, calls[2])).isEqualTo(1);
            assertThat(connectTime(lab.client, cancelled)).isEqualTo(-1);
            nonBlocking(lab.server, lab.heldListener);
            assertThat(lab.server.accept(lab.heldListener, null)).isNotEqualTo(SocketHandle.INVALID_SOCKET);
            assertThat(lab.server.accept(lab.heldListener, null))
                    .as("neither of the others has arrived")
                    .isEqualTo(SocketHandle.INVALID_SOCKET);
        }
    }

    @Test
    @Spec({"OVL-07", "IOCP-09"})
    void connectEx_cancelledBeforeItCouldGoOn_doesNotGoOn() throws Exception {
        SimOptions manual = SimOptions.defaults().dispatcher(DispatcherMode.MANUAL);
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET, manual)) {
            SocketHandle socket = bound(lab);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            connectEx(lab, socket).connectEx(socket, lab.at(HoldingLab.HELD), null, 0, null, overlapped);
            lab.permit();

            assertThat(lab.client.overlapped().cancelIoEx(socket, overlapped)).isTrue();
            lab.sim.dispatcher().runAll();

            assertThat(overlapped.internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertThat(connectTime(lab.client, socket)).isEqualTo(-1);
            nonBlocking(lab.server, lab.heldListener);
            assertThat(lab.server.accept(lab.heldListener, null))
                    .as("nothing has arrived")
                    .isEqualTo(SocketHandle.INVALID_SOCKET);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-07")
    void connectEx_tellsArgumentsAndStatesAtOnce_otherFailuresByTheIndication(CompletionMode mode) throws Exception {
        try (HoldingLab lab = lab(AddressFamily.AF_INET, mode)) {
            SocketHandle socket = bound(lab);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            LpfnConnectEx connectEx = connectEx(lab, socket);
            InetSocketAddress held = lab.at(HoldingLab.HELD);

            assertThat(connectEx.connectEx(socket, held, ByteBuffer.allocate(3), 4, null, overlapped))
                    .isFalse();
            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSAEFAULT);
            assertThat(connectEx.connectEx(socket, held, ByteBuffer.allocate(3), -1, null, overlapped))
                    .isFalse();
            assertThat(lastError(lab.client)).as("a DWORD").isEqualTo(Win32Error.WSAEFAULT);
            assertThat(connectEx.connectEx(socket, lab.at(0), null, 0, null, overlapped))
                    .isFalse();
            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSAEADDRNOTAVAIL);
            connectEx.connectEx(socket, lab.at(HoldingLab.NOBODY), bytes("x"), 1, null, overlapped);
            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSA_IO_PENDING);
            assertThat(Ends.end(lab.client, socket, overlapped)).isEqualTo(-1);
            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSAECONNREFUSED);

            connectEx.connectEx(socket, held, bytes("x"), 1, null, overlapped);
            WsaOverlapped second = lab.server.overlapped().newOverlapped();
            connectEx.connectEx(socket, held, null, 0, null, second);
            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSAEALREADY);
            assertThat(second.hasOverlappedIoCompleted()).isTrue();
            lab.permit();
            assertThat(Ends.end(lab.client, socket, overlapped)).isEqualTo(1);
            connectEx.connectEx(socket, held, null, 0, null, second);
            assertThat(lastError(lab.client)).isEqualTo(Win32Error.WSAEISCONN);
        }
    }
}
