package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.Filter;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ordinary socket calls; each with IPv4 and IPv6. */
@Timeout(20)
class WinsockConnectionTest {

    private static final int SOURCE_PORT = 7000;

    private static final int IPPROTO_IPV6 = 41;
    private static final int FIONBIO = ControlCode.FIONBIO.code();

    private static void assertFailed(Winsock winsock, int result, Win32Error expected) {
        assertThat(result).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(winsock.wsaGetLastError()).as(expected.name()).isEqualTo(expected.code());
    }

    private static void setNonBlocking(Winsock winsock, SocketHandle socket, boolean on) {
        OutUlong mode = new OutUlong();
        mode.set(on ? 1 : 0);
        assertThat(winsock.ioctlsocket(socket, FIONBIO, mode)).isZero();
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count);
    }

    // ---- addresses

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bind_toPortZero_choosesAPortThatGetsocknameTells(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.stranger.winsock();
            SocketHandle socket = lab.tcp(winsock);
            Out<InetSocketAddress> name = Out.empty();
            assertFailed(winsock, winsock.getsockname(socket, name), Win32Error.WSAEINVAL);

            assertThat(winsock.bind(socket, lab.loopback(0))).isZero();

            assertThat(winsock.getsockname(socket, name)).isZero();
            assertThat(name.get()).isNotNull();
            assertThat(name.get().getPort()).isBetween(49152, 65535);
            assertThat(name.get().getAddress()).isEqualTo(lab.loopback(0).getAddress());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bind_withBadAddresses_failsWithTheDocumentedCodes(AddressFamily family) {
        AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
        try (RedirectLab lab = RedirectLab.open(family);
                RedirectLab otherLab = RedirectLab.open(other)) {
            Winsock winsock = lab.stranger.winsock();
            SocketHandle socket = lab.tcp(winsock);

            assertFailed(winsock, winsock.bind(socket, null), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.bind(socket, otherLab.loopback(0)), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.bind(socket, lab.origin()), Win32Error.WSAEADDRNOTAVAIL);
            assertFailed(winsock, winsock.bind(socket, lab.proxyAddress), Win32Error.WSAEADDRINUSE);
            assertThat(winsock.bind(socket, lab.loopback(0))).isZero();
            assertFailed(winsock, winsock.bind(socket, lab.loopback(0)), Win32Error.WSAEINVAL);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_fromAnUnspecifiedAddress_thatRoutingMakesAnothersFiveTuple_failsWithAddrInUse(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.stranger.winsock();
            SocketHandle specific = lab.tcp(winsock);
            SocketHandle unspecified = lab.tcp(winsock);
            InetSocketAddress wildcard = new InetSocketAddress(IpAddress.wildcard(family), SOURCE_PORT);
            assertThat(winsock.bind(specific, lab.loopback(SOURCE_PORT))).isZero();
            assertThat(winsock.bind(unspecified, wildcard)).isZero();

            assertThat(winsock.connect(specific, lab.proxyAddress)).isZero();
            assertFailed(winsock, winsock.connect(unspecified, lab.proxyAddress), Win32Error.WSAEADDRINUSE);

            assertThat(winsock.closesocket(specific)).isZero();
            assertThat(winsock.connect(unspecified, lab.proxyAddress)).isZero();
            SocketHandle late = lab.tcp(winsock);
            assertThat(winsock.bind(late, lab.loopback(SOURCE_PORT))).isZero();
            assertFailed(winsock, winsock.connect(late, lab.proxyAddress), Win32Error.WSAEADDRINUSE);
            assertThat(winsock.closesocket(unspecified)).isZero();
            assertThat(winsock.connect(late, lab.proxyAddress)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bind_toPortZero_withTheDynamicPortsUsedUp_failsWithNoBufs(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.stranger.winsock();
            for (int port = 49152; port <= 65535; port++) {
                assertThat(winsock.bind(lab.tcp(winsock), lab.loopback(0))).isZero();
            }

            assertFailed(winsock, winsock.bind(lab.tcp(winsock), lab.loopback(0)), Win32Error.WSAENOBUFS);
            assertFailed(winsock, winsock.connect(lab.tcp(winsock), lab.proxyAddress), Win32Error.WSAENOBUFS);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_withBadAddresses_failsWithTheDocumentedCodes(AddressFamily family) {
        AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
        try (RedirectLab lab = RedirectLab.open(family);
                RedirectLab otherLab = RedirectLab.open(other)) {
            Winsock winsock = lab.stranger.winsock();
            SocketHandle socket = lab.tcp(winsock);

            assertFailed(winsock, winsock.connect(socket, null), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.connect(socket, otherLab.loopback(80)), Win32Error.WSAEAFNOSUPPORT);
            assertFailed(winsock, winsock.connect(socket, lab.loopback(0)), Win32Error.WSAEADDRNOTAVAIL);
            assertFailed(winsock, winsock.connect(socket, lab.loopback(81)), Win32Error.WSAECONNREFUSED);
            assertFailed(winsock, winsock.connect(socket, lab.origin()), Win32Error.WSAENETUNREACH);
        }
    }

    @Test
    void connect_toUnresolvedAddress_throwsWithARemedy() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.stranger.winsock();
            SocketHandle socket = lab.tcp(winsock);
            InetSocketAddress unresolved = InetSocketAddress.createUnresolved("example.com", 80);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> winsock.connect(socket, unresolved))
                    .withMessageContaining("InetAddress");
            assertThatIllegalArgumentException().isThrownBy(() -> winsock.bind(socket, unresolved));
        }
    }

    // ---- connecting

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_andAccept_showEachOtherAsPeers(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle client = lab.tcp(lab.stranger.winsock());
            assertThat(lab.stranger.winsock().connect(client, lab.proxyAddress)).isZero();
            Out<InetSocketAddress> peer = Out.empty();
            SocketHandle accepted = lab.proxy.winsock().accept(lab.listener, peer);
            assertThat(accepted).isNotEqualTo(SocketHandle.INVALID_SOCKET);

            Out<InetSocketAddress> name = Out.empty();
            lab.stranger.winsock().getsockname(client, name);
            assertThat(peer.get()).isEqualTo(name.get());
            lab.proxy.winsock().getpeername(accepted, name);
            assertThat(name.get()).isEqualTo(peer.get());
            lab.stranger.winsock().getpeername(client, name);
            assertThat(name.get()).isEqualTo(lab.proxyAddress);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-54")
    void getpeername_ofRedirectedClient_tellsWhatItAskedFor(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection connection = lab.redirected();
            Out<InetSocketAddress> name = Out.empty();

            assertThat(lab.browser.winsock().getpeername(connection.client(), name))
                    .isZero();

            assertThat(name.get()).isEqualTo(lab.origin());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connectingCalls_atTheWrongStage_failWithTheDocumentedCodes(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle fresh = lab.tcp(winsock);
            SocketHandle accepted = lab.plain().accepted();

            assertFailed(winsock, winsock.listen(fresh, 1), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.listen(accepted, 1), Win32Error.WSAEISCONN);
            assertFailed(winsock, winsock.connect(accepted, lab.proxyAddress), Win32Error.WSAEISCONN);
            assertFailed(winsock, winsock.connect(lab.listener, lab.proxyAddress), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.shutdown(fresh, ShutdownHow.SD_SEND.code()), Win32Error.WSAENOTCONN);
            assertFailed(winsock, winsock.shutdown(accepted, 3), Win32Error.WSAEINVAL);
            assertThat(winsock.accept(fresh, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
            assertFailed(winsock, Winsock.SOCKET_ERROR, Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.getpeername(fresh, Out.empty()), Win32Error.WSAENOTCONN);
            assertFailed(winsock, winsock.getpeername(accepted, null), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.getsockname(accepted, null), Win32Error.WSAEFAULT);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void streamCalls_onDatagramSocket_areNotSupported(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle udp = lab.udp(winsock);

            assertThat(winsock.bind(udp, lab.loopback(0))).isZero();
            assertFailed(winsock, winsock.listen(udp, 1), Win32Error.WSAEOPNOTSUPP);
            assertThat(winsock.accept(udp, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
            assertFailed(winsock, Winsock.SOCKET_ERROR, Win32Error.WSAEOPNOTSUPP);
            assertFailed(winsock, winsock.send(udp, bytes(1), 0), Win32Error.WSAENOTCONN);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_blockedByAFilter_failsWithAccess(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            lab.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                            .block());
            Winsock winsock = lab.stranger.winsock();

            assertFailed(winsock, winsock.connect(lab.tcp(winsock), lab.proxyAddress), Win32Error.WSAEACCES);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-24")
    void networkCalls_withNetworkOff_failWithNetDownBeforeNotSock(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle accepted = lab.plain().accepted();
            lab.sim.setNetworkUp(false);

            for (SocketHandle socket : new SocketHandle[] {accepted, SocketHandle.INVALID_SOCKET}) {
                assertFailed(winsock, winsock.bind(socket, lab.loopback(0)), Win32Error.WSAENETDOWN);
                assertFailed(winsock, winsock.listen(socket, 1), Win32Error.WSAENETDOWN);
                assertFailed(winsock, winsock.connect(socket, lab.proxyAddress), Win32Error.WSAENETDOWN);
                assertThat(winsock.accept(socket, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
                assertFailed(winsock, Winsock.SOCKET_ERROR, Win32Error.WSAENETDOWN);
                assertFailed(winsock, winsock.send(socket, bytes(1), 0), Win32Error.WSAENETDOWN);
                assertFailed(winsock, winsock.recv(socket, bytes(1), 0), Win32Error.WSAENETDOWN);
                assertFailed(winsock, winsock.shutdown(socket, 0), Win32Error.WSAENETDOWN);
                winsock.wsaSetLastError(0);
            }
            assertThat(winsock.getpeername(accepted, Out.empty())).isZero();
        }
    }

    // ---- transferring

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void sendAndRecv_moveTheBytesBetweenPositionAndLimit(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection c = lab.plain();
            ByteBuffer out =
                    ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}).position(1).limit(4);
            assertThat(c.clientSide().send(c.client(), out, 0)).isEqualTo(3);
            assertThat(out.position()).isEqualTo(4);

            ByteBuffer in = ByteBuffer.wrap(new byte[] {7, 7, 7, 7, 7, 7}).position(1);
            assertThat(c.proxySide().recv(c.accepted(), in, 0)).isEqualTo(3);

            assertThat(in.position()).isEqualTo(4);
            assertThat(in.array()).containsExactly(7, 1, 2, 3, 7, 7);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void transfer_withBadArguments_failsWithTheDocumentedCodes(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection c = lab.plain();
            Winsock winsock = c.proxySide();
            SocketHandle fresh = lab.tcp(winsock);

            assertFailed(winsock, winsock.send(c.accepted(), null, 0), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.recv(c.accepted(), null, 0), Win32Error.WSAEFAULT);
            ByteBuffer readOnly = bytes(4).asReadOnlyBuffer();
            assertFailed(winsock, winsock.recv(c.accepted(), readOnly, 0), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.send(c.accepted(), bytes(1), 1), Win32Error.WSAEOPNOTSUPP);
            assertFailed(winsock, winsock.recv(c.accepted(), bytes(1), 2), Win32Error.WSAEOPNOTSUPP);
            assertFailed(winsock, winsock.send(fresh, bytes(1), 0), Win32Error.WSAENOTCONN);
            assertFailed(winsock, winsock.recv(fresh, bytes(1), 0), Win32Error.WSAENOTCONN);
            assertThat(winsock.recv(c.accepted(), bytes(0), 0)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void shutdown_ofSending_letsThePeerReadToTheEnd(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection c = lab.plain();
            c.clientSide().send(c.client(), bytes(2), 0);

            assertThat(c.clientSide().shutdown(c.client(), ShutdownHow.SD_SEND.code()))
                    .isZero();

            assertThat(c.proxySide().recv(c.accepted(), bytes(8), 0)).isEqualTo(2);
            assertThat(c.proxySide().recv(c.accepted(), bytes(8), 0)).isZero();
            assertThat(c.proxySide().send(c.accepted(), bytes(1), 0))
                    .as("half closed")
                    .isEqualTo(1);
            Winsock client = c.clientSide();
            assertFailed(client, client.send(c.client(), bytes(1), 0), Win32Error.WSAESHUTDOWN);
            assertThat(client.recv(c.client(), bytes(8), 0)).isEqualTo(1);
            assertThat(client.shutdown(c.client(), ShutdownHow.SD_RECEIVE.code()))
                    .isZero();
            assertFailed(client, client.recv(c.client(), bytes(1), 0), Win32Error.WSAESHUTDOWN);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void send_toAPeerThatReceivesNoMore_endsInAReset(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection deaf = lab.plain();
            deaf.proxySide().shutdown(deaf.accepted(), ShutdownHow.SD_RECEIVE.code());
            RedirectLab.Connection gone = lab.plain();
            gone.proxySide().closesocket(gone.accepted());

            for (RedirectLab.Connection c : new RedirectLab.Connection[] {deaf, gone}) {
                Winsock client = c.clientSide();
                assertThat(client.send(c.client(), bytes(1), 0)).isEqualTo(1);
                assertFailed(client, client.send(c.client(), bytes(1), 0), Win32Error.WSAECONNRESET);
                assertFailed(client, client.recv(c.client(), bytes(1), 0), Win32Error.WSAECONNRESET);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void closesocket_ofThePeer_endsTheStreamOrResetsItWithLingerZero(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection graceful = lab.plain();
            graceful.clientSide().closesocket(graceful.client());
            assertThat(graceful.proxySide().recv(graceful.accepted(), bytes(1), 0))
                    .isZero();

            RedirectLab.Connection abortive = lab.plain();
            int on = 1;
            abortive.clientSide().setsockopt(abortive.client(), Winsock.SOL_SOCKET, Winsock.SO_LINGER, on);
            abortive.clientSide().closesocket(abortive.client());
            Winsock proxy = abortive.proxySide();
            assertFailed(proxy, proxy.recv(abortive.accepted(), bytes(1), 0), Win32Error.WSAECONNRESET);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void closesocket_withLingerTime_isGraceful(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection c = lab.plain();
            int onForTenSeconds = 1 | 10 << 16;
            c.clientSide().setsockopt(c.client(), Winsock.SOL_SOCKET, Winsock.SO_LINGER, onForTenSeconds);

            c.clientSide().closesocket(c.client());

            assertThat(c.proxySide().recv(c.accepted(), bytes(1), 0)).isZero();
        }
    }

    // ---- non-blocking mode

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void nonBlockingSocket_withNothingReady_failsWithWouldBlock(AddressFamily family) {
        SimOptions small = SimOptions.defaults().streamBufferSize(1024);
        try (RedirectLab lab = RedirectLab.open(family, small)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle accepted = lab.plain().accepted();
            setNonBlocking(winsock, accepted, true);
            setNonBlocking(winsock, lab.listener, true);

            assertFailed(winsock, winsock.recv(accepted, bytes(1), 0), Win32Error.WSAEWOULDBLOCK);
            assertThat(winsock.recv(accepted, bytes(0), 0)).isZero();
            assertThat(winsock.accept(lab.listener, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
            assertFailed(winsock, Winsock.SOCKET_ERROR, Win32Error.WSAEWOULDBLOCK);
            int sent = winsock.send(accepted, bytes(1_000_000), 0);
            assertThat(sent).as("what fits").isBetween(1, 999_999);
            assertFailed(winsock, winsock.send(accepted, bytes(1), 0), Win32Error.WSAEWOULDBLOCK);
            assertThat(winsock.send(accepted, bytes(0), 0)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void nonBlockingSocket_withSomethingReady_answersAtOnce(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            setNonBlocking(winsock, lab.listener, true);
            RedirectLab.Connection c = lab.plain();
            c.clientSide().send(c.client(), bytes(5), 0);

            assertThat(winsock.recv(c.accepted(), bytes(9), 0)).isEqualTo(5);
            assertFailed(winsock, winsock.recv(c.accepted(), bytes(9), 0), Win32Error.WSAEWOULDBLOCK);
            c.clientSide().closesocket(c.client());
            assertThat(winsock.recv(c.accepted(), bytes(9), 0))
                    .as("end of stream")
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void accept_fromNonBlockingListener_inheritsTheMode(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            setNonBlocking(winsock, lab.listener, true);
            SocketHandle inherited = lab.plain().accepted();

            assertFailed(winsock, winsock.recv(inherited, bytes(1), 0), Win32Error.WSAEWOULDBLOCK);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void fionbio_throughWsaIoctl_switchesTheModeOnAndOff(AddressFamily family) throws InterruptedException {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection c = lab.plain();
            Winsock winsock = c.proxySide();
            ByteBuffer on = bytes(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 1);

            assertThat(Outcome.of(winsock, c.accepted(), FIONBIO, on, 4, null, 0))
                    .isEqualTo(Outcome.success(0));
            assertThat(on.position()).isZero();
            assertFailed(winsock, winsock.recv(c.accepted(), bytes(1), 0), Win32Error.WSAEWOULDBLOCK);

            assertThat(Outcome.of(winsock, c.accepted(), FIONBIO, bytes(4), 4, null, 0))
                    .isEqualTo(Outcome.success(0));
            Background<Integer> waiting = Background.start(() -> winsock.recv(c.accepted(), bytes(1), 0))
                    .awaitBlocked();
            c.clientSide().send(c.client(), bytes(1), 0);
            assertThat(waiting.result()).isEqualTo(1);
        }
    }

    @Test
    void fionbio_throughWsaIoctl_needsFourBytesAndNoRedirectSupport() {
        SimOptions old = SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7);
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, old)) {
            Winsock winsock = lab.proxy.winsock();

            assertThat(Outcome.of(winsock, lab.listener, FIONBIO, bytes(4), 3, null, 0))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEINVAL));
            assertThat(Outcome.of(winsock, lab.listener, FIONBIO, null, 4, null, 0))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEFAULT));
            assertThat(Outcome.of(winsock, lab.listener, FIONBIO, bytes(4), 4, null, 0))
                    .isEqualTo(Outcome.success(0));
        }
    }

    @Test
    void ioctlsocket_withBadArguments_failsWithTheDocumentedCodes() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            OutUlong mode = new OutUlong();

            assertFailed(winsock, winsock.ioctlsocket(lab.listener, 0, mode), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.ioctlsocket(lab.listener, 0x40047307, mode), Win32Error.WSAEOPNOTSUPP);
            assertFailed(winsock, winsock.ioctlsocket(lab.listener, FIONBIO, null), Win32Error.WSAEFAULT);
        }
    }

    // ---- waiting

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-38")
    void waitingCalls_onInterruptedThread_failWithIntrAndKeepTheFlag(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.plain().accepted();
            Winsock winsock = lab.proxy.winsock();

            Thread.currentThread().interrupt();
            assertThat(winsock.accept(lab.listener, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
            assertFailed(winsock, Winsock.SOCKET_ERROR, Win32Error.WSAEINTR);
            assertThat(Thread.interrupted()).as("flag after accept").isTrue();

            winsock.wsaSetLastError(0);
            Thread.currentThread().interrupt();
            assertFailed(winsock, winsock.recv(accepted, bytes(1), 0), Win32Error.WSAEINTR);
            assertThat(Thread.interrupted()).as("flag after recv").isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-38")
    void recv_interruptedWhileItWaits_failsWithIntrAndKeepsTheFlag(AddressFamily family) throws InterruptedException {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.plain().accepted();
            Winsock winsock = lab.proxy.winsock();
            Background<String> waiting = Background.start(() -> {
                        int result = winsock.recv(accepted, bytes(1), 0);
                        return result + " " + winsock.wsaGetLastError() + " " + Thread.interrupted();
                    })
                    .awaitBlocked();

            waiting.interrupt();

            assertThat(waiting.result()).isEqualTo("-1 10004 true");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void closesocket_whileOtherThreadsWait_wakesThemWithIntr(AddressFamily family) throws InterruptedException {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.plain().accepted();
            Winsock winsock = lab.proxy.winsock();
            Background<Integer> receiving = Background.start(() -> {
                        assertThat(winsock.recv(accepted, bytes(1), 0)).isEqualTo(Winsock.SOCKET_ERROR);
                        return winsock.wsaGetLastError();
                    })
                    .awaitBlocked();
            Background<Integer> accepting = Background.start(() -> {
                        assertThat(winsock.accept(lab.listener, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
                        return winsock.wsaGetLastError();
                    })
                    .awaitBlocked();

            winsock.wsaCleanup();

            assertThat(receiving.result()).isEqualTo(Win32Error.WSAEINTR.code());
            assertThat(accepting.result()).isEqualTo(Win32Error.WSAEINTR.code());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void recv_withTimeout_failsOnceTheClockHasPassedIt(AddressFamily family) throws InterruptedException {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.plain().accepted();
            Winsock winsock = lab.proxy.winsock();
            winsock.setsockopt(accepted, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, 250);
            Background<Integer> waiting = Background.start(() -> {
                        assertThat(winsock.recv(accepted, bytes(1), 0)).isEqualTo(Winsock.SOCKET_ERROR);
                        return winsock.wsaGetLastError();
                    })
                    .awaitBlocked();

            lab.sim.clock().advance(Duration.ofMillis(249));
            assertThat(waiting.isDone()).isFalse();
            waiting.awaitBlocked();
            lab.sim.clock().advance(Duration.ofMillis(1));

            assertThat(waiting.result()).isEqualTo(Win32Error.WSAETIMEDOUT.code());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void send_withTimeout_failsOnceTheClockHasPassedIt(AddressFamily family) throws InterruptedException {
        SimOptions small = SimOptions.defaults().streamBufferSize(1024);
        try (RedirectLab lab = RedirectLab.open(family, small)) {
            SocketHandle accepted = lab.plain().accepted();
            Winsock winsock = lab.proxy.winsock();
            winsock.setsockopt(accepted, Winsock.SOL_SOCKET, Winsock.SO_SNDTIMEO, 250);
            ByteBuffer tooMuch = bytes(1_000_000);
            Background<Integer> waiting = Background.start(() -> {
                        assertThat(winsock.send(accepted, tooMuch, 0)).isEqualTo(Winsock.SOCKET_ERROR);
                        return winsock.wsaGetLastError();
                    })
                    .awaitBlocked();

            lab.sim.clock().advance(Duration.ofMillis(250));

            assertThat(waiting.result()).isEqualTo(Win32Error.WSAETIMEDOUT.code());
            assertThat(tooMuch.position()).as("bytes that went").isBetween(1, 999_999);
        }
    }

    // ---- options

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void getsockopt_returnsWhatSetsockoptStored(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle socket = lab.tcp(winsock);
            OutUlong value = new OutUlong();
            int[] names = {Winsock.SO_RCVTIMEO, Winsock.SO_SNDTIMEO, Winsock.SO_LINGER};
            for (int i = 0; i < names.length; i++) {
                assertThat(winsock.getsockopt(socket, Winsock.SOL_SOCKET, names[i], value))
                        .isZero();
                assertThat(value.value()).as("default").isZero();
                assertThat(winsock.setsockopt(socket, Winsock.SOL_SOCKET, names[i], 100 + i))
                        .isZero();
            }
            for (int i = 0; i < names.length; i++) {
                winsock.getsockopt(socket, Winsock.SOL_SOCKET, names[i], value);
                assertThat(value.value()).isEqualTo(100 + i);
            }
        }
    }

    @Test
    void setsockopt_fromMemory_readsLittleEndianWithoutMovingThePosition() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle socket = lab.tcp(winsock);
            ByteBuffer memory =
                    ByteBuffer.wrap(new byte[] {9, (byte) 0xFA, 1, 0, 0, 9}).position(1);

            assertThat(winsock.setsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, memory, 4))
                    .isZero();

            OutUlong value = new OutUlong();
            winsock.getsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, value);
            assertThat(value.value()).isEqualTo(506);
            assertThat(memory.position()).isEqualTo(1);
        }
    }

    @Test
    void options_withBadArguments_failWithTheDocumentedCodes() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle socket = lab.tcp(winsock);
            int sol = Winsock.SOL_SOCKET;
            int timeout = Winsock.SO_RCVTIMEO;

            assertFailed(winsock, winsock.setsockopt(socket, sol, timeout, null, 4), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.setsockopt(socket, sol, timeout, bytes(8), 3), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.setsockopt(socket, sol, timeout, bytes(4), 5), Win32Error.WSAEFAULT);
            assertFailed(winsock, winsock.getsockopt(socket, sol, timeout, null), Win32Error.WSAEFAULT);
            OutUlong value = new OutUlong();
            assertFailed(winsock, winsock.setsockopt(socket, sol, 0x7777, 1), Win32Error.WSAENOPROTOOPT);
            assertFailed(winsock, winsock.getsockopt(socket, sol, 0x7777, value), Win32Error.WSAENOPROTOOPT);
            assertFailed(winsock, winsock.setsockopt(socket, 6, 0x7777, 1), Win32Error.WSAENOPROTOOPT);
            assertFailed(winsock, winsock.getsockopt(socket, 6, 0x7777, value), Win32Error.WSAENOPROTOOPT);
            int v6Only = Winsock.IPV6_V6ONLY;
            assertFailed(winsock, winsock.setsockopt(socket, IPPROTO_IPV6, v6Only, 1), Win32Error.WSAENOPROTOOPT);
        }
    }

    @Test
    void ipv6Only_onUnboundSocket_canBeSwitchedOffAndThenReachesIpv4() {
        try (RedirectLab v6 = RedirectLab.open(AddressFamily.AF_INET6)) {
            Winsock winsock = v6.stranger.winsock();
            SocketHandle socket = v6.tcp(winsock);
            InetSocketAddress v4Listener = listenOnV4(v6);
            OutUlong value = new OutUlong();
            winsock.getsockopt(socket, IPPROTO_IPV6, Winsock.IPV6_V6ONLY, value);
            assertThat(value.value()).as("on at first").isEqualTo(1);
            assertFailed(winsock, winsock.connect(socket, v4Listener), Win32Error.WSAEAFNOSUPPORT);

            assertThat(winsock.setsockopt(socket, IPPROTO_IPV6, Winsock.IPV6_V6ONLY, 0))
                    .isZero();

            winsock.getsockopt(socket, IPPROTO_IPV6, Winsock.IPV6_V6ONLY, value);
            assertThat(value.value()).isZero();
            assertThat(winsock.connect(socket, v4Listener)).isZero();
            assertFailed(
                    winsock, winsock.setsockopt(socket, IPPROTO_IPV6, Winsock.IPV6_V6ONLY, 1), Win32Error.WSAEINVAL);
        }
    }

    private static InetSocketAddress listenOnV4(RedirectLab lab) {
        Winsock winsock = lab.proxy.winsock();
        SocketHandle listener = winsock.socket(AddressFamily.AF_INET.code(), 1, 0);
        InetSocketAddress address = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 8081);
        assertThat(winsock.bind(listener, address)).isZero();
        assertThat(winsock.listen(listener, 5)).isZero();
        return address;
    }
}
