package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.verifier.Diagnostic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** UDP by the C functions: sendto, recvfrom, connected sockets, and what goes wrong. */
@Timeout(20)
class DatagramSocketTest {

    private final WfpSim sim = WfpSim.open();
    private final SimProcess server = sim.process("C:\\server.exe", Token.ELEVATED_ADMINISTRATOR);
    private final SimProcess client = sim.process("C:\\client.exe", Token.STANDARD_USER);
    private final Winsock at = server.winsock();
    private final Winsock from = client.winsock();

    @AfterEach
    void close() {
        sim.close();
    }

    private static InetSocketAddress local(AddressFamily family, int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    private static SocketHandle udp(Winsock winsock, AddressFamily family) {
        return winsock.socket(family.code(), 2, 17);
    }

    private SocketHandle bound(AddressFamily family, int port) {
        SocketHandle socket = udp(at, family);
        assertThat(at.bind(socket, local(family, port))).isZero();
        return socket;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Win32Error lastError(Winsock winsock) {
        return Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow();
    }

    private static void nonBlocking(Winsock winsock, SocketHandle socket) {
        OutUlong on = new OutUlong();
        on.set(1);
        winsock.ioctlsocket(socket, ControlCode.FIONBIO.code(), on);
    }

    private static String text(ByteBuffer received) {
        received.flip();
        return StandardCharsets.UTF_8.decode(received).toString();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void datagrams_keepTheirBounds_andTellTheirSender(AddressFamily family) {
        SocketHandle receiver = bound(family, 53);
        SocketHandle sender = udp(from, family);
        ByteBuffer query = bytes("query");

        assertThat(from.sendto(sender, query, 0, local(family, 53))).isEqualTo(5);
        assertThat(query.hasRemaining()).isFalse();
        assertThat(from.sendto(sender, ByteBuffer.allocate(0), 0, local(family, 53)))
                .isZero();
        assertThat(from.sendto(sender, bytes("more"), 0, local(family, 53))).isEqualTo(4);

        Out<InetSocketAddress> peer = Out.empty();
        Out<InetSocketAddress> name = Out.empty();
        from.getsockname(sender, name);
        ByteBuffer buffer = ByteBuffer.allocate(100);
        assertThat(at.recvfrom(receiver, buffer, 0, peer)).isEqualTo(5);
        assertThat(peer.get())
                .isEqualTo(local(family, Objects.requireNonNull(name.get()).getPort()));
        assertThat(at.recvfrom(receiver, buffer, 0, peer)).isZero();
        assertThat(at.recvfrom(receiver, buffer, 0, null)).isEqualTo(4);
        assertThat(text(buffer)).isEqualTo("querymore");
    }

    @Test
    void longDatagram_fillsTheBuffer_andItsRestIsLost() {
        SocketHandle receiver = bound(AddressFamily.AF_INET, 53);
        SocketHandle sender = udp(from, AddressFamily.AF_INET);
        from.sendto(sender, bytes("long one"), 0, local(AddressFamily.AF_INET, 53));
        from.sendto(sender, bytes("next"), 0, local(AddressFamily.AF_INET, 53));
        ByteBuffer small = ByteBuffer.allocate(4);

        assertThat(at.recvfrom(receiver, small, 0, null)).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(lastError(at)).isEqualTo(Win32Error.WSAEMSGSIZE);
        assertThat(text(small)).isEqualTo("long");
        small.clear();
        assertThat(at.recvfrom(receiver, small, 0, null)).isEqualTo(4);
        assertThat(text(small)).isEqualTo("next");
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void mostBytes_areThoseOfOnePacket(AddressFamily family) {
        SocketHandle receiver = bound(family, 53);
        SocketHandle sender = udp(from, family);
        int most = family == AddressFamily.AF_INET ? 65_507 : 65_527;

        assertThat(from.sendto(sender, ByteBuffer.allocate(most + 1), 0, local(family, 53)))
                .isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(lastError(from)).isEqualTo(Win32Error.WSAEMSGSIZE);
        assertThat(from.sendto(sender, ByteBuffer.allocate(most), 0, local(family, 53)))
                .isEqualTo(most);
        assertThat(at.recvfrom(receiver, ByteBuffer.allocate(most), 0, null)).isEqualTo(most);
    }

    @Test
    void fullReceiver_losesWhatComes() {
        SocketHandle receiver = bound(AddressFamily.AF_INET, 53);
        SocketHandle sender = udp(from, AddressFamily.AF_INET);
        for (int i = 0; i < 100; i++) {
            from.sendto(sender, ByteBuffer.allocate(1024), 0, local(AddressFamily.AF_INET, 53));
        }
        nonBlocking(at, receiver);
        int received = 0;
        while (at.recvfrom(receiver, ByteBuffer.allocate(1024), 0, null) > 0) {
            received++;
        }

        assertThat(received).as("what SO_RCVBUF has room for").isEqualTo(64);
        assertThat(lastError(at)).isEqualTo(Win32Error.WSAEWOULDBLOCK);
    }

    @Test
    void connectedSocket_hearsItsPeerOnly_untilItIsDisconnected() {
        SocketHandle one = bound(AddressFamily.AF_INET, 1001);
        SocketHandle two = bound(AddressFamily.AF_INET, 1002);
        SocketHandle socket = udp(from, AddressFamily.AF_INET);
        InetSocketAddress own = local(AddressFamily.AF_INET, 4000);
        from.bind(socket, own);
        nonBlocking(from, socket);

        assertThat(from.connect(socket, local(AddressFamily.AF_INET, 1001))).isZero();
        Out<InetSocketAddress> peer = Out.empty();
        from.getpeername(socket, peer);
        assertThat(peer.get()).isEqualTo(local(AddressFamily.AF_INET, 1001));
        at.sendto(two, bytes("stranger"), 0, own);
        at.sendto(one, bytes("peer"), 0, own);
        ByteBuffer buffer = ByteBuffer.allocate(20);
        assertThat(from.recv(socket, buffer, 0)).isEqualTo(4);
        assertThat(from.recv(socket, buffer, 0)).isEqualTo(Winsock.SOCKET_ERROR);

        assertThat(from.send(socket, bytes("to peer"), 0)).isEqualTo(7);
        assertThat(from.sendto(socket, bytes("aside"), 0, local(AddressFamily.AF_INET, 1002)))
                .isEqualTo(5);
        assertThat(at.recv(one, ByteBuffer.allocate(20), 0)).isEqualTo(7);

        assertThat(from.connect(socket, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET), 0)))
                .isZero();
        assertThat(from.getpeername(socket, peer)).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(lastError(from)).isEqualTo(Win32Error.WSAENOTCONN);
        at.sendto(two, bytes("hello"), 0, own);
        assertThat(from.recv(socket, ByteBuffer.allocate(20), 0)).isEqualTo(5);
        assertThat(from.connect(socket, local(AddressFamily.AF_INET, 1002)))
                .as("another peer")
                .isZero();
        assertThat(from.connect(socket, local(AddressFamily.AF_INET, 1001)))
                .as("straight to the next peer")
                .isZero();
    }

    @Test
    @Spec("UDP-20")
    void datagramToNobody_isToldByTheNextReceive_onceForEach() {
        SocketHandle socket = udp(from, AddressFamily.AF_INET);
        nonBlocking(from, socket);

        assertThat(from.sendto(socket, bytes("x"), 0, local(AddressFamily.AF_INET, 9)))
                .isEqualTo(1);
        assertThat(from.recvfrom(socket, ByteBuffer.allocate(1), 0, null)).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(lastError(from)).isEqualTo(Win32Error.WSAECONNRESET);
        assertThat(from.recvfrom(socket, ByteBuffer.allocate(1), 0, null)).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(lastError(from)).isEqualTo(Win32Error.WSAEWOULDBLOCK);
    }

    @Test
    void badCalls_haveTheDocumentedErrors() {
        SocketHandle socket = udp(from, AddressFamily.AF_INET);
        ByteBuffer byteOf = ByteBuffer.allocate(1);
        InetSocketAddress to = local(AddressFamily.AF_INET, 53);

        assertThat(errorOf(from.sendto(socket, null, 0, to))).isEqualTo(Win32Error.WSAEFAULT);
        assertThat(errorOf(from.sendto(socket, byteOf, 4, to))).isEqualTo(Win32Error.WSAEOPNOTSUPP);
        assertThat(errorOf(from.sendto(socket, byteOf, 0, null))).isEqualTo(Win32Error.WSAEDESTADDRREQ);
        assertThat(errorOf(from.send(socket, byteOf, 0))).isEqualTo(Win32Error.WSAENOTCONN);
        assertThat(errorOf(from.sendto(socket, byteOf, 0, local(AddressFamily.AF_INET6, 53))))
                .isEqualTo(Win32Error.WSAEAFNOSUPPORT);
        assertThat(errorOf(from.sendto(socket, byteOf, 0, local(AddressFamily.AF_INET, 0))))
                .isEqualTo(Win32Error.WSAEADDRNOTAVAIL);
        assertThat(errorOf(from.recvfrom(socket, byteOf, 0, null))).isEqualTo(Win32Error.WSAEINVAL);
        assertThat(errorOf(from.recvfrom(socket, byteOf.asReadOnlyBuffer(), 0, null)))
                .isEqualTo(Win32Error.WSAEFAULT);
        assertThat(errorOf(from.recvfrom(socket, byteOf, 2, null))).isEqualTo(Win32Error.WSAEOPNOTSUPP);
        assertThat(errorOf(from.sendto(socket, byteOf, 0, new InetSocketAddress(address("198.51.100.1"), 53))))
                .as("nobody has the address")
                .isEqualTo(Win32Error.WSAENETUNREACH);
        assertThat(byteOf.remaining()).as("nothing was taken").isEqualTo(1);
        assertThat(errorOf(from.listen(socket, 1))).isEqualTo(Win32Error.WSAEOPNOTSUPP);
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private Win32Error errorOf(int result) {
        assertThat(result).isEqualTo(Winsock.SOCKET_ERROR);
        return lastError(from);
    }

    @Test
    void waitingReceive_endsWithTimeOut_close_orInterrupt() throws Exception {
        SocketHandle receiver = bound(AddressFamily.AF_INET, 53);
        at.setsockopt(receiver, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, 5);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Win32Error> timed = thread.submit(() -> failing(receiver));
            while (!timed.isDone()) {
                sim.clock().advance(Duration.ofMillis(1));
            }
            assertThat(timed.get()).isEqualTo(Win32Error.WSAETIMEDOUT);
            at.setsockopt(receiver, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, 0);
            Future<Win32Error> closed = thread.submit(() -> failing(receiver));
            at.closesocket(receiver);
            assertThat(closed.get(10, TimeUnit.SECONDS)).isIn(Win32Error.WSAEINTR, Win32Error.WSAENOTSOCK);
            SocketHandle next = bound(AddressFamily.AF_INET, 53);
            CompletableFuture<Win32Error> interrupted = new CompletableFuture<>();
            thread.execute(() -> {
                Thread.currentThread().interrupt();
                interrupted.complete(failing(next));
            });
            assertThat(interrupted.get(10, TimeUnit.SECONDS)).isEqualTo(Win32Error.WSAEINTR);
        } finally {
            thread.shutdownNow();
        }
    }

    private Win32Error failing(SocketHandle receiver) {
        assertThat(at.recvfrom(receiver, ByteBuffer.allocate(1), 0, null)).isEqualTo(Winsock.SOCKET_ERROR);
        return lastError(at);
    }

    // ---- the world outside

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void remoteSocket_exchangesDatagramsWithTheMachine(AddressFamily family) throws Exception {
        InetSocketAddress dns =
                new InetSocketAddress(address(family == AddressFamily.AF_INET ? "203.0.113.53" : "2001:db8::53"), 53);
        try (RemoteDatagramSocket remote = sim.network().datagramSocket(dns)) {
            SocketHandle socket = udp(from, family);

            from.sendto(socket, bytes("query"), 0, dns);
            Datagram query = Objects.requireNonNull(remote.receive(Deadline.NEVER));
            assertThat(query.payload()).isEqualTo(bytes("query"));
            remote.send(bytes("answer"), query.source());

            Out<InetSocketAddress> peer = Out.empty();
            assertThat(from.recvfrom(socket, ByteBuffer.allocate(10), 0, peer)).isEqualTo(6);
            assertThat(peer.get()).isEqualTo(dns);
            assertThatExceptionOfType(PortUnreachableException.class)
                    .isThrownBy(() -> remote.send(
                            bytes("x"), new InetSocketAddress(query.source().getAddress(), 9)));
            assertThatExceptionOfType(NoRouteToHostException.class)
                    .isThrownBy(() -> remote.send(bytes("x"), new InetSocketAddress(address("198.51.100.9"), 9)));
        }
        SocketHandle socket = udp(from, family);
        assertThat(errorOf(from.sendto(socket, bytes("x"), 0, dns))).isEqualTo(Win32Error.WSAENETUNREACH);
    }

    @Test
    void dualStackSocket_speaksIpv4InMappedForm() {
        SocketHandle receiver = udp(at, AddressFamily.AF_INET6);
        at.setsockopt(receiver, 41, Winsock.IPV6_V6ONLY, 0);
        at.bind(receiver, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET6), 53));
        SocketHandle sender = udp(from, AddressFamily.AF_INET);
        from.sendto(sender, bytes("four"), 0, local(AddressFamily.AF_INET, 53));
        Out<InetSocketAddress> peer = Out.empty();

        assertThat(at.recvfrom(receiver, ByteBuffer.allocate(4), 0, peer)).isEqualTo(4);
        InetSocketAddress mapped = Objects.requireNonNull(peer.get());
        assertThat(IpAddress.unmap(mapped.getAddress())).isEqualTo(IpAddress.loopback(AddressFamily.AF_INET));
        assertThat(mapped.getAddress()).isNotEqualTo(IpAddress.loopback(AddressFamily.AF_INET));
        assertThat(at.sendto(receiver, bytes("back"), 0, mapped)).isEqualTo(4);
        assertThat(from.recvfrom(sender, ByteBuffer.allocate(4), 0, peer)).isEqualTo(4);
        assertThat(peer.get()).isEqualTo(local(AddressFamily.AF_INET, 53));
    }

    // ---- redirected

    private void redirectToServer(int port) {
        sim.product("acme").proxyPort(port).fromApp(client.imagePath()).redirectTo(server);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"UDP-16", "REC-09"})
    void connectedSocketOfTheProxy_answersTheIoctlsForItsPeersFlow(AddressFamily family) {
        redirectToServer(8053);
        SocketHandle proxy = bound(family, 8053);
        SocketHandle socket = udp(from, family);
        from.sendto(
                socket,
                bytes("query"),
                0,
                new InetSocketAddress(address(family == AddressFamily.AF_INET ? "203.0.113.53" : "2001:db8::53"), 53));
        Out<InetSocketAddress> peer = Out.empty();
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        at.recvfrom(proxy, buffer, 0, peer);
        OutUlong size = new OutUlong();
        int query = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();

        assertThat(at.wsaIoctl(proxy, query, null, 0, buffer, 500, size)).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(lastError(at)).isEqualTo(Win32Error.WSAENOTCONN);
        assertThat(at.connect(proxy, peer.get())).isZero();
        for (int again = 0; again < 2; again++) {
            assertThat(at.wsaIoctl(proxy, query, null, 0, buffer, 500, size)).isZero();
            assertThat(size.value()).isPositive();
        }
        assertThat(sim.verifier().diagnostics())
                .extracting(finding -> finding.kind())
                .contains(Diagnostic.UDP_RECORD_DISCARDED);
    }

    @Test
    @Spec("UDP-03")
    void plainReceive_givesTheData_andTellsThatTheRecordIsLost() {
        redirectToServer(8053);
        SocketHandle proxy = bound(AddressFamily.AF_INET, 8053);
        SocketHandle socket = udp(from, AddressFamily.AF_INET);
        InetSocketAddress dns = new InetSocketAddress(address("203.0.113.53"), 53);
        from.sendto(socket, bytes("one"), 0, dns);
        from.sendto(socket, bytes("two"), 0, dns);

        assertThat(at.recvfrom(proxy, ByteBuffer.allocate(9), 0, null)).isEqualTo(3);
        assertThat(at.recvfrom(proxy, ByteBuffer.allocate(9), 0, null)).isEqualTo(3);

        assertThat(sim.verifier().diagnostics())
                .as("once, for the packet that created the flow")
                .extracting(finding -> finding.kind())
                .containsExactly(Diagnostic.UDP_RECORD_DISCARDED);
    }

    @Test
    @Spec("UDP-19")
    void secondFlowOfOneSocket_toTheSameProxy_bringsARecordOfItsOwn() {
        redirectToServer(8053);
        SocketHandle proxy = bound(AddressFamily.AF_INET, 8053);
        SocketHandle socket = udp(from, AddressFamily.AF_INET);
        InetSocketAddress one = new InetSocketAddress(address("203.0.113.53"), 53);
        InetSocketAddress two = new InetSocketAddress(address("203.0.113.54"), 53);
        Out<InetSocketAddress> peer = Out.empty();

        from.sendto(socket, bytes("one"), 0, one);
        at.recvfrom(proxy, ByteBuffer.allocate(9), 0, peer);
        from.sendto(socket, bytes("two"), 0, two);
        at.recvfrom(proxy, ByteBuffer.allocate(9), 0, peer);
        at.sendto(proxy, bytes("answer"), 0, peer.get());

        assertThat(sim.verifier().diagnostics()).as("one record for each").hasSize(2);
        from.recvfrom(socket, ByteBuffer.allocate(9), 0, peer);
        assertThat(peer.get()).as("whom it sent to last").isEqualTo(two);
    }

    // ---- threads

    @Test
    void manyThreads_shareASocketThatNobodyBound_andLoseNothing() throws Exception {
        int threads = 4;
        int each = 200;
        List<SocketHandle> receivers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            receivers.add(bound(AddressFamily.AF_INET, 1000 + i));
        }
        for (int round = 0; round < 20; round++) {
            SocketHandle socket = udp(from, AddressFamily.AF_INET);
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            CyclicBarrier start = new CyclicBarrier(threads);
            var failures = ConcurrentHashMap.<Integer>newKeySet();
            try {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    int port = 1000 + i;
                    all.add(pool.submit(() -> {
                        start.await();
                        for (int n = 0; n < each; n++) {
                            if (from.sendto(socket, ByteBuffer.allocate(4), 0, local(AddressFamily.AF_INET, port))
                                    != 4) {
                                failures.add(from.wsaGetLastError());
                            }
                        }
                        return null;
                    }));
                }
                for (Future<?> one : all) {
                    one.get(10, TimeUnit.SECONDS);
                }
            } finally {
                pool.shutdownNow();
            }
            assertThat(failures).isEmpty();
            for (SocketHandle receiver : receivers) {
                for (int n = 0; n < each; n++) {
                    assertThat(at.recvfrom(receiver, ByteBuffer.allocate(4), 0, null))
                            .isEqualTo(4);
                }
            }
            from.closesocket(socket);
        }
        at.wsaCleanup();
        assertThat(sim.connections()).as("no flow outlives its socket").isEmpty();
    }
}
