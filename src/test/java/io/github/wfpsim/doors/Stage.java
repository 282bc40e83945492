package io.github.wfpsim.doors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.doors.Door.Reply;
import io.github.wfpsim.doors.Door.Socket;
import io.github.wfpsim.doors.Door.What;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.InlineEdit;
import io.github.wfpsim.winsock.RedirectLab;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.UUID;

/** A machine with a proxy behind one of the doors, to which a browser's connections are redirected. */
final class Stage implements AutoCloseable {

    static final byte[] CONTEXT = "who asked for what".getBytes(StandardCharsets.UTF_8);
    static final int ROOMY = 4096;
    private static final int PORT = 8081;

    final RedirectLab lab;
    final Door door;
    final Socket listener;
    private final InetSocketAddress address;
    private final Deque<AutoCloseable> after = new ArrayDeque<>();
    private SocketHandle client = SocketHandle.INVALID_SOCKET;

    Stage(AddressFamily family, Door.Kind kind) {
        this(family, kind, kind.options());
    }

    Stage(AddressFamily family, Door.Kind kind, SimOptions options) {
        this.lab = RedirectLab.open(family, options.faultMode(FaultMode.RECORD));
        this.door = kind.open(lab, lab.proxy);
        this.listener = door.listening(PORT);
        this.address = lab.loopback(PORT);
        lab.setContext(CONTEXT);
        lab.redirectTo(address);
    }

    // ---- connections

    InetSocketAddress address() {
        return address;
    }

    /** The proxy's end of a connection of the browser, which goes elsewhere by its own belief. */
    Socket redirected() {
        return connectedBy(lab.browser, lab.origin());
    }

    /** The proxy's end of a connection that nobody redirected. */
    Socket plain() {
        return connectedBy(lab.stranger, address);
    }

    private Socket connectedBy(SimProcess process, InetSocketAddress destination) {
        client = process.winsock().socket(lab.family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
        assertThat(process.winsock().connect(client, destination)).isZero();
        return door.accept(listener);
    }

    /** The client's own end of a connection, seen through the door. */
    Socket originating(SimProcess process, InetSocketAddress destination, Door.Kind kind) {
        Door own = kind.open(lab, process);
        after.push(own);
        Socket socket = own.fresh();
        socket.connect(destination);
        door.accept(listener);
        return socket;
    }

    /** Ends the last connection from the client's side. */
    void clientEnds(boolean abortively) {
        Winsock winsock = lab.browser.winsock();
        winsock.setsockopt(client, Winsock.SOL_SOCKET, Winsock.SO_LINGER, abortively ? 1 : 0);
        assertThat(winsock.closesocket(client)).isZero();
    }

    /** Moves what the stranger binds to another port, by a callout that redirects binds only. */
    void redirectBinds() {
        KernelDriver binder = lab.sim.loadDriver("binder.sys");
        InetSocketAddress own = new InetSocketAddress(IpAddress.wildcard(lab.family), 5555);
        atLayer(binder, Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, (values, meta, data, context, filter, flow, out) -> {
            if (meta.processId() != lab.stranger.id()) {
                return;
            }
            InlineEdit.bind(binder.fwps(), context, filter, out, request -> request.setLocalAddressAndPort(own));
        });
    }

    /** Installs a callout until the stage closes. */
    void atLayer(KernelDriver driver, Layer layer, ClassifyFn1 classifyFn) {
        UUID key = new UUID(7, after.size());
        lab.sim.fwpm().addFilter(Filter.at(layer.withFamily(lab.family)).callout(key));
        CalloutRegistration registration = driver.registerCallout(key, classifyFn);
        after.push(registration);
    }

    // ---- what was said

    /** Asks for everything. */
    Reply query(Socket socket, What what) {
        return socket.query(what, ROOMY, ByteBuffer.allocate(ROOMY));
    }

    /** The bytes of a query that succeeds. */
    byte[] bytes(Socket socket, What what) {
        ByteBuffer buffer = ByteBuffer.allocate(ROOMY);
        Reply reply = socket.query(what, ROOMY, buffer);
        assertThat(reply).isEqualTo(door.reply(Verdict.DONE, reply.count()));
        assertThat(reply.count()).isPositive();
        return Arrays.copyOf(buffer.array(), (int) reply.count());
    }

    /** A record for the proxy. */
    byte[] record() {
        return bytes(redirected(), What.RECORDS);
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : after) {
            each.close();
        }
        door.close();
        assertThat(lab.sim.verifier().violations()).isEmpty();
        lab.close();
        assertThat(lab.sim.verifier().violations()).isEmpty();
    }
}
