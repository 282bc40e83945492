package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Asynchronous sockets on completion ports: AcceptEx, ConnectEx, WSARecv, WSASend. */
@Timeout(20)
class CompletionPortTest {

    private static final int PORT = 8080;
    private static final long KEY = 0x1234_5678_9ABCL;

    /** A machine, a server with a port, and a client. */
    private static final class Bench implements AutoCloseable {
        final WfpSim sim;
        final Winsock server;
        final Winsock client;
        final Kernel32 kernel32;
        final CompletionPort port;
        final SocketHandle listener;
        final InetSocketAddress address;
        final AddressFamily family;

        Bench(AddressFamily family, CompletionMode mode) {
            this.family = family;
            this.sim = WfpSim.open(SimOptions.defaults().completionMode(mode));
            SimProcess service = sim.process("C:\\service.exe", Token.ELEVATED_ADMINISTRATOR);
            this.server = service.winsock();
            this.client = sim.process("C:\\client.exe", Token.STANDARD_USER).winsock();
            this.kernel32 = server.kernel32();
            this.port = Objects.requireNonNull(kernel32.createIoCompletionPort(null, null, 0, 2));
            this.address = new InetSocketAddress(IpAddress.loopback(family), PORT);
            this.listener = tcp(server);
            assertThat(server.bind(listener, address)).isZero();
            assertThat(server.listen(listener, Winsock.SOMAXCONN)).isZero();
        }

        SocketHandle tcp(Winsock winsock) {
            return winsock.socket(family.code(), 1, 6);
        }

        CompletionPort.Entry next() {
            List<CompletionPort.Entry> taken = kernel32.getQueuedCompletionStatusEx(port, 1, Kernel32.INFINITE);
            assertThat(taken).hasSize(1);
            return taken.get(0);
        }

        /** Two sockets that are connected, the server's end on the port. */
        SocketHandle[] pair() {
            SocketHandle near = tcp(client);
            assertThat(client.connect(near, address)).isZero();
            SocketHandle far = server.accept(listener, null);
            kernel32.createIoCompletionPort(far, port, KEY, 0);
            return new SocketHandle[] {near, far};
        }

        @Override
        public void close() {
            sim.close();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Win32Error lastError(Winsock winsock) {
        return Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"IOCP-01", "IOCP-02", "IOCP-07", "IOCP-08"})
    void acceptConnectReceiveAndSend_endOnThePort(CompletionMode mode) {
        for (AddressFamily family : AddressFamily.values()) {
            try (Bench bench = new Bench(family, mode)) {
                bench.kernel32.createIoCompletionPort(bench.listener, bench.port, 1, 0);
                SocketHandle accepted = bench.tcp(bench.server);
                WsaOverlapped accept = bench.server.overlapped().newOverlapped();
                Out<InetSocketAddress> peer = Out.empty();
                assertThat(bench.server.overlapped().acceptEx(bench.listener, accepted, null, peer, accept))
                        .isFalse();
                assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSA_IO_PENDING);

                SocketHandle onward = bench.tcp(bench.server);
                bench.server.bind(onward, new InetSocketAddress(IpAddress.wildcard(family), 0));
                bench.kernel32.createIoCompletionPort(onward, bench.port, 2, 0);
                WsaOverlapped connect = bench.server.overlapped().newOverlapped();
                bench.server.overlapped().connectEx(onward, bench.address, connect);
                Map<Long, CompletionPort.Entry> ends = new HashMap<>();
                for (int i = 0; i < 2; i++) {
                    CompletionPort.Entry entry = bench.next();
                    assertThat(entry.error()).isEqualTo(Win32Error.NO_ERROR);
                    ends.put(entry.completionKey(), entry);
                }
                assertThat(ends.get(1L).overlapped()).isSameAs(accept);
                assertThat(ends.get(2L).overlapped()).isSameAs(connect);

                Out<InetSocketAddress> name = Out.empty();
                assertThat(bench.server.getpeername(onward, name)).isEqualTo(Winsock.SOCKET_ERROR);
                assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSAENOTCONN);
                for (SocketHandle early : List.of(onward, accepted)) {
                    assertThat(bench.server.shutdown(early, 1)).isEqualTo(Winsock.SOCKET_ERROR);
                    assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSAENOTCONN);
                }
                assertThat(bench.server.setsockopt(
                                onward, Winsock.SOL_SOCKET, Winsock.SO_UPDATE_CONNECT_CONTEXT, null, 0))
                        .isZero();
                assertThat(bench.server.getpeername(onward, name)).isZero();
                assertThat(name.get()).isEqualTo(bench.address);
                bench.server.getsockname(onward, name);
                assertThat(peer.get()).isEqualTo(name.get());

                bench.kernel32.createIoCompletionPort(accepted, bench.port, 3, 0);
                ByteBuffer first = ByteBuffer.allocate(3);
                ByteBuffer second = ByteBuffer.allocate(30);
                WsaOverlapped receive = bench.server.overlapped().newOverlapped();
                bench.server.overlapped().wsaRecv(accepted, List.of(first, second), null, 0, receive, null);
                WsaOverlapped send = bench.server.overlapped().newOverlapped();
                List<ByteBuffer> hello = List.of(bytes("hel"), bytes("lo"));
                bench.server.overlapped().wsaSend(onward, hello, null, 0, send, null);
                for (int i = 0; i < 2; i++) {
                    CompletionPort.Entry entry = bench.next();
                    assertThat(entry.bytesTransferred()).isEqualTo(5);
                }
                assertThat(first.flip()).isEqualTo(bytes("hel"));
                assertThat(second.flip()).isEqualTo(bytes("lo"));
                assertThat(hello).as("positions move behind what was sent").noneMatch(ByteBuffer::hasRemaining);
            }
        }
    }

    @Test
    @Spec("IOCP-03")
    void wait_endsWithItsTime_andWithThePort() throws Exception {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            OutUlong bytes = new OutUlong();
            Out<WsaOverlapped> overlapped = Out.empty();
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                assertThat(bench.kernel32.getQueuedCompletionStatus(bench.port, bytes, Out.empty(), overlapped, 0))
                        .isFalse();
                assertThat(lastError(bench.server)).isEqualTo(Win32Error.WAIT_TIMEOUT);
                Future<Win32Error> timed = thread.submit(() -> failed(bench, 5));
                while (!timed.isDone()) {
                    bench.sim.clock().advance(Duration.ofMillis(1));
                }
                assertThat(timed.get()).isEqualTo(Win32Error.WAIT_TIMEOUT);
                Future<Win32Error> closed = thread.submit(() -> failed(bench, Kernel32.INFINITE));
                bench.port.close();
                assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(Win32Error.ERROR_ABANDONED_WAIT_0);
            } finally {
                thread.shutdownNow();
            }
        }
    }

    @Test
    @Spec("IOCP-03")
    void timeIsWithoutSign_andClosingThrowsPacketsAway() throws Exception {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            Background<Integer> wait = Background.start(() -> bench.kernel32
                            .getQueuedCompletionStatusEx(bench.port, 1, 0x8000_0000)
                            .size())
                    .awaitBlocked();
            bench.sim.clock().advance(Duration.ofDays(24));
            assertThat(wait.isDone()).isFalse();
            bench.kernel32.postQueuedCompletionStatus(bench.port, 0, 0, null);
            assertThat(wait.result()).isEqualTo(1);

            bench.kernel32.postQueuedCompletionStatus(bench.port, 0, 0, null);
            bench.port.close();
            assertThat(failed(bench, 0)).isEqualTo(Win32Error.ERROR_ABANDONED_WAIT_0);
        }
    }

    private static Win32Error failed(Bench bench, int milliseconds) {
        Out<WsaOverlapped> overlapped = Out.empty();
        overlapped.set(bench.server.overlapped().newOverlapped());
        assertThat(bench.kernel32.getQueuedCompletionStatus(
                        bench.port, new OutUlong(), Out.empty(), overlapped, milliseconds))
                .isFalse();
        assertThat(overlapped.get()).isNull();
        return lastError(bench.server);
    }

    @Test
    @Spec("IOCP-04")
    void postedPacket_comesAsItIs() {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            WsaOverlapped mine = bench.server.overlapped().newOverlapped();
            OutUlong bytes = new OutUlong();
            Out<Long> key = Out.empty();
            Out<WsaOverlapped> overlapped = Out.empty();
            bench.kernel32.postQueuedCompletionStatus(bench.port, 7, KEY, mine);
            bench.kernel32.postQueuedCompletionStatus(bench.port, 0, 0, null);

            assertThat(bench.kernel32.getQueuedCompletionStatus(bench.port, bytes, key, overlapped, 0))
                    .isTrue();
            assertThat(bytes.value()).isEqualTo(7);
            assertThat(key.get()).isEqualTo(KEY);
            assertThat(overlapped.get()).isSameAs(mine);
            assertThat(bench.kernel32.getQueuedCompletionStatusEx(bench.port, 5, 0))
                    .extracting(CompletionPort.Entry::overlapped)
                    .hasSize(1)
                    .containsOnlyNulls();
            bench.port.close();
            assertThat(bench.kernel32.postQueuedCompletionStatus(bench.port, 0, 0, null))
                    .isFalse();
        }
    }

    @Test
    @Spec("IOCP-02")
    void association_isForGood_andNeedsTheOverlappedAttribute() {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            SocketHandle plain = bench.server.wsaSocket(2, 1, 6, 0);
            assertThat(bench.kernel32.createIoCompletionPort(plain, bench.port, 0, 0))
                    .isNull();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            SocketHandle once = bench.tcp(bench.server);
            assertThat(bench.kernel32.createIoCompletionPort(once, bench.port, 0, 0))
                    .isSameAs(bench.port);
            assertThat(bench.kernel32.createIoCompletionPort(once, null, 0, 0)).isNull();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            assertThat(bench.kernel32.createIoCompletionPort(SocketHandle.INVALID_SOCKET, bench.port, 0, 0))
                    .isNull();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSA_INVALID_HANDLE);
            bench.port.close();
            bench.server.wsaSetLastError(0);
            assertThat(bench.kernel32.createIoCompletionPort(bench.tcp(bench.server), bench.port, 0, 0))
                    .as("a port that was closed")
                    .isNull();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSA_INVALID_HANDLE);
        }
    }

    @Test
    @Spec("IOCP-05")
    void skippingPackets_concernsCallsThatSucceedAtOnce() {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.INLINE)) {
            SocketHandle[] pair = bench.pair();
            OutUlong count = new OutUlong();
            bench.server
                    .overlapped()
                    .wsaSend(
                            pair[1],
                            List.of(bytes("a")),
                            count,
                            0,
                            bench.server.overlapped().newOverlapped(),
                            null);
            assertThat(bench.next().bytesTransferred()).isEqualTo(1);

            assertThat(bench.kernel32.setFileCompletionNotificationModes(pair[1], 4))
                    .isFalse();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            assertThat(bench.kernel32.setFileCompletionNotificationModes(
                            pair[1], Kernel32.FILE_SKIP_SET_EVENT_ON_HANDLE))
                    .isTrue();
            bench.server
                    .overlapped()
                    .wsaSend(
                            pair[1],
                            List.of(bytes("a")),
                            count,
                            0,
                            bench.server.overlapped().newOverlapped(),
                            null);
            assertThat(bench.next().bytesTransferred()).isEqualTo(1);
            assertThat(bench.kernel32.setFileCompletionNotificationModes(
                            pair[1], Kernel32.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS))
                    .isTrue();
            assertThat(bench.server
                            .overlapped()
                            .wsaSend(
                                    pair[1],
                                    List.of(bytes("bc")),
                                    count,
                                    0,
                                    bench.server.overlapped().newOverlapped(),
                                    null))
                    .isZero();
            assertThat(count.value()).isEqualTo(2);
            assertThat(bench.kernel32.getQueuedCompletionStatusEx(bench.port, 1, 0))
                    .isEmpty();

            WsaOverlapped later = bench.server.overlapped().newOverlapped();
            bench.server.overlapped().wsaRecv(pair[1], List.of(ByteBuffer.allocate(9)), null, 0, later, null);
            bench.client.send(pair[0], bytes("x"), 0);
            assertThat(bench.next().overlapped()).isSameAs(later);
        }
    }

    @Test
    @Spec("IOCP-06")
    void reset_isToldAsNetnameDeleted() {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            SocketHandle[] pair = bench.pair();
            WsaOverlapped receive = bench.server.overlapped().newOverlapped();
            bench.server.overlapped().wsaRecv(pair[1], List.of(ByteBuffer.allocate(9)), null, 0, receive, null);
            bench.client.setsockopt(pair[0], Winsock.SOL_SOCKET, Winsock.SO_LINGER, 1);
            bench.client.closesocket(pair[0]);
            Out<WsaOverlapped> overlapped = Out.empty();

            assertThat(bench.kernel32.getQueuedCompletionStatus(
                            bench.port, new OutUlong(), Out.empty(), overlapped, Kernel32.INFINITE))
                    .isFalse();

            assertThat(lastError(bench.server)).isEqualTo(Win32Error.ERROR_NETNAME_DELETED);
            assertThat(overlapped.get()).isSameAs(receive);
            OutUlong none = new OutUlong();
            assertThat(bench.server.overlapped().wsaGetOverlappedResult(pair[1], receive, none, false, none))
                    .isFalse();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSAECONNRESET);
        }
    }

    @Test
    @Spec("IOCP-09")
    void pendingCalls_endInTheirOrder_andCanBeCancelled() {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            SocketHandle[] pair = bench.pair();
            WsaOverlapped[] calls = {
                bench.server.overlapped().newOverlapped(),
                bench.server.overlapped().newOverlapped(),
                bench.server.overlapped().newOverlapped()
            };
            for (WsaOverlapped call : calls) {
                bench.server.overlapped().wsaRecv(pair[1], List.of(ByteBuffer.allocate(1)), null, 0, call, null);
            }

            assertThat(bench.server.overlapped().cancelIoEx(bench.listener, calls[1]))
                    .as("it is pending on another socket")
                    .isFalse();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.ERROR_NOT_FOUND);
            assertThat(bench.server.overlapped().cancelIoEx(pair[1], calls[1])).isTrue();
            assertThat(bench.next().error()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            bench.client.send(pair[0], bytes("ab"), 0);
            assertThat(bench.next().overlapped()).isSameAs(calls[0]);
            assertThat(bench.next().overlapped()).isSameAs(calls[2]);

            assertThat(bench.server.overlapped().cancelIoEx(pair[1], null)).isFalse();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.ERROR_NOT_FOUND);
            WsaOverlapped last = bench.server.overlapped().newOverlapped();
            bench.server.overlapped().wsaRecv(pair[1], List.of(ByteBuffer.allocate(1)), null, 0, last, null);
            bench.server.closesocket(pair[1]);
            CompletionPort.Entry aborted = bench.next();
            assertThat(aborted.overlapped()).isSameAs(last);
            assertThat(aborted.error()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("IOCP-09")
    void receiveWithoutRoom_endsAsSoonAsThereIsData_orNoneWillCome_andTakesNone(CompletionMode mode) {
        List<List<ByteBuffer>> noRoom = List.of(List.of(), List.of(ByteBuffer.allocate(0)));
        for (List<ByteBuffer> buffers : noRoom) {
            try (Bench bench = new Bench(AddressFamily.AF_INET, mode)) {
                SocketHandle[] pair = bench.pair();
                WsaOverlapped receive = bench.server.overlapped().newOverlapped();
                assertThat(bench.server.overlapped().wsaRecv(pair[1], buffers, null, 0, receive, null))
                        .isEqualTo(Winsock.SOCKET_ERROR);
                assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSA_IO_PENDING);
                assertThat(bench.kernel32.getQueuedCompletionStatusEx(bench.port, 1, 0))
                        .isEmpty();

                bench.client.send(pair[0], bytes("data"), 0);

                assertThat(bench.next().bytesTransferred()).isZero();
                assertThat(bench.server.recv(pair[1], ByteBuffer.allocate(9), 0))
                        .isEqualTo(4);
                bench.server.overlapped().wsaRecv(pair[1], buffers, null, 0, receive, null);
                bench.client.shutdown(pair[0], 1);
                CompletionPort.Entry end = bench.next();
                assertThat(end.bytesTransferred()).isZero();
                assertThat(end.error()).isEqualTo(Win32Error.NO_ERROR);
            }
        }
    }

    @Test
    @Spec("IOCP-07")
    void acceptEx_refusesWhatIsNotFresh_andConnectExWhatIsNotBound() {
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            OverlappedWinsock overlapped = bench.server.overlapped();
            SocketHandle fresh = bench.tcp(bench.server);

            assertThat(overlapped.acceptEx(
                            fresh,
                            bench.tcp(bench.server),
                            null,
                            null,
                            bench.server.overlapped().newOverlapped()))
                    .isFalse();
            assertThat(lastError(bench.server)).as("does not listen").isEqualTo(Win32Error.WSAEINVAL);
            assertThat(overlapped.acceptEx(
                            bench.listener,
                            bench.listener,
                            null,
                            null,
                            bench.server.overlapped().newOverlapped()))
                    .isFalse();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSAEINVAL);
            assertThat(overlapped.connectEx(
                            fresh, bench.address, bench.server.overlapped().newOverlapped()))
                    .isFalse();
            assertThat(lastError(bench.server)).as("not bound").isEqualTo(Win32Error.WSAEINVAL);
            assertThat(overlapped.connectEx(fresh, bench.address, null)).isFalse();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSAEFAULT);
            SocketHandle datagrams = bench.server.socket(2, 2, 17);
            assertThat(overlapped.acceptEx(
                            bench.listener,
                            datagrams,
                            null,
                            null,
                            bench.server.overlapped().newOverlapped()))
                    .isFalse();
            assertThat(lastError(bench.server)).isEqualTo(Win32Error.WSAEINVAL);
            bench.server.bind(datagrams, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET), 0));
            assertThat(overlapped.connectEx(
                            datagrams, bench.address, bench.server.overlapped().newOverlapped()))
                    .isFalse();
            assertThat(lastError(bench.server)).as("no stream socket").isEqualTo(Win32Error.WSAEINVAL);
        }
    }

    @Test
    @Spec("IOCP-01")
    void manyThreads_takeEachPacketOnce() throws Exception {
        int packets = 20_000;
        try (Bench bench = new Bench(AddressFamily.AF_INET, CompletionMode.PENDING)) {
            ExecutorService pool = Executors.newFixedThreadPool(4);
            try {
                List<Future<Long>> sums = new java.util.ArrayList<>();
                for (int t = 0; t < 4; t++) {
                    sums.add(pool.submit(() -> {
                        long sum = 0;
                        for (int i = 0; i < packets / 4; i++) {
                            sum += bench.next().completionKey();
                        }
                        return sum;
                    }));
                }
                for (int i = 1; i <= packets; i++) {
                    bench.kernel32.postQueuedCompletionStatus(bench.port, 0, i, null);
                }
                long all = 0;
                for (Future<Long> sum : sums) {
                    all += sum.get(10, TimeUnit.SECONDS);
                }
                assertThat(all).isEqualTo((long) packets * (packets + 1) / 2);
            } finally {
                pool.shutdownNow();
            }
        }
    }
}
