package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.net.StreamResetException;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.Filter;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Listening, accepting, connecting and moving bytes with IRPs alone. */
@Timeout(20)
class WskConnectionTest {

    /** More bytes than a connection holds. */
    private static final int MUCH = 300_000;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String read(DuplexStream stream, int count) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && stream.read(bytes, Deadline.NEVER) > 0) {
            // More to come.
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    /** A kernel socket that is connected to a server elsewhere. */
    private static final class Link {

        final WskConnectionSocket socket;
        final DuplexStream far;

        Link(WskBench bench) throws InterruptedException {
            RemoteServer server = bench.sim.network().listen(bench.remote(10));
            socket = bench.bound(0);
            bench.succeed(irp -> socket.wskConnect(bench.remote(10), 0, irp));
            far = Objects.requireNonNull(server.accept(Deadline.NEVER));
        }
    }

    // ---- listening and accepting

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-12")
    void streamSocket_commitsToListeningOrToAConnection(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            WskStreamSocket listener = (WskStreamSocket) bench.socket(8, 1, WskBench.TCP, 0);
            bench.succeed(irp -> listener.wskBind(bench.proxyAddress, 0, irp));
            bench.succeed(listener::wskListen);
            assertThat(bench.run(irp -> listener.wskConnect(bench.remote(10), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);

            WskStreamSocket client = (WskStreamSocket) bench.socket(8, 1, WskBench.TCP, 0);
            bench.succeed(irp -> client.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> client.wskConnect(bench.proxyAddress, 0, irp));
            assertThat(bench.run(client::wskListen)).isEqualTo(NtStatus.STATUS_CONNECTION_ACTIVE);
            assertThat(bench.run(irp -> client.wskAccept(0, null, null, null, null, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(bench.send(irp -> listener.wskAccept(0, null, null, null, null, irp))
                            .pointer())
                    .isInstanceOf(WskStreamSocket.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-13")
    void accept_takesWhatWaits_elseWaitsInTurn(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);
            List<Out<InetSocketAddress>> peers = new ArrayList<>();
            List<WskBench.Sent> accepts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Out<InetSocketAddress> peer = Out.empty();
                peers.add(peer);
                if (i < 2) {
                    accepts.add(bench.send(irp -> listener.wskAccept(0, null, null, null, peer, irp)));
                }
            }
            List<InetSocketAddress> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(bench.app
                        .winsock()
                        .tcpSocket(family)
                        .connect(bench.proxyAddress)
                        .localAddress());
            }
            accepts.forEach(WskBench.Sent::pointer);
            WskEventTest.settle(bench);
            WskBench.Sent third = bench.send(irp -> listener.wskAccept(0, null, null, null, peers.get(2), irp));
            third.pointer();
            if (mode == CompletionMode.INLINE) {
                assertThat(third.returned).isEqualTo(NtStatus.STATUS_SUCCESS);
            }

            assertThat(peers.stream().map(Out::get).toList()).isEqualTo(clients);
        }
    }

    // ---- connecting

    /** A connect redirect callout that pends everything. */
    private static BlockingQueue<Runnable> pendConnects(WskBench bench) {
        BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
        UUID key = new UUID(7, 7);
        bench.driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            ClassifyContext pended = Objects.requireNonNull(context);
            Out<io.github.wfpsim.wfp.ClassifyHandle> acquired = Out.empty();
            bench.driver.fwps().fwpsAcquireClassifyHandle0(pended, 0, acquired);
            io.github.wfpsim.wfp.ClassifyHandle handle = Objects.requireNonNull(acquired.get());
            bench.driver.fwps().fwpsPendClassify0(handle, filter.filterId(), 0, out);
            out.setActionType(io.github.wfpsim.abi.ActionType.FWP_ACTION_BLOCK);
            out.clearWriteRight();
            held.add(() -> {
                bench.driver
                        .fwps()
                        .fwpsCompleteClassify0(
                                handle,
                                0,
                                new io.github.wfpsim.wfp.ClassifyOut(
                                        io.github.wfpsim.abi.ActionType.FWP_ACTION_PERMIT,
                                        io.github.wfpsim.abi.ActionType.FWPS_RIGHT_ACTION_WRITE));
                bench.driver.fwps().fwpsReleaseClassifyHandle0(handle);
            });
        });
        bench.sim
                .fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(bench.family))
                        .callout(key));
        return held;
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-19")
    void connect_pendsWhileItsClassificationIsPended(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            bench.sim.network().listen(bench.remote(10));
            BlockingQueue<Runnable> held = pendConnects(bench);
            WskConnectionSocket socket = bench.bound(0);

            WskBench.Sent connect = bench.send(irp -> socket.wskConnect(bench.remote(10), 0, irp));
            Runnable complete = Objects.requireNonNull(held.poll(10, TimeUnit.SECONDS));
            assertThat(connect.returned).isEqualTo(NtStatus.STATUS_PENDING);
            assertThat(connect.isOver()).isFalse();
            complete.run();

            assertThat(connect.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WFP-53", "WSKS-20"})
    void connect_tellsWhyItFailed(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            assertThat(bench.run(irp -> bench.bound(0).wskConnect(bench.local(9), 0, irp)))
                    .as("nobody listens")
                    .isEqualTo(NtStatus.STATUS_CONNECTION_REFUSED);
            assertThat(bench.run(irp -> bench.bound(0).wskConnect(bench.remote(99), 0, irp)))
                    .as("no such machine")
                    .isEqualTo(NtStatus.STATUS_NETWORK_UNREACHABLE);
            WskConnectionSocket onLoopback = bench.connection(0);
            bench.succeed(irp -> onLoopback.wskBind(bench.local(0), 0, irp));
            assertThat(bench.run(irp -> onLoopback.wskConnect(bench.remote(10), 0, irp)))
                    .as("source and destination do not go together")
                    .isEqualTo(NtStatus.STATUS_INVALID_ADDRESS_COMPONENT);
            Link link = new Link(bench);
            assertThat(bench.run(irp -> link.socket.wskConnect(bench.remote(10), 0, irp)))
                    .as("connected already")
                    .isEqualTo(NtStatus.STATUS_CONNECTION_ACTIVE);
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                            .block());
            assertThat(bench.run(irp -> bench.bound(0).wskConnect(bench.remote(10), 0, irp)))
                    .as("blocked")
                    .isEqualTo(NtStatus.STATUS_ACCESS_DENIED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-21", "WSKS-37"})
    void socketConnect_runsTheLayersOfAUserModeConnect_inTheirOrder(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            bench.sim.network().listen(bench.remote(10));
            List<Layer> layers = new ArrayList<>();
            UUID key = new UUID(3, 3);
            bench.driver.registerCallout(
                    key, (values, meta, data, context, filter, flow, out) -> layers.add(values.layer()));
            for (Layer layer : Layer.values()) {
                bench.sim.fwpm().addFilter(Filter.at(layer).callout(key));
            }
            bench.app.winsock().tcpSocket(family).bind(bench.any()).connect(bench.remote(10));
            List<Layer> ofUserMode = List.copyOf(layers);
            layers.clear();

            Object socket = bench.send(irp ->
                            bench.npi.wskSocketConnect(1, 6, bench.any(), bench.remote(10), 0, null, null, 0, irp))
                    .pointer();

            assertThat(socket).isInstanceOf(WskConnectionSocket.class);
            assertThat(layers).isEqualTo(ofUserMode).hasSizeGreaterThan(4);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-21")
    void socketConnect_thatFails_leavesNoSocket(AddressFamily family, CompletionMode mode) {
        try (WskBench bench = new WskBench(family, mode)) {
            assertThat(bench.run(irp ->
                            bench.npi.wskSocketConnect(1, 6, bench.any(), bench.local(9), 0, null, null, 0, irp)))
                    .isEqualTo(NtStatus.STATUS_CONNECTION_REFUSED);
            assertThat(bench.run(irp ->
                            bench.npi.wskSocketConnect(1, 6, bench.remote(11), bench.local(9), 0, null, null, 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_ADDRESS_COMPONENT);

            assertThat(bench.sim.connections()).isEmpty();
            bench.unload();
            assertThat(bench.driver.held().held()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-21", "IRP-14"})
    void socketConnect_thatIsCancelled_leavesNoSocket(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            bench.sim.network().listen(bench.remote(10));
            BlockingQueue<Runnable> held = pendConnects(bench);
            WskBench.Sent connect = bench.send(
                    irp -> bench.npi.wskSocketConnect(1, 6, bench.any(), bench.remote(10), 0, null, null, 0, irp));
            Runnable complete = Objects.requireNonNull(held.poll(10, TimeUnit.SECONDS));

            assertThat(bench.driver.io().ioCancelIrp(connect.irp())).isTrue();
            assertThat(connect.status()).isEqualTo(NtStatus.STATUS_CANCELLED);

            complete.run();
            WskEventTest.settle(bench);
            assertThat(bench.driver.held().held())
                    .filteredOn(each -> each.kind().equals("WSK socket"))
                    .isEmpty();
            assertThat(bench.sim.connections()).isEmpty();
        }
    }

    // ---- moving data

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-22")
    void send_pendsUntilTheTransportHasAll(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            Link link = new Link(bench);
            WskBench.Sent send = bench.send(irp -> link.socket.wskSend(bench.buffer(MUCH), 0, irp));
            assertThat(send.returned).isEqualTo(NtStatus.STATUS_PENDING);
            assertThat(send.isOver()).isFalse();

            assertThat(read(link.far, MUCH)).hasSize(MUCH);

            assertThat(send.outcome().information()).isEqualTo(MUCH);
            assertThat(bench.run(irp -> link.socket.wskSend(bench.buffer(1), 0x40, irp)))
                    .isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
            assertThat(bench.run(irp -> link.socket.wskSend(bench.buffer(1), WskFlags.WSK_FLAG_NODELAY, irp)))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-23")
    void receive_waitsForAll_orDrains_butNotBoth(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            Link link = new Link(bench);
            int waitAll = WskFlags.WSK_FLAG_WAITALL;
            int drain = WskFlags.WSK_FLAG_DRAIN;
            WskBuf six = bench.buffer(6);
            WskBuf none = new WskBuf(null, 0, 0);
            assertThat(bench.run(irp -> link.socket.wskReceive(none, waitAll | drain, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> link.socket.wskReceive(six, drain, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> link.socket.wskReceive(six, 0x100, irp)))
                    .isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);

            WskBench.Sent all = bench.send(irp -> link.socket.wskReceive(six, waitAll, irp));
            link.far.write(ByteBuffer.wrap(utf8("abcd")), Deadline.NEVER);
            assertThat(all.isOver()).isFalse();
            link.far.write(ByteBuffer.wrap(utf8("efgh")), Deadline.NEVER);
            assertThat(all.outcome().information()).isEqualTo(6);
            assertThat(WskBench.bytes(six, 6)).isEqualTo(utf8("abcdef"));
            assertThat(bench.send(irp -> link.socket.wskReceive(six, 0, irp))
                            .outcome()
                            .information())
                    .as("what was left over")
                    .isEqualTo(2);

            WskBench.Sent drained = bench.send(irp -> link.socket.wskReceive(none, drain, irp));
            link.far.write(ByteBuffer.wrap(utf8("nobody will read this")), Deadline.NEVER);
            assertThat(drained.isOver()).isFalse();
            link.far.shutdownOutput();
            assertThat(drained.outcome().information()).isZero();
            assertThat(drained.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-26")
    void disconnect_endsGracefullyWithLastData_orAborts(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            Link link = new Link(bench);
            bench.succeed(irp -> link.socket.wskDisconnect(bench.buffer(utf8("bye")), 0, irp));
            assertThat(read(link.far, 9)).isEqualTo("bye");
            assertThat(link.far.read(ByteBuffer.allocate(1), Deadline.NEVER)).isEqualTo(-1);
            assertThat(bench.run(irp -> link.socket.wskSend(bench.buffer(1), 0, irp)))
                    .as("nothing can be sent after the end")
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(bench.run(irp -> link.socket.wskDisconnect(bench.buffer(1), WskFlags.WSK_FLAG_ABORTIVE, irp)))
                    .as("an abort takes no data")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> link.socket.wskDisconnect(null, 0x80, irp)))
                    .isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);

            bench.succeed(irp -> link.socket.wskDisconnect(null, WskFlags.WSK_FLAG_ABORTIVE, irp));

            assertThat(catchThrowable(() -> link.far.write(ByteBuffer.allocate(1), Deadline.NEVER)))
                    .isInstanceOf(StreamResetException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-26")
    void gracefulDisconnect_thatPends_canBeFollowedByAnAbort(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            Link link = new Link(bench);
            WskBench.Sent graceful = bench.send(irp -> link.socket.wskDisconnect(bench.buffer(MUCH), 0, irp));
            assertThat(graceful.returned).isEqualTo(NtStatus.STATUS_PENDING);

            bench.succeed(irp -> link.socket.wskDisconnect(null, WskFlags.WSK_FLAG_ABORTIVE, irp));

            assertThat(graceful.status().isSuccess()).isFalse();
            assertThat(catchThrowable(() -> read(link.far, 1))).isInstanceOf(StreamResetException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-28")
    void buffers_areLockedMemory_untilTheIrpCompletes(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            Link link = new Link(bench);
            Mdl unlocked = bench.driver.mm().ioAllocateMdl(bench.block(4), 4);
            assertThat(bench.run(irp -> link.socket.wskReceive(WskBuf.of(unlocked), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            bench.driver.mm().ioFreeMdl(unlocked);
            assertThat(bench.faults()).isEmpty();

            WskBuf buffer = bench.buffer(4);
            WskBench.Sent receive = bench.send(irp -> link.socket.wskReceive(buffer, 0, irp));
            bench.driver.mm().ioFreeMdl(Objects.requireNonNull(buffer.mdl()));

            assertThat(bench.faults()).containsExactly(Fault.BUFFER_FREED_WHILE_PENDING);
            bench.close(link.socket);
            assertThat(receive.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
        }
    }
}
