package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** AF_INET6 sockets without IPV6_V6ONLY speak to IPv4 addresses in their v4-mapped form. */
@Timeout(20)
class DualStackTest {

    private static final int PORT = 8088;

    private static SocketHandle dualStackSocket(Winsock winsock) {
        SocketHandle socket = winsock.socket(AddressFamily.AF_INET6.code(), 1, IpProtocol.IPPROTO_TCP.code());
        assertThat(winsock.setsockopt(socket, IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_V6ONLY, 0))
                .isZero();
        return socket;
    }

    private static InetSocketAddress v4Loopback() {
        return new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), PORT);
    }

    @Test
    void dualStackListener_acceptsIpv4AndShowsThePeerMapped() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.process("C:\\server.exe", Token.STANDARD_USER);
            Winsock winsock = server.winsock();
            SocketHandle listener = dualStackSocket(winsock);
            winsock.bind(listener, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET6), PORT));
            winsock.listen(listener, 5);

            sim.process("C:\\app.exe", Token.STANDARD_USER)
                    .winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .connect(v4Loopback());

            Out<InetSocketAddress> peer = Out.empty();
            SocketHandle accepted = winsock.accept(listener, peer);
            Out<InetSocketAddress> local = Out.empty();
            winsock.getsockname(accepted, local);
            assertThat(Objects.requireNonNull(peer.get()).getAddress()).isInstanceOf(Inet6Address.class);
            assertThat(IpAddress.unmap(peer.get().getAddress())).isEqualTo(IpAddress.loopback(AddressFamily.AF_INET));
            assertThat(local.get()).isEqualTo(IpAddress.toV4Mapped(v4Loopback()));
            OutUlong v6Only = new OutUlong();
            winsock.getsockopt(accepted, IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_V6ONLY, v6Only);
            assertThat(v6Only.value()).as("the listener's").isZero();
        }
    }

    @Test
    void mappedBind_collidesWithTheIpv4Listener() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.process("C:\\server.exe", Token.STANDARD_USER);
            server.winsock().tcpSocket(AddressFamily.AF_INET).bind(v4Loopback()).listen();
            SocketHandle second = dualStackSocket(server.winsock());

            assertThat(server.winsock().bind(second, IpAddress.toV4Mapped(v4Loopback())))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(server.winsock().wsaGetLastError()).isEqualTo(Win32Error.WSAEADDRINUSE.code());
        }
    }

    @Test
    @Spec("WFP-06")
    void mappedConnect_isRedirectedAtTheV6LayerAndItsOwnerSeesTheMappedPeer() throws Exception {
        InetSocketAddress origin = IpAddress.toV4Mapped(Vendor.origin(AddressFamily.AF_INET));
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, AddressFamily.AF_INET6, "acme", PORT)) {
            vendor.calling(vendor.driver
                    .redirectCallout(vendor.handle, vendor.address, vendor.process)
                    .watching(vendor.states::add));
            SimProcess app = sim.process("C:\\app.exe", Token.STANDARD_USER);
            SocketHandle socket = dualStackSocket(app.winsock());

            assertThat(app.winsock().connect(socket, origin)).isZero();

            Out<InetSocketAddress> peer = Out.empty();
            app.winsock().getpeername(socket, peer);
            assertThat(peer.get()).isEqualTo(origin);
            assertThat(vendor.listener.accept().queryRedirectRecords().orElseThrow())
                    .isNotEmpty();
            assertThat(vendor.states).containsExactly(RedirectState.FWPS_CONNECTION_NOT_REDIRECTED);
        }
    }

    @Test
    @Spec("WFP-06")
    void mappedConnect_canBeRedirectedToAnIpv4Proxy() throws Exception {
        InetSocketAddress origin = IpAddress.toV4Mapped(Vendor.origin(AddressFamily.AF_INET));
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, AddressFamily.AF_INET, "acme", PORT).redirecting()) {
            SimProcess app = sim.process("C:\\app.exe", Token.STANDARD_USER);

            assertThat(app.winsock().connect(dualStackSocket(app.winsock()), origin))
                    .isZero();

            assertThat(vendor.listener
                            .tryAccept()
                            .orElseThrow()
                            .queryRedirectRecords()
                            .orElseThrow())
                    .isNotEmpty();
        }
    }

    @Test
    void v6OnlySocket_doesNotReachMappedAddresses() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            sim.network().listen(Vendor.origin(AddressFamily.AF_INET));
            Winsock winsock = sim.process("C:\\app.exe", Token.STANDARD_USER).winsock();
            SocketHandle socket = winsock.socket(AddressFamily.AF_INET6.code(), 1, IpProtocol.IPPROTO_TCP.code());

            assertThat(winsock.connect(socket, IpAddress.toV4Mapped(Vendor.origin(AddressFamily.AF_INET))))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAEADDRNOTAVAIL.code());
        }
    }

    @Test
    void v6OnlySocket_doesNotBindToMappedAddresses() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            Winsock winsock = sim.process("C:\\app.exe", Token.STANDARD_USER).winsock();
            SocketHandle socket = winsock.socket(AddressFamily.AF_INET6.code(), 1, IpProtocol.IPPROTO_TCP.code());

            assertThat(winsock.bind(socket, IpAddress.toV4Mapped(v4Loopback()))).isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAEADDRNOTAVAIL.code());
        }
    }

    @Test
    void dualStackSocket_boundToAnIpv6Address_doesNotReachMappedAddresses() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess app = sim.process("C:\\app.exe", Token.STANDARD_USER);
            Winsock winsock = app.winsock();
            winsock.tcpSocket(AddressFamily.AF_INET).bind(v4Loopback()).listen();
            SocketHandle socket = dualStackSocket(winsock);
            assertThat(winsock.bind(socket, new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET6), 0)))
                    .isZero();

            assertThat(winsock.connect(socket, IpAddress.toV4Mapped(v4Loopback())))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAEADDRNOTAVAIL.code());
        }
    }
}
