package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.verifier.Diagnostic;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One machine whose DNS traffic a callout redirects to a proxy, a client that asks, and real servers that answer:
 *
 * <pre>
 *   client --:53--> [callout] --> proxy --WSASendMsg with records, :53--> server
 * </pre>
 */
final class DatagramLab implements AutoCloseable {

    static final int DNS = 53;
    static final int PROXY_PORT = 8053;

    final AddressFamily family;
    final WfpSim sim;
    final SimProcess proxy;
    final SimProcess client;
    final RemoteDatagramSocket server;
    final SocketHandle proxySocket;
    final SocketHandle clientSocket;
    /** What the callout saw at each classification, in their order. */
    final List<RedirectState> states = new CopyOnWriteArrayList<>();

    final LpfnWsaRecvMsg wsaRecvMsg;

    private DatagramLab(AddressFamily family, SimOptions options, byte... context) {
        this.family = family;
        this.sim = WfpSim.open(options);
        this.proxy = sim.process("C:\\acme\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
        this.client = sim.app("client.exe");
        this.server = sim.network().datagramSocket(remote(53));
        // Not UdpProduct, whose sockets have the options on that tests switch here.
        sim.product("acme")
                .proxyPort(PROXY_PORT)
                .context(original -> context)
                .watching(states::add)
                .redirectTo(proxy, DNS);
        this.proxySocket = udp(proxy.winsock());
        assertThat(proxy.winsock().bind(proxySocket, local(PROXY_PORT))).isZero();
        this.clientSocket = udp(client.winsock());
        this.wsaRecvMsg = wsaRecvMsg(proxy.winsock(), proxySocket);
    }

    static DatagramLab open(AddressFamily family) {
        return new DatagramLab(family, SimOptions.defaults());
    }

    static DatagramLab open(AddressFamily family, String context) {
        return new DatagramLab(family, SimOptions.defaults(), context.getBytes(StandardCharsets.UTF_8));
    }

    static DatagramLab open(AddressFamily family, SimOptions options) {
        return new DatagramLab(family, options);
    }

    /** An address outside the machine. */
    InetSocketAddress remote(int lastByte) {
        return IpAddress.parse(
                (family == AddressFamily.AF_INET ? "203.0.113." + lastByte : "[2001:db8::" + lastByte + "]") + ":"
                        + DNS);
    }

    InetSocketAddress local(int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    SocketHandle udp(Winsock winsock) {
        return winsock.socket(family.code(), 2, 17);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    static Win32Error lastError(Winsock winsock) {
        return Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow();
    }

    static LpfnWsaRecvMsg wsaRecvMsg(Winsock winsock, SocketHandle socket) {
        ByteBuffer pointer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        int code = ControlCode.SIO_GET_EXTENSION_FUNCTION_POINTER.code();
        assertThat(winsock.wsaIoctl(socket, code, Wsaid.WSAID_WSARECVMSG.bytes(), 16, pointer, 8, new OutUlong()))
                .isZero();
        return winsock.extensionFunction(LpfnWsaRecvMsg.class, pointer.getLong(0));
    }

    AncillaryType records() {
        return AncillaryType.recordsOf(family);
    }

    AncillaryType context() {
        return AncillaryType.contextOf(family);
    }

    /** Switches types on at the proxy's socket. */
    DatagramLab wanting(AncillaryType... types) {
        for (AncillaryType type : types) {
            switchOn(proxy.winsock(), proxySocket, type);
        }
        return this;
    }

    static void switchOn(Winsock winsock, SocketHandle socket, AncillaryType type) {
        assertThat(winsock.setsockopt(socket, type.level().code(), type.code(), 1))
                .isZero();
    }

    static void nonBlocking(Winsock winsock, SocketHandle socket) {
        OutUlong on = new OutUlong();
        on.set(1);
        assertThat(winsock.ioctlsocket(socket, ControlCode.FIONBIO.code(), on)).isZero();
    }

    /** Has the client ask a server. */
    void ask(String query, int lastByte) {
        assertThat(client.winsock().sendto(clientSocket, bytes(query), 0, remote(lastByte)))
                .isEqualTo(query.length());
    }

    /** What one call of WSARecvMsg at the proxy gave, with roomy buffers. */
    Received receive() {
        return receive(4096);
    }

    Received receive(int controlRoom) {
        return receive(new WsaMsg()
                .setName(Out.empty())
                .setLpBuffers(ByteBuffer.allocate(512))
                .setControl(ByteBuffer.allocate(controlRoom)));
    }

    Received receive(WsaMsg message) {
        OutUlong count = new OutUlong();
        int result = wsaRecvMsg.wsaRecvMsg(proxySocket, message, count);
        Win32Error error = result == 0 ? Win32Error.NO_ERROR : lastError(proxy.winsock());
        return new Received(error, count.value(), message);
    }

    /** The outcome of a receive. */
    record Received(Win32Error error, int count, WsaMsg message) {

        Received successful() {
            assertThat(error).isEqualTo(Win32Error.NO_ERROR);
            return this;
        }

        List<ControlMessage> control() {
            return ControlMessage.parse(message.control()).orElseThrow();
        }

        byte[] data(AncillaryType type) {
            ByteBuffer data = control().stream()
                    .filter(part -> part.ancillaryType().filter(type::equals).isPresent())
                    .findFirst()
                    .orElseThrow()
                    .data();
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            return bytes;
        }

        InetSocketAddress source() {
            return Objects.requireNonNull(Objects.requireNonNull(message.name()).get());
        }

        String payload() {
            return text(Objects.requireNonNull(message.lpBuffers().get(0)).flip());
        }
    }

    /** Redirects the client once and hands out the records. */
    byte[] freshRecords() {
        wanting(records());
        ask("query", 53);
        return receive().successful().data(records());
    }

    int send(Winsock winsock, SocketHandle socket, InetSocketAddress to, String payload, ByteBuffer control) {
        WsaMsg message = new WsaMsg().setName(to).setLpBuffers(bytes(payload)).setControl(control);
        return winsock.wsaSendMsg(socket, message, 0, new OutUlong());
    }

    List<Diagnostic> diagnostics() {
        return sim.verifier().diagnostics().stream()
                .map(finding -> finding.kind())
                .toList();
    }

    /** The flow of a process to a destination. */
    ConnectionSnapshot flow(SimProcess owner, InetSocketAddress destination) {
        List<ConnectionSnapshot> flows = sim.connections().stream()
                .filter(connection -> connection.process().equals(owner))
                .filter(connection -> connection.protocol() == IpProtocol.IPPROTO_UDP)
                .filter(connection -> destination.equals(connection.remote()))
                .toList();
        assertThat(flows).hasSize(1);
        return flows.get(0);
    }

    @Override
    public void close() {
        server.close();
        sim.close();
    }
}
