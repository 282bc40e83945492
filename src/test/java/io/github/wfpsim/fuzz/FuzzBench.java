package io.github.wfpsim.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.UdpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.LpfnWsaRecvMsg;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaMsg;
import io.github.wfpsim.winsock.Wsaid;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskDatagramSocket;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import io.github.wfpsim.wsk.WskSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A machine with redirected connections and datagrams, and sockets of both doors in every state. Faults are recorded. */
final class FuzzBench implements AutoCloseable {

    private static final int HTTP = 80;
    private static final int DNS = 53;

    private final WfpSim sim;
    private final AddressFamily family;
    private final TcpProduct product;
    private final UdpProduct datagrams;
    private final SimProcess app;
    private final SimSocket client;
    private final SimSocket accepted;
    private final byte[] record;
    private final SimDatagramSocket sender;
    private @Nullable KernelDriver driver;
    private final List<WskSocket> kernelSockets = new ArrayList<>();

    FuzzBench(FuzzInput input) throws Exception {
        this.family = input.flag() ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
        this.sim = WfpSim.open(SimOptions.defaults()
                .faultMode(FaultMode.RECORD)
                .completionMode(CompletionMode.INLINE)
                .traceCapacity(0));
        this.product = sim.product("acme").redirectTcp(HTTP);
        this.datagrams = sim.product("dns").proxyPort(5300).redirectUdp(DNS);
        this.app = sim.app("app.exe");
        this.client = app.connect(far(HTTP));
        this.accepted = product.listener(family).accept();
        this.record = accepted.queryRedirectRecords().orElseThrow();
        this.sender = app.connectUdp(far(DNS));
        nonBlocking(datagrams.process().winsock(), datagrams.socket(family).handle());
        nonBlocking(winsock(), accepted.handle());
        nonBlocking(app.winsock(), sender.handle());
    }

    private String far(int port) {
        return (family == AddressFamily.AF_INET ? "203.0.113.10:" : "[2001:db8::10]:") + port;
    }

    private static void nonBlocking(Winsock winsock, SocketHandle socket) {
        OutUlong on = new OutUlong();
        on.set(1);
        winsock.ioctlsocket(socket, ControlCode.FIONBIO.code(), on);
    }

    /** The door of the proxy. */
    Winsock winsock() {
        return product.process().winsock();
    }

    byte[] record() {
        return record;
    }

    SocketHandle fresh() {
        return winsock().socket(family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
    }

    SocketHandle listener() {
        return product.listener(family).handle();
    }

    SocketHandle udp() throws Exception {
        return winsock().udpSocket(family).handle();
    }

    SocketHandle anySocket(FuzzInput input) throws Exception {
        return switch (input.below(6)) {
            case 0 -> fresh();
            case 1 -> accepted.handle();
            case 2 -> listener();
            case 3 -> udp();
            case 4 -> client.handle();
            default -> SocketHandle.INVALID_SOCKET;
        };
    }

    InetSocketAddress destination(FuzzInput input) {
        return switch (input.below(4)) {
            case 0 -> IpAddress.parse(far(DNS));
            case 1 -> new InetSocketAddress(IpAddress.loopback(family), input.number() & 0xFFFF);
            case 2 -> new InetSocketAddress(IpAddress.wildcard(family), DNS);
            default -> IpAddress.parse("192.0.2.77:99");
        };
    }

    /** Good control data with records, of which a byte may be changed. */
    ByteBuffer controlWithRecords(FuzzInput input) {
        ByteBuffer control =
                ControlWriter.bufferOf(ControlMessage.of(AncillaryType.recordsOf(family), ByteBuffer.wrap(record)));
        if (input.flag()) {
            control.put(input.octet() % control.limit(), (byte) input.octet());
        }
        return control;
    }

    void haveDatagramWait(byte[] payload) throws Exception {
        sender.send(payload);
    }

    void haveConnectionWait(byte[] first) throws Exception {
        app.connect(far(HTTP)).send(first);
    }

    int receiveMessage(WsaMsg message, OutUlong received) {
        Winsock winsock = datagrams.process().winsock();
        ByteBuffer pointer = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        SocketHandle socket = datagrams.socket(family).handle();
        ByteBuffer guid = Wsaid.WSAID_WSARECVMSG.bytes();
        winsock.wsaIoctl(
                socket,
                ControlCode.SIO_GET_EXTENSION_FUNCTION_POINTER.code(),
                guid,
                guid.remaining(),
                pointer,
                Long.BYTES,
                new OutUlong());
        return winsock.extensionFunction(LpfnWsaRecvMsg.class, pointer.getLong(0))
                .wsaRecvMsg(socket, message, received);
    }

    void assertKnown(int result) {
        assertThat(result).isBetween(Winsock.SOCKET_ERROR, 0);
        if (result != 0) {
            assertThat(Win32Error.fromCode(winsock().wsaGetLastError()).orElse(Win32Error.NO_ERROR))
                    .isNotEqualTo(Win32Error.NO_ERROR);
        }
    }

    // ---- kernel sockets

    WskSocket anyKernelSocket(FuzzInput input) throws Exception {
        if (driver == null) {
            driver = sim.loadDriver("fuzz.sys");
            openKernelSockets(driver);
        }
        return kernelSockets.get(input.below(kernelSockets.size()));
    }

    private void openKernelSockets(KernelDriver loaded) throws Exception {
        Out<WskRegistration> registration = Out.empty();
        loaded.wsk().wskRegister(WskClientNpi.ofVersion10(), registration);
        Out<WskProviderNpi> npi = Out.empty();
        loaded.wsk().wskCaptureProviderNpi(Objects.requireNonNull(registration.get()), WskFlags.WSK_INFINITE_WAIT, npi);
        for (int category : new int[] {
            WskFlags.WSK_FLAG_LISTEN_SOCKET, WskFlags.WSK_FLAG_CONNECTION_SOCKET, WskFlags.WSK_FLAG_DATAGRAM_SOCKET
        }) {
            boolean udp = category == WskFlags.WSK_FLAG_DATAGRAM_SOCKET;
            for (boolean bound : new boolean[] {false, true}) {
                WskSocket socket = loaded.io()
                        .sendFor(
                                WskSocket.class,
                                irp -> Objects.requireNonNull(npi.get())
                                        .wskSocket(
                                                family.code(), udp ? 2 : 1, udp ? 17 : 6, category, null, null, 0, irp))
                        .get();
                kernelSockets.add(socket);
                if (bound) {
                    control(socket, this::bind);
                }
            }
        }
    }

    private NtStatus bind(WskSocket socket, Irp irp) {
        InetSocketAddress any = IpAddress.unspecified(family);
        if (socket instanceof WskListenSocket listener) {
            return listener.wskBind(any, 0, irp);
        }
        return socket instanceof WskDatagramSocket datagram
                ? datagram.wskBind(any, 0, irp)
                : ((WskConnectionSocket) socket).wskBind(any, 0, irp);
    }

    NtStatus control(WskSocket socket, BiFunction<WskSocket, Irp, NtStatus> call) throws Exception {
        return Objects.requireNonNull(driver)
                .io()
                .send(irp -> call.apply(socket, irp))
                .get()
                .status();
    }

    @Override
    public void close() {
        sim.close();
    }
}
