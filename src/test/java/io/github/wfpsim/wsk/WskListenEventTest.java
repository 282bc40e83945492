package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAcceptEvent;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Event callbacks of listeners, and conditional accept. */
@Timeout(20)
class WskListenEventTest {

    private static final int ACCEPT = WskEventFlags.WSK_EVENT_ACCEPT;
    private static final int RECEIVE = WskEventFlags.WSK_EVENT_RECEIVE;

    private static WskListenSocket unbound(WskBench bench, WskClientListenDispatch dispatch) {
        return (WskListenSocket) bench.send(irp -> bench.npi.wskSocket(
                        bench.family.code(),
                        1,
                        WskBench.TCP,
                        WskFlags.WSK_FLAG_LISTEN_SOCKET,
                        "listener",
                        dispatch,
                        0,
                        irp))
                .pointer();
    }

    private static WskListenSocket listener(WskBench bench, WskAcceptEvent event, int events) {
        WskListenSocket socket = unbound(bench, WskClientListenDispatch.accepting(event));
        assertThat(WskEventTest.control(socket, WskEventCallbackControl.enable(events)))
                .as("before bind")
                .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
        bench.succeed(irp -> socket.wskBind(bench.proxyAddress, 0, irp));
        assertThat(WskEventTest.control(socket, WskEventCallbackControl.enable(events)))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        return socket;
    }

    private static SimSocket connect(WskBench bench) throws IOException {
        return bench.app.winsock().tcpSocket(bench.family).connect(bench.proxyAddress);
    }

    /** A connect that waits, on a thread of its own. */
    private static FutureTask<@Nullable Throwable> connecting(WskBench bench, SimSocket socket) {
        FutureTask<@Nullable Throwable> task =
                new FutureTask<>(() -> catchThrowable(() -> socket.connect(bench.proxyAddress)));
        Thread thread = new Thread(task, "connects");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    // ---- accepting

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-15", "WSKS-32"})
    void acceptEvent_getsTheConnection_andAddressesForTheCallOnly(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskConnectionSocket> sockets = new LinkedBlockingQueue<>();
            List<SockaddrRef> addresses = new ArrayList<>();
            List<Object> read = new ArrayList<>();
            listener(
                    bench,
                    (context, flags, local, remote, socket, newContext, newDispatch) -> {
                        if (socket != null && local != null && remote != null) {
                            addresses.add(remote);
                            read.add(local.read());
                            read.add(remote.read());
                            sockets.add(socket);
                        }
                        return NtStatus.STATUS_SUCCESS;
                    },
                    ACCEPT);

            SimSocket client = connect(bench);

            assertThat(WskEventTest.next(sockets)).isNotInstanceOf(WskStreamSocket.class);
            WskEventTest.settle(bench);
            assertThat(read).containsExactly(bench.proxyAddress, client.localAddress());
            assertThat(bench.faults()).isEmpty();
            addresses.get(0).read();
            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-14")
    void pendingAccept_goesBeforeTheCallback(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskConnectionSocket> sockets = new LinkedBlockingQueue<>();
            WskListenSocket listener = listener(
                    bench,
                    (context, flags, local, remote, socket, newContext, newDispatch) -> {
                        if (socket != null) {
                            sockets.add(socket);
                        }
                        return NtStatus.STATUS_SUCCESS;
                    },
                    ACCEPT);
            WskBench.Sent accept = bench.send(irp -> listener.wskAccept(0, null, null, null, null, irp));

            connect(bench);
            assertThat(accept.pointer()).isInstanceOf(WskConnectionSocket.class);
            WskEventTest.settle(bench);
            assertThat(sockets).isEmpty();
            connect(bench);

            assertThat(WskEventTest.next(sockets)).isNotNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-14")
    void pendingAccept_goesBeforeACallbackThatIsJustBeingLookedAfter(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskConnectionSocket> sockets = new LinkedBlockingQueue<>();
            WskListenSocket listener = listener(
                    bench,
                    (context, flags, local, remote, socket, newContext, newDispatch) -> {
                        sockets.add(Objects.requireNonNull(socket));
                        return NtStatus.STATUS_SUCCESS;
                    },
                    ACCEPT);
            for (int round = 0; round < 500; round++) {
                WskEventTest.control(listener, WskEventCallbackControl.enable(ACCEPT));
                WskBench.Sent accept = bench.send(irp -> listener.wskAccept(0, null, null, null, null, irp));
                SimSocket client = connect(bench);
                bench.close((WskConnectionSocket) accept.pointer());
                client.close();
            }
            assertThat(sockets).isEmpty();
            bench.close(listener);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-15")
    void refusedConnection_isReset(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            Iterator<NtStatus> answers = List.of(NtStatus.STATUS_REQUEST_NOT_ACCEPTED, NtStatus.STATUS_UNSUCCESSFUL)
                    .iterator();
            listener(
                    bench,
                    (context, flags, local, remote, socket, newContext, newDispatch) ->
                            socket == null ? NtStatus.STATUS_SUCCESS : answers.next(),
                    ACCEPT);

            for (int i = 0; i < 2; i++) {
                SimSocket client = connect(bench);
                assertThat(catchThrowable(() -> client.inputStream().read())).isInstanceOf(IOException.class);
            }
            WskEventTest.settle(bench);
            assertThat(bench.driver.held().held())
                    .filteredOn(held -> held.kind().equals("WSK socket"))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-15")
    void listener_hearsThatItNoLongerWorks_whenTheNetworkGoesDown(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            WskListenSocket listener = listener(
                    bench,
                    (context, flags, local, remote, socket, newContext, newDispatch) -> {
                        came.add(context + " " + socket + " " + local + " " + remote);
                        return NtStatus.STATUS_SUCCESS;
                    },
                    ACCEPT);

            bench.sim.setNetworkUp(false);

            assertThat(WskEventTest.next(came)).isEqualTo("listener null null null");
            bench.sim.setNetworkUp(true);
            bench.sim.setNetworkUp(false);
            bench.settle();
            assertThat(came).as("told once").isEmpty();
            bench.close(listener);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-16")
    void connectionEventsOfAListener_areOnForThoseThatTheCallbackTook(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            WskClientConnectionDispatch dispatch = new WskClientConnectionDispatch(
                    (context, flags, data, size, accepted) -> {
                        came.add(context + " " + WskEventTest.text(data));
                        return NtStatus.STATUS_SUCCESS;
                    },
                    null,
                    null);
            WskListenSocket listener = listener(
                    bench,
                    (context, flags, local, remote, socket, newContext, newDispatch) -> {
                        newContext.set("by event");
                        newDispatch.set(dispatch);
                        return NtStatus.STATUS_SUCCESS;
                    },
                    ACCEPT | RECEIVE);
            WskBench.Sent accept = bench.send(irp -> listener.wskAccept(0, "by IRP", dispatch, null, null, irp));
            connect(bench).outputStream().write('1');
            accept.pointer();
            SimSocket second = connect(bench);
            second.outputStream().write('2');

            assertThat(WskEventTest.next(came)).isEqualTo("by event 2");
            WskEventTest.settle(bench);
            assertThat(came).isEmpty();
            assertThat(WskEventTest.control(listener, WskEventCallbackControl.disable(RECEIVE)))
                    .as("not to be switched off at a listener")
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_REQUEST);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-16")
    void connectionEvents_areOffIfTheListenerHasThemOff(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            BlockingQueue<WskConnectionSocket> sockets = new LinkedBlockingQueue<>();
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            listener(
                    bench,
                    (context, flags, local, remote, socket, newContext, newDispatch) -> {
                        newDispatch.set(new WskClientConnectionDispatch(
                                (own, ownFlags, data, size, accepted) -> {
                                    came.add(WskEventTest.text(data));
                                    return NtStatus.STATUS_SUCCESS;
                                },
                                null,
                                null));
                        if (socket != null) {
                            sockets.add(socket);
                        }
                        return NtStatus.STATUS_SUCCESS;
                    },
                    ACCEPT);
            connect(bench).outputStream().write('1');
            WskConnectionSocket accepted = WskEventTest.next(sockets);
            WskEventTest.settle(bench);
            assertThat(came).isEmpty();

            assertThat(WskEventTest.control(accepted, WskEventCallbackControl.enable(RECEIVE)))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);

            assertThat(WskEventTest.next(came)).isEqualTo("1");
        }
    }

    // ---- inspecting

    private static NtStatus conditional(WskBench bench, WskListenSocket socket, int on) {
        ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, on);
        return bench.run(irp -> socket.wskControlSocket(
                WskControlRequestType.WskSetOption,
                WskFlags.SO_CONDITIONAL_ACCEPT,
                WskFlags.SOL_SOCKET,
                4,
                WskControlBuffer.of(value),
                0,
                null,
                null,
                irp));
    }

    private static WskListenSocket inspecting(
            WskBench bench, WskInspectAction answer, BlockingQueue<WskInspectId> asked, List<WskInspectId> aborted) {
        WskListenSocket socket = unbound(
                bench,
                new WskClientListenDispatch(
                        null,
                        (context, local, remote, id) -> {
                            if (id != null && local != null) {
                                assertThat(local.read()).isEqualTo(bench.proxyAddress);
                                asked.add(id);
                            }
                            return answer;
                        },
                        (context, id) -> {
                            aborted.add(id);
                            return NtStatus.STATUS_SUCCESS;
                        }));
        assertThat(conditional(bench, socket, 1)).isEqualTo(NtStatus.STATUS_SUCCESS);
        bench.succeed(irp -> socket.wskBind(bench.proxyAddress, 0, irp));
        return socket;
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-17")
    void inspectEvent_acceptsOrRejects_beforeTheClientIsConnected(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskInspectId> asked = new LinkedBlockingQueue<>();
            WskListenSocket accepts = inspecting(bench, WskInspectAction.WskInspectAccept, asked, new ArrayList<>());
            connect(bench);
            assertThat(asked).hasSize(1);
            assertThat(bench.accept(accepts)).isNotNull();
            assertThat(conditional(bench, accepts, 1)).as("after bind").isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            bench.close(accepts);

            inspecting(bench, WskInspectAction.WskInspectReject, asked, new ArrayList<>());
            assertThat(catchThrowable(() -> connect(bench))).isInstanceOf(IOException.class);
            assertThat(asked).hasSize(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-17")
    void pendedInspection_isEndedByWskInspectComplete(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskInspectId> asked = new LinkedBlockingQueue<>();
            WskListenSocket listener = inspecting(bench, WskInspectAction.WskInspectPend, asked, new ArrayList<>());
            FutureTask<@Nullable Throwable> first =
                    connecting(bench, bench.app.winsock().tcpSocket(family));
            WskInspectId one = WskEventTest.next(asked);
            FutureTask<@Nullable Throwable> second =
                    connecting(bench, bench.app.winsock().tcpSocket(family));
            WskInspectId two = WskEventTest.next(asked);
            assertThat(first.isDone() || second.isDone()).isFalse();

            assertThat(bench.run(irp -> listener.wskInspectComplete(one, WskInspectAction.WskInspectPend, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            bench.succeed(irp -> listener.wskInspectComplete(one, WskInspectAction.WskInspectAccept, irp));
            bench.succeed(irp -> listener.wskInspectComplete(two, WskInspectAction.WskInspectReject, irp));

            assertThat(first.get(10, TimeUnit.SECONDS)).isNull();
            assertThat(second.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
            assertThat(bench.run(irp -> listener.wskInspectComplete(two, WskInspectAction.WskInspectAccept, irp)))
                    .isEqualTo(NtStatus.STATUS_NOT_FOUND);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-17")
    void abortEvent_tellsThatTheClientWentAway(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskInspectId> asked = new LinkedBlockingQueue<>();
            List<WskInspectId> aborted = new java.util.concurrent.CopyOnWriteArrayList<>();
            WskListenSocket listener = inspecting(bench, WskInspectAction.WskInspectPend, asked, aborted);
            SimSocket client = bench.app.winsock().tcpSocket(family);
            FutureTask<@Nullable Throwable> connect = connecting(bench, client);
            WskInspectId id = WskEventTest.next(asked);
            WskEventTest.settle(bench);

            client.close();

            assertThat(connect.get(10, TimeUnit.SECONDS)).isNotNull();
            WskEventTest.settle(bench);
            assertThat(aborted).containsExactly(id);
            assertThat(bench.run(irp -> listener.wskInspectComplete(id, WskInspectAction.WskInspectAccept, irp)))
                    .isEqualTo(NtStatus.STATUS_NOT_FOUND);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-17")
    void conditionalAccept_needsTheCallback_andCanBeTakenBackBeforeBind(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            WskListenSocket without = unbound(
                    bench,
                    WskClientListenDispatch.accepting(
                            (context, flags, local, remote, socket, newContext, newDispatch) ->
                                    NtStatus.STATUS_SUCCESS));
            assertThat(conditional(bench, without, 1)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            WskListenSocket listener = unbound(
                    bench,
                    new WskClientListenDispatch(
                            null, (context, local, remote, id) -> WskInspectAction.WskInspectReject, null));
            assertThat(conditional(bench, listener, 1)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(conditional(bench, listener, 0)).isEqualTo(NtStatus.STATUS_SUCCESS);
            bench.succeed(irp -> listener.wskBind(bench.proxyAddress, 0, irp));

            connect(bench);

            assertThat(bench.accept(listener)).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-17")
    void inspectEvent_hearsThatTheListenerNoLongerWorks(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            WskListenSocket listener = unbound(
                    bench,
                    new WskClientListenDispatch(
                            null,
                            (context, local, remote, id) -> {
                                came.add(context + " " + local + " " + remote + " " + id);
                                return WskInspectAction.WskInspectReject;
                            },
                            null));
            conditional(bench, listener, 1);
            bench.succeed(irp -> listener.wskBind(bench.proxyAddress, 0, irp));

            bench.sim.setNetworkUp(false);

            assertThat(WskEventTest.next(came)).isEqualTo("listener null null null");
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-17")
    void closingTheListener_refusesWhatItInspects(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            BlockingQueue<WskInspectId> asked = new LinkedBlockingQueue<>();
            WskListenSocket listener = inspecting(bench, WskInspectAction.WskInspectPend, asked, new ArrayList<>());
            FutureTask<@Nullable Throwable> connect =
                    connecting(bench, bench.app.winsock().tcpSocket(AddressFamily.AF_INET));
            WskEventTest.next(asked);

            bench.close(listener);

            assertThat(connect.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        }
    }
}
