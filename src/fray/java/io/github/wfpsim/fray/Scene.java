package io.github.wfpsim.fray;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** A machine on which one story plays. When the story ends nobody waits, no fault was raised, and the machine closes. */
final class Scene implements AutoCloseable {

    /** A server on the network. */
    static final InetSocketAddress SERVER = new InetSocketAddress("203.0.113.10", 80);

    /** Where the machine itself listens. */
    static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 8080);

    /** What a call answers that succeeds. */
    static final String SUCCESS = "success";

    private static final String IDLE = "wfpsim-dispatcher waits for a task";

    final WfpSim sim;
    final SimProcess app;
    final Winsock winsock;

    Scene() {
        this(Orders.small());
    }

    Scene(SimOptions options) {
        this.sim = WfpSim.open(options);
        this.app = sim.app("a.exe");
        this.winsock = app.winsock();
    }

    // ---- sockets

    SocketHandle tcp() {
        return winsock.socket(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
    }

    SocketHandle udp() {
        return winsock.socket(AddressFamily.AF_INET, SocketType.SOCK_DGRAM, IpProtocol.IPPROTO_UDP);
    }

    RemoteServer server() {
        return sim.network().listen(SERVER);
    }

    /** A socket that listens at {@link #LOCAL}. */
    SocketHandle listener() {
        SocketHandle socket = bound(tcp(), LOCAL.getPort());
        assertThat(winsock.listen(socket, Winsock.SOMAXCONN)).isZero();
        return socket;
    }

    SocketHandle bound(SocketHandle socket, int port) {
        assertThat(winsock.bind(socket, new InetSocketAddress("127.0.0.1", port)))
                .isZero();
        return socket;
    }

    SocketHandle connected(InetSocketAddress to) {
        SocketHandle socket = tcp();
        assertThat(winsock.connect(socket, to)).isZero();
        return socket;
    }

    /** Two sockets, each the peer of the other. */
    SocketHandle[] pair() {
        SocketHandle listener = listener();
        SocketHandle near = connected(LOCAL);
        SocketHandle far = winsock.accept(listener, null);
        assertThat(winsock.closesocket(listener)).isZero();
        return new SocketHandle[] {near, far};
    }

    SocketHandle nonBlocking(SocketHandle socket) {
        OutUlong on = new OutUlong();
        on.set(1);
        assertThat(winsock.ioctlsocket(socket, ControlCode.FIONBIO.code(), on)).isZero();
        return socket;
    }

    int send(SocketHandle socket, int bytes) {
        return winsock.send(socket, ByteBuffer.allocate(bytes), 0);
    }

    /** Receives at most so many bytes. */
    int receive(SocketHandle socket, int room) {
        return winsock.recv(socket, ByteBuffer.allocate(room), 0);
    }

    WsaOverlapped overlapped() {
        return winsock.overlapped().newOverlapped();
    }

    // ---- answers

    /** What a call of this thread answers that returns below 0 for a failure: success, or the name of the error. */
    String answer(IntSupplier call) {
        return call.getAsInt() >= 0 ? SUCCESS : lastError();
    }

    /** What a call of this thread answers that returns false for a failure. */
    String answerOf(BooleanSupplier call) {
        return call.getAsBoolean() ? SUCCESS : lastError();
    }

    /** What a call of this thread answers that returns a socket. */
    String answerWith(Supplier<SocketHandle> call) {
        return call.get().equals(SocketHandle.INVALID_SOCKET) ? lastError() : SUCCESS;
    }

    String lastError() {
        return Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow().name();
    }

    // ---- the end

    /** Lets the dispatcher do all that it has to do. */
    void settle() throws InterruptedException {
        do {
            CountDownLatch done = new CountDownLatch(1);
            sim.dispatcher().execute(done::countDown);
            done.await();
        } while (sim.dispatcher().pending() > 0);
    }

    @Override
    public void close() throws Exception {
        settle();
        assertThat(sim.waits()).as("who waits").noneMatch(wait -> !wait.equals(IDLE));
        assertThat(sim.verifier().violations()).as("faults").isEmpty();
        sim.close();
    }
}
