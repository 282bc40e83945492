package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What completion ports tell, beside what Winsock tells of the same call; and ends that come with a warning. */
@Timeout(20)
class CompletionCodesTest {

    private static final int PORT = 9000;

    /** The calls of one machine whose sockets are all on one port. */
    private static final class Bench implements AutoCloseable {
        final HoldingLab lab;
        final Winsock winsock;
        final OverlappedWinsock calls;
        final CompletionPort port;

        Bench(AddressFamily family, CompletionMode mode) {
            this.lab = new HoldingLab(family, SimOptions.defaults().completionMode(mode));
            this.winsock = lab.server;
            this.calls = winsock.overlapped();
            this.port = Objects.requireNonNull(winsock.kernel32().createIoCompletionPort(null, null, 0, 1));
        }

        SocketHandle onPort(SocketHandle socket) {
            assertThat(winsock.kernel32().createIoCompletionPort(socket, port, 1, 0))
                    .isSameAs(port);
            return socket;
        }

        SocketHandle boundTcp() {
            SocketHandle socket = lab.tcp(winsock);
            assertThat(winsock.bind(socket, new InetSocketAddress(IpAddress.wildcard(lab.family), 0)))
                    .isZero();
            return onPort(socket);
        }

        /** A connection of which this process has the near end. */
        SocketHandle[] pair() {
            SocketHandle near = lab.tcp(winsock);
            assertThat(winsock.connect(near, lab.at(HoldingLab.OPEN))).isZero();
            SocketHandle far = winsock.accept(lab.listener, null);
            return new SocketHandle[] {onPort(near), far};
        }

        /** Takes one packet; its error both ways, and Winsock's for the same structure. */
        void assertEnds(SocketHandle socket, WsaOverlapped call, int win32, Win32Error winsockError) {
            Out<WsaOverlapped> structure = Out.empty();
            boolean good = winsock.kernel32()
                    .getQueuedCompletionStatus(port, new OutUlong(), Out.empty(), structure, Kernel32.INFINITE);
            assertThat(structure.get()).isSameAs(call);
            assertThat(good).isEqualTo(win32 == 0);
            if (!good) {
                assertThat(winsock.wsaGetLastError()).as("of the port").isEqualTo(win32);
            }
            assertThat(call.internal()).as("of Winsock").isEqualTo(winsockError);
            if (winsockError != Win32Error.WSA_OPERATION_ABORTED) {
                assertThat(calls.wsaGetOverlappedResult(socket, call, new OutUlong(), false, new OutUlong()))
                        .isFalse();
                assertThat(winsock.wsaGetLastError()).isEqualTo(winsockError.code());
            }
            assertThat(isEmpty()).as("no second packet").isTrue();
        }

        boolean isEmpty() {
            return winsock.kernel32().getQueuedCompletionStatusEx(port, 1, 0).isEmpty();
        }

        @Override
        public void close() {
            lab.close();
        }
    }

    private static List<ByteBuffer> room(int size) {
        return List.of(ByteBuffer.allocate(size));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("IOCP-10")
    void failedConnect_isToldByThePortInWin32AndByWinsockInItsOwn(AddressFamily family) throws InterruptedException {
        try (Bench bench = new Bench(family, CompletionMode.PENDING)) {
            InetSocketAddress nowhere =
                    new InetSocketAddress(family == AddressFamily.AF_INET ? "203.0.113.7" : "2001:db8::7", 443);
            assertConnectEnds(bench, bench.lab.at(HoldingLab.NOBODY), 1225, Win32Error.WSAECONNREFUSED);
            assertConnectEnds(bench, bench.lab.at(HoldingLab.BLOCKED), 5, Win32Error.WSAEACCES);
            assertConnectEnds(bench, nowhere, 1231, Win32Error.WSAENETUNREACH);

            SocketHandle cancelled = bench.boundTcp();
            WsaOverlapped call = bench.calls.newOverlapped();
            bench.calls.connectEx(cancelled, bench.lab.at(HoldingLab.HELD), call);
            bench.calls.cancelIoEx(cancelled, call);
            bench.assertEnds(cancelled, call, 995, Win32Error.WSA_OPERATION_ABORTED);
            bench.lab.permit();
        }
    }

    private static void assertConnectEnds(Bench bench, InetSocketAddress to, int win32, Win32Error error) {
        SocketHandle socket = bench.boundTcp();
        WsaOverlapped call = bench.calls.newOverlapped();
        bench.calls.connectEx(socket, to, call);
        bench.assertEnds(socket, call, win32, error);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"IOCP-06", "IOCP-10"})
    void endOfAConnection_isToldByThePortInWin32(AddressFamily family) {
        try (Bench bench = new Bench(family, CompletionMode.PENDING)) {
            SocketHandle[] reset = bench.pair();
            WsaOverlapped receive = bench.calls.newOverlapped();
            bench.calls.wsaRecv(reset[0], room(9), null, 0, receive, null);
            bench.winsock.setsockopt(reset[1], Winsock.SOL_SOCKET, Winsock.SO_LINGER, 1);
            bench.winsock.closesocket(reset[1]);
            bench.assertEnds(reset[0], receive, 64, Win32Error.WSAECONNRESET);

            SocketHandle[] ended = bench.pair();
            bench.winsock.shutdown(ended[0], 1);
            WsaOverlapped send = bench.calls.newOverlapped();
            bench.calls.wsaSend(ended[0], List.of(bytes("late")), null, 0, send, null);
            bench.assertEnds(ended[0], send, 233, Win32Error.WSAESHUTDOWN);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("IOCP-10")
    void datagram_thatNobodyTookOrThatWasCut_isToldByThePortInWin32(AddressFamily family) {
        try (Bench bench = new Bench(family, CompletionMode.PENDING)) {
            SocketHandle socket = bench.onPort(bench.lab.boundUdp(PORT));
            WsaOverlapped unreachable = bench.calls.newOverlapped();
            bench.calls.wsaRecvFrom(socket, room(9), null, 0, null, unreachable, null);
            bench.winsock.sendto(socket, bytes("hello?"), 0, bench.lab.at(HoldingLab.NOBODY));
            bench.assertEnds(socket, unreachable, 1234, Win32Error.WSAECONNRESET);

            WsaOverlapped cut = bench.calls.newOverlapped();
            bench.calls.wsaRecvFrom(socket, room(2), null, 0, null, cut, null);
            bench.lab.client.sendto(bench.lab.udp(bench.lab.client), bytes("long"), 0, bench.lab.at(PORT));
            bench.assertEnds(socket, cut, 234, Win32Error.WSAEMSGSIZE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("IOCP-10")
    void redirectQuery_thatFails_isToldByThePortAsTheKernelDoorTellsIt(AddressFamily family) {
        try (Bench bench = new Bench(family, CompletionMode.PENDING)) {
            SocketHandle socket = bench.pair()[0];
            WsaOverlapped call = bench.calls.newOverlapped();
            int code = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();

            bench.calls.wsaIoctl(socket, code, null, 0, ByteBuffer.allocate(9), 9, null, call, null);

            bench.assertEnds(socket, call, 1168, Win32Error.FWP_E_NOT_FOUND);
        }
    }

    // ---- warnings

    /** One way to receive a datagram into two bytes; the call fails at once. */
    private interface Reception {
        int receive(Bench bench, SocketHandle socket, WsaOverlapped call, WsaOverlappedCompletionRoutine routine);
    }

    private static final List<Reception> RECEPTIONS = List.of(
            (bench, socket, call, routine) ->
                    bench.calls.wsaRecvFrom(socket, room(2), new OutUlong(), 0, null, call, routine),
            (bench, socket, call, routine) -> DatagramLab.wsaRecvMsg(bench.winsock, socket)
                    .wsaRecvMsg(
                            socket, new WsaMsg().setLpBuffers(ByteBuffer.allocate(2)), new OutUlong(), call, routine));

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("OVL-14")
    void receiveThatCutsADatagramAtOnce_failsAndIsIndicatedAllTheSame(AddressFamily family) {
        for (Reception reception : RECEPTIONS) {
            try (Bench bench = new Bench(family, CompletionMode.INLINE)) {
                SocketHandle withEvent = bench.lab.boundUdp(PORT);
                WsaEvent event = bench.winsock.kernel32().wsaCreateEvent();
                WsaOverlapped call = bench.calls.newOverlapped(event);
                assertFailsAtOnce(bench, reception, withEvent, call, null);
                assertThat(event.isSignalled()).isTrue();
                assertThat(call.internal()).isEqualTo(Win32Error.WSAEMSGSIZE);
                assertThat(call.internalHigh()).isEqualTo(2);

                List<String> told = new ArrayList<>();
                assertFailsAtOnce(
                        bench,
                        reception,
                        withEvent,
                        bench.calls.newOverlapped(),
                        (error, count, structure, flags) -> told.add(error + " " + count));
                assertThat(told).isEmpty();
                bench.winsock.kernel32().sleepEx(0, true);
                assertThat(told).containsExactly("WSAEMSGSIZE 2");

                bench.onPort(withEvent);
                bench.winsock
                        .kernel32()
                        .setFileCompletionNotificationModes(withEvent, Kernel32.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
                WsaOverlapped packet = bench.calls.newOverlapped();
                assertFailsAtOnce(bench, reception, withEvent, packet, null);
                bench.assertEnds(withEvent, packet, 234, Win32Error.WSAEMSGSIZE);
            }
        }
    }

    private static void assertFailsAtOnce(
            Bench bench,
            Reception reception,
            SocketHandle socket,
            WsaOverlapped call,
            WsaOverlappedCompletionRoutine routine) {
        bench.lab.client.sendto(bench.lab.udp(bench.lab.client), bytes("long"), 0, bench.lab.at(PORT));
        assertThat(reception.receive(bench, socket, call, routine)).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(bench.winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAEMSGSIZE.code());
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"OVL-14", "WSA-49"})
    void receiveThatFailsAtOnceWithAnError_isNotIndicated(AddressFamily family) {
        try (Bench bench = new Bench(family, CompletionMode.INLINE)) {
            SocketHandle socket = bench.onPort(bench.lab.boundUdp(PORT));
            bench.winsock.sendto(socket, bytes("hello?"), 0, bench.lab.at(HoldingLab.NOBODY));

            assertThat(bench.calls.wsaRecvFrom(socket, room(9), null, 0, null, bench.calls.newOverlapped(), null))
                    .isEqualTo(Winsock.SOCKET_ERROR);

            assertThat(bench.winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAECONNRESET.code());
            assertThat(bench.isEmpty()).isTrue();
        }
    }
}
