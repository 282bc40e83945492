package io.github.wfpsim.iphlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** GetExtendedTcpTable and GetExtendedUdpTable. */
@Timeout(20)
class EndpointTablesTest {

    private static final int ALL = TcpTableClass.TCP_TABLE_OWNER_PID_ALL.code();

    private static String at(AddressFamily family, int port) {
        return (family == AddressFamily.AF_INET ? "127.0.0.1:" : "[::1]:") + port;
    }

    private static InetSocketAddress address(AddressFamily family, int port) {
        return IpAddress.parse(at(family, port));
    }

    /** Asks for the size, then for the table. */
    private static ByteBuffer tcpBytes(Iphlpapi api, AddressFamily family, int tableClass) {
        OutUlong size = new OutUlong();
        assertThat(api.getExtendedTcpTable(null, size, true, family.code(), tableClass, 0))
                .isEqualTo(122);
        ByteBuffer memory = ByteBuffer.allocate(size.value()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(api.getExtendedTcpTable(memory, size, true, family.code(), tableClass, 0))
                .isZero();
        assertThat(memory.position()).isZero();
        return memory;
    }

    // ---- rows

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"IPH-03", "IPH-06"})
    void tcpRows_tellStateAddressesAndOwner(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.app("server.exe");
            SimProcess client = sim.app("client.exe");
            SimSocket listener = server.listen(at(family, 8080));
            client.winsock().tcpSocket(family).bind(address(family, 99));
            SimSocket near = client.connect(at(family, 8080));
            InetSocketAddress nearAddress = near.localAddress();
            InetSocketAddress none = IpAddress.unspecified(family);
            Iphlpapi api = client.iphlpapi();

            TcpRow listens = new TcpRow(MibTcpState.MIB_TCP_STATE_LISTEN, address(family, 8080), none, server.id());
            TcpRow far = new TcpRow(MibTcpState.MIB_TCP_STATE_ESTAB, address(family, 8080), nearAddress, server.id());
            TcpRow ours = new TcpRow(MibTcpState.MIB_TCP_STATE_ESTAB, nearAddress, address(family, 8080), client.id());
            assertThat(api.tcpTable(family, TcpTableClass.TCP_TABLE_OWNER_PID_ALL))
                    .as("nobody has accepted yet; a socket that is bound only has no row")
                    .containsExactly(listens, far, ours);
            assertThat(api.tcpTable(family, TcpTableClass.TCP_TABLE_OWNER_PID_LISTENER))
                    .containsExactly(listens);
            assertThat(api.tcpTable(family, TcpTableClass.TCP_TABLE_BASIC_CONNECTIONS))
                    .containsExactly(far, ours);
            AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
            assertThat(api.tcpTable(other, TcpTableClass.TCP_TABLE_OWNER_PID_ALL))
                    .isEmpty();

            listener.accept();
            near.shutdownOutput();
            assertThat(api.tcpTable(family, TcpTableClass.TCP_TABLE_OWNER_PID_CONNECTIONS))
                    .extracting(TcpRow::state)
                    .containsExactly(MibTcpState.MIB_TCP_STATE_CLOSE_WAIT, MibTcpState.MIB_TCP_STATE_ESTAB);
            near.close();
            server.close();
            assertThat(api.tcpTable(family, TcpTableClass.TCP_TABLE_OWNER_PID_ALL))
                    .isEmpty();
        }
    }

    @Test
    @Spec("IPH-03")
    void ipv4TrafficOfADualStackSocket_standsInTheTableOfIpv4() throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.app("server.exe");
            Winsock winsock = server.winsock();
            SimSocket listener = winsock.tcpSocket(AddressFamily.AF_INET6);
            winsock.setsockopt(listener.handle(), 41, Winsock.IPV6_V6ONLY, 0);
            listener.bind(IpAddress.parse("[::]:8080")).listen();
            sim.app("client.exe").connect("127.0.0.1:8080");

            assertThat(server.iphlpapi().tcpTable(AddressFamily.AF_INET6, TcpTableClass.TCP_TABLE_OWNER_PID_ALL))
                    .extracting(TcpRow::state)
                    .containsExactly(MibTcpState.MIB_TCP_STATE_LISTEN);
            assertThat(server.iphlpapi().tcpTable(AddressFamily.AF_INET, TcpTableClass.TCP_TABLE_OWNER_PID_ALL))
                    .hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("IPH-05")
    void udpSocket_hasOneRow_onceItIsBound(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.app("server.exe");
            SimProcess client = sim.app("client.exe");
            Iphlpapi api = server.iphlpapi();
            SimDatagramSocket receiver = server.bindUdp(at(family, 53));
            SimDatagramSocket sender = client.winsock().udpSocket(family);
            UdpRow bound = new UdpRow(address(family, 53), server.id());
            assertThat(api.udpTable(family)).containsExactly(bound);

            sender.send(new byte[1], address(family, 53));
            assertThat(api.udpTable(family))
                    .hasSize(2)
                    .contains(bound)
                    .extracting(UdpRow::owningPid)
                    .containsExactlyInAnyOrder(server.id(), client.id());
            receiver.close();
            assertThat(api.udpTable(family)).extracting(UdpRow::owningPid).containsExactly(client.id());
        }
    }

    // ---- redirected connections

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"IPH-04", "WFP-54"})
    void proxy_findsItsClientsProcessAndDestination_byTheAddressThatItAcceptedFrom(AddressFamily family)
            throws IOException {
        String destination = family == AddressFamily.AF_INET ? "203.0.113.10:80" : "[2001:db8::10]:80";
        try (WfpSim sim = WfpSim.open();
                TcpProduct acme = sim.product("acme").redirectTcp(80)) {
            SimProcess app = sim.app("app.exe");
            SimSocket client = app.connect(destination);
            SimSocket accepted = acme.listener(family).accept();
            List<TcpRow> rows =
                    acme.process().iphlpapi().tcpTable(family, TcpTableClass.TCP_TABLE_OWNER_PID_CONNECTIONS);

            TcpRow own = rowOf(rows, accepted.localAddress());
            assertThat(own.owningPid()).isEqualTo(acme.process().id());
            assertThat(own.remote()).isEqualTo(client.localAddress());
            TcpRow clients = rowOf(rows, accepted.remoteAddress());
            assertThat(clients.owningPid()).isEqualTo(app.id());
            assertThat(clients.remote()).isEqualTo(IpAddress.parse(destination)).isEqualTo(client.remoteAddress());
        }
    }

    private static TcpRow rowOf(List<TcpRow> rows, InetSocketAddress local) {
        return rows.stream()
                .filter(row -> row.local().equals(local))
                .findFirst()
                .orElseThrow();
    }

    // ---- bytes

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"IPH-01", "IPH-03"})
    void tcpBytes_areTheStructuresOfTheFamily(AddressFamily family) throws IOException {
        boolean v4 = family == AddressFamily.AF_INET;
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.app("server.exe");
            server.listen(at(family, 0x1F90));
            SimSocket near = server.connect(at(family, 0x1F90));
            int port = near.localAddress().getPort();
            ByteBuffer table = tcpBytes(server.iphlpapi(), family, ALL);

            assertThat(table.remaining()).isEqualTo(4 + 3 * (v4 ? 24 : 56));
            assertThat(table.getInt(0)).isEqualTo(3);
            int second = 4 + (v4 ? 24 : 56);
            byte[] local = near.localAddress().getAddress().getAddress();
            byte[] stored = new byte[local.length];
            int at = second + (v4 ? 4 : 0);
            table.get(at, stored);
            assertThat(stored).isEqualTo(local);
            at += local.length + (v4 ? 0 : 4);
            assertThat(table.order(ByteOrder.BIG_ENDIAN).getShort(at)).isEqualTo((short) 0x1F90);
            assertThat(table.getShort(at + 2)).isZero();
            at += 4 + local.length + (v4 ? 0 : 4);
            assertThat(Short.toUnsignedInt(table.getShort(at))).isEqualTo(port);
            table.order(ByteOrder.LITTLE_ENDIAN);
            assertThat(table.getInt(v4 ? second : second + 48)).as("state").isEqualTo(5);
            assertThat(table.getInt(second + (v4 ? 20 : 52))).as("owner").isEqualTo(server.id());
            assertThat(table.getInt(v4 ? 4 : 4 + 48))
                    .as("state of the listener")
                    .isEqualTo(2);
        }
    }

    @Test
    @Spec("IPH-01")
    void rowsOfBasicClasses_haveNoOwner() throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.app("server.exe");
            server.listen("127.0.0.1:80");
            server.bindUdp("127.0.0.1:53");
            server.bindUdp("[::1]:53");
            Iphlpapi api = server.iphlpapi();
            assertThat(tcpBytes(api, AddressFamily.AF_INET, TcpTableClass.TCP_TABLE_BASIC_ALL.code())
                            .remaining())
                    .isEqualTo(4 + 20);
            int[] sizes = {12, 16, 28, 32};
            for (int i = 0; i < sizes.length; i++) {
                OutUlong size = new OutUlong();
                AddressFamily family = i < 2 ? AddressFamily.AF_INET : AddressFamily.AF_INET6;
                assertThat(api.getExtendedUdpTable(null, size, false, family.code(), i % 2, 0))
                        .isEqualTo(122);
                assertThat(size.value()).isEqualTo(sizes[i]);
                ByteBuffer memory = ByteBuffer.allocate(size.value()).order(ByteOrder.LITTLE_ENDIAN);
                assertThat(api.getExtendedUdpTable(memory, size, false, family.code(), i % 2, 0))
                        .isZero();
                assertThat(memory.getInt(0)).isEqualTo(1);
                if (i % 2 == 1) {
                    assertThat(memory.getInt(size.value() - 4)).isEqualTo(server.id());
                }
            }
        }
    }

    @Test
    @Spec("IPH-01")
    void memoryThatIsTooSmall_isLeftAlone_andTheSizeTold() throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess server = sim.app("server.exe");
            server.listen("127.0.0.1:80");
            byte[] bytes = new byte[40];
            Arrays.fill(bytes, (byte) 7);
            OutUlong size = new OutUlong();
            size.set(27);
            assertThat(server.iphlpapi().getExtendedTcpTable(ByteBuffer.wrap(bytes), size, false, 2, ALL, 0))
                    .isEqualTo(122);
            assertThat(size.value()).isEqualTo(28);
            assertThat(bytes).containsOnly(7);
            size.set(40);
            assertThat(server.iphlpapi().getExtendedTcpTable(ByteBuffer.wrap(bytes), size, false, 2, ALL, 0))
                    .isZero();
            assertThat(size.value()).isEqualTo(28);
            assertThat(Arrays.copyOfRange(bytes, 28, 40)).containsOnly(7);
        }
    }

    /** Family, class, reserved value, outcome for TCP, for UDP. */
    @ParameterizedTest
    @CsvSource({
        "2, 9, 0, 87, 87", "2, -1, 0, 87, 87", "3, 1, 0, 87, 87", "2, 1, 1, 87, 87",
        "23, 0, 0, 50, 122", "23, 2, 0, 50, 50", "2, 8, 0, 50, 87", "2, 2, 0, 122, 50"
    })
    @Spec("IPH-02")
    void badArguments_areRefused(int family, int tableClass, int reserved, int tcp, int udp) {
        try (WfpSim sim = WfpSim.open()) {
            Iphlpapi api = sim.app("any.exe").iphlpapi();
            OutUlong size = new OutUlong();
            assertThat(api.getExtendedTcpTable(null, size, false, family, tableClass, reserved))
                    .isEqualTo(tcp);
            assertThat(api.getExtendedUdpTable(null, size, false, family, tableClass, reserved))
                    .isEqualTo(udp);
        }
    }

    @Test
    @Spec("IPH-02")
    void missingSizeAndMemoryThatIsNotThere_areRefused() {
        try (WfpSim sim = WfpSim.open()) {
            Iphlpapi api = sim.app("any.exe").iphlpapi();
            assertThat(api.getExtendedTcpTable(null, null, false, 2, ALL, 0)).isEqualTo(87);
            assertThat(api.getExtendedUdpTable(null, null, false, 2, 1, 0)).isEqualTo(87);
            OutUlong size = new OutUlong();
            size.set(8);
            assertThat(api.getExtendedTcpTable(ByteBuffer.allocate(7), size, false, 2, ALL, 0))
                    .isEqualTo(998);
            ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();
            assertThat(api.getExtendedTcpTable(readOnly, size, false, 2, ALL, 0))
                    .isEqualTo(998);
        }
    }
}
