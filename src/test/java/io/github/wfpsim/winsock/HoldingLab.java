package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One machine with a server and a client. A callout holds what goes to {@link #HELD} and {@link #HELD_NOBODY}, at
 * CONNECT_REDIRECT, until the test lets it go; a filter blocks what goes to {@link #BLOCKED}; nobody listens at the ports
 * with "nobody" in their names.
 */
final class HoldingLab implements AutoCloseable {

    static final int OPEN = 8080;
    static final int HELD = 81;
    static final int BLOCKED = 82;
    static final int NOBODY = 83;
    static final int HELD_NOBODY = 84;

    private static final UUID CALLOUT = new UUID(7, 7);

    final AddressFamily family;
    final WfpSim sim;
    final SimProcess serverProcess;
    final SimProcess clientProcess;
    final Winsock server;
    final Winsock client;
    final SocketHandle listener;
    final SocketHandle heldListener;
    private final KernelDriver driver;
    private final CalloutRegistration callout;
    private final BlockingQueue<ClassifyHandle> held = new LinkedBlockingQueue<>();

    HoldingLab(AddressFamily family) {
        this(family, SimOptions.defaults());
    }

    HoldingLab(AddressFamily family, SimOptions options) {
        this.family = family;
        this.sim = WfpSim.open(options);
        this.serverProcess = sim.process("C:\\service.exe", Token.ELEVATED_ADMINISTRATOR);
        this.clientProcess = sim.process("C:\\client.exe", Token.STANDARD_USER);
        this.server = serverProcess.winsock();
        this.client = clientProcess.winsock();
        // Not a product, which unloads its driver before the machine ends the processes: what is held waits until then.
        this.driver = sim.loadDriver("holder.sys");
        Layer layer = Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family);
        this.callout = driver.registerCallout(CALLOUT, (values, meta, data, context, filter, flow, out) -> {
            Out<ClassifyHandle> handle = Out.empty();
            ClassifyContext asked = Objects.requireNonNull(context);
            driver.fwps().fwpsAcquireClassifyHandle0(asked, 0, handle);
            ClassifyHandle acquired = Objects.requireNonNull(handle.get());
            assertThat(driver.fwps().fwpsPendClassify0(acquired, filter.filterId(), 0, out))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            out.setActionType(ActionType.FWP_ACTION_BLOCK);
            out.clearWriteRight();
            held.add(acquired);
        });
        sim.fwpm()
                .addFilter(Filter.at(layer)
                        .when(FilterCondition.remotePort(HELD))
                        .when(FilterCondition.remotePort(HELD_NOBODY))
                        .callout(CALLOUT));
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                        .when(FilterCondition.remotePort(BLOCKED))
                        .block());
        this.listener = listening(OPEN);
        this.heldListener = listening(HELD);
    }

    private SocketHandle listening(int port) {
        SocketHandle socket = tcp(server);
        assertThat(server.bind(socket, at(port))).isZero();
        assertThat(server.listen(socket, Winsock.SOMAXCONN)).isZero();
        return socket;
    }

    InetSocketAddress at(int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    SocketHandle tcp(Winsock winsock) {
        return winsock.socket(family.code(), 1, 6);
    }

    SocketHandle udp(Winsock winsock) {
        return winsock.socket(family.code(), 2, 17);
    }

    /** A datagram socket of the server that is bound to a port. */
    SocketHandle boundUdp(int port) {
        SocketHandle socket = udp(server);
        assertThat(server.bind(socket, at(port))).isZero();
        return socket;
    }

    static SocketHandle nonBlocking(Winsock winsock, SocketHandle socket) {
        OutUlong on = new OutUlong();
        on.set(1);
        assertThat(winsock.ioctlsocket(socket, ControlCode.FIONBIO.code(), on)).isZero();
        return socket;
    }

    /** Two connected sockets: the client's and the server's. */
    SocketHandle[] pair() {
        SocketHandle near = tcp(client);
        assertThat(client.connect(near, at(OPEN))).isZero();
        return new SocketHandle[] {near, server.accept(listener, null)};
    }

    /** Lets the oldest thing that is held go on. */
    void permit() throws InterruptedException {
        ClassifyHandle handle = Objects.requireNonNull(held.poll(10, TimeUnit.SECONDS), "nothing is held");
        driver.fwps().fwpsCompleteClassify0(handle, 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
        driver.fwps().fwpsReleaseClassifyHandle0(handle);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static Win32Error lastError(Winsock winsock) {
        return Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow();
    }

    static void assertFailed(Winsock winsock, int result, Win32Error expected) {
        assertThat(result).as(expected.name()).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(lastError(winsock)).isEqualTo(expected);
    }

    /** Reads SO_ERROR. */
    static Win32Error soError(Winsock winsock, SocketHandle socket) {
        OutUlong error = new OutUlong();
        assertThat(winsock.getsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_ERROR, error))
                .isZero();
        return Win32Error.fromCode(error.value()).orElseThrow();
    }

    @Override
    public void close() {
        callout.close();
        sim.close();
    }
}
