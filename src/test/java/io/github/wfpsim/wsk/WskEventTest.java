package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.wsk.WskClientConnectionDispatch.WskReceiveEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Event callbacks of connections, and switching them. */
@Timeout(20)
class WskEventTest {

    private static final int RECEIVE = WskEventFlags.WSK_EVENT_RECEIVE;
    private static final int DISCONNECT = WskEventFlags.WSK_EVENT_DISCONNECT;

    /** A connection from an application to a kernel socket with callbacks. */
    private static final class Link {

        final WskBench bench;
        final WskListenSocket listener;
        final SimSocket client;
        final WskConnectionSocket socket;

        Link(WskBench bench, @Nullable Object context, WskClientConnectionDispatch dispatch) throws IOException {
            this.bench = bench;
            this.listener = bench.listener(WskBench.PROXY_PORT, 0);
            this.client = bench.app.winsock().tcpSocket(bench.family).connect(bench.proxyAddress);
            this.socket =
                    (WskConnectionSocket) bench.send(irp -> listener.wskAccept(0, context, dispatch, null, null, irp))
                            .pointer();
        }

        NtStatus enable(int events) {
            return control(socket, WskEventCallbackControl.enable(events));
        }

        void say(String text) throws IOException {
            client.outputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        String receive(int size) {
            WskBuf buffer = bench.buffer(size);
            IoStatus end = bench.send(irp -> socket.wskReceive(buffer, 0, irp)).outcome();
            return new String(WskBench.bytes(buffer, end.information()), StandardCharsets.UTF_8);
        }
    }

    static NtStatus control(WskSocket socket, WskEventCallbackControl control) {
        return socket.wskControlSocket(
                WskControlRequestType.WskSetOption, WskFlags.SO_WSK_EVENT_CALLBACK, WskFlags.SOL_SOCKET, control, null);
    }

    static byte[] bytes(@Nullable WskDataIndication first) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (WskDataIndication piece = first; piece != null; piece = piece.next()) {
            all.writeBytes(WskBench.bytes(piece.buffer(), piece.buffer().length()));
        }
        return all.toByteArray();
    }

    static String text(@Nullable WskDataIndication first) {
        return first == null ? "null" : new String(bytes(first), StandardCharsets.UTF_8);
    }

    private static WskClientConnectionDispatch receiving(WskReceiveEvent event) {
        return new WskClientConnectionDispatch(event, null, null);
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        return Objects.requireNonNull(queue.poll(10, TimeUnit.SECONDS), "nothing came in time");
    }

    /** Lets the dispatcher finish what it has. */
    static void settle(WskBench bench) throws InterruptedException {
        CountDownLatch through = new CountDownLatch(1);
        bench.sim.dispatcher().execute(through::countDown);
        assertThat(through.await(10, TimeUnit.SECONDS)).isTrue();
    }

    // ---- receiving

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-25", "WSKS-31"})
    void receiveEvent_getsData_onlyAfterItWasSwitchedOn(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(bench, "context", receiving((context, flags, data, size, accepted) -> {
                came.add(context + " " + flags + " " + size + " " + text(data));
                return NtStatus.STATUS_SUCCESS;
            }));
            link.say("abc");
            settle(bench);
            assertThat(came).isEmpty();

            assertThat(link.enable(RECEIVE)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(next(came)).isEqualTo("context 0 3 abc");
            link.say("defg");
            assertThat(next(came)).isEqualTo("context 0 4 defg");
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-24")
    void pendingReceive_goesBeforeTheCallback(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                came.add(text(data));
                return NtStatus.STATUS_SUCCESS;
            }));
            link.enable(RECEIVE);
            WskBuf buffer = bench.buffer(4);
            WskBench.Sent receive = bench.send(irp -> link.socket.wskReceive(buffer, 0, irp));

            link.say("irp");
            assertThat(receive.outcome().information()).isEqualTo(3);
            link.say("event");

            assertThat(next(came)).isEqualTo("event");
            assertThat(WskBench.bytes(buffer, 3)).isEqualTo("irp".getBytes(StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-24")
    void pendingReceive_goesBeforeACallbackThatIsJustBeingLookedAfter(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                came.add(text(data));
                return NtStatus.STATUS_SUCCESS;
            }));
            WskBuf buffer = bench.buffer(4);
            for (int round = 0; round < 2_000; round++) {
                link.enable(RECEIVE);
                WskBench.Sent receive = bench.send(irp -> link.socket.wskReceive(buffer, 0, irp));
                link.say("irp");
                assertThat(receive.outcome().information()).isEqualTo(3);
            }
            assertThat(came).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-25")
    void receiveEvent_thatTakesAPart_waitsForWskReceive(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                accepted.set(Math.min(size, 2));
                came.add(text(data));
                return NtStatus.STATUS_SUCCESS;
            }));
            link.enable(RECEIVE);
            link.say("abcdef");
            assertThat(next(came)).isEqualTo("abcdef");
            link.say("gh");
            settle(bench);
            assertThat(came).isEmpty();

            assertThat(link.receive(1)).isEqualTo("c");

            String rest = next(came);
            assertThat("defgh").startsWith(rest).as("what is left comes again");
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-25")
    void receiveEvent_thatRefuses_isRestartedByAReceiveOfNothing(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                came.add(text(data));
                return came.size() == 1 && text(data).equals("abc")
                        ? NtStatus.STATUS_DATA_NOT_ACCEPTED
                        : NtStatus.STATUS_SUCCESS;
            }));
            link.enable(RECEIVE);
            link.say("abc");
            while (came.isEmpty()) {
                Thread.onSpinWait();
            }
            settle(bench);
            assertThat(came).hasSize(1);

            bench.succeed(irp -> link.socket.wskReceive(new WskBuf(null, 0, 0), 0, irp));

            assertThat(next(came)).isEqualTo("abc");
            assertThat(next(came)).isEqualTo("abc");
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-25", "WSKS-11"})
    void keptIndication_isValidUntilWskRelease(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskDataIndication> kept = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                if (data != null) {
                    kept.add(data);
                }
                return NtStatus.STATUS_PENDING;
            }));
            link.enable(RECEIVE);
            String much = "0123456789".repeat(400);
            link.say(much);
            WskDataIndication first = next(kept);
            StringBuilder all = new StringBuilder(text(first));
            settle(bench);
            assertThat(first.next()).as("pieces no longer than segments").isNotNull();
            kept.forEach(more -> all.append(text(more)));
            assertThat(all).hasToString(much);
            WskBuf echo = first.buffer();
            bench.succeed(irp -> link.socket.wskSend(echo, 0, irp));

            assertThat(link.socket.wskRelease(first)).isEqualTo(NtStatus.STATUS_SUCCESS);
            kept.forEach(link.socket::wskRelease);

            assertThat(bench.faults()).isEmpty();
            first.buffer();
            assertThat(link.socket.wskRelease(first)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE, Fault.STALE_REFERENCE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-25", "WSKS-11"})
    void indication_isInvalidAfterItsCallback_andALeakIfKeptAtClose(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<WskDataIndication> seen = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                if (data != null) {
                    seen.add(data);
                }
                return text(data).equals("keep") ? NtStatus.STATUS_PENDING : NtStatus.STATUS_SUCCESS;
            }));
            link.enable(RECEIVE);
            link.say("take");
            WskDataIndication taken = next(seen);
            settle(bench);
            taken.buffer();
            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE);
            link.say("keep");
            next(seen);
            settle(bench);

            bench.close(link.socket);

            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE, Fault.INDICATION_LEAK);
        }
    }

    // ---- the end

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-27")
    void disconnectEvent_tellsAGracefulEnd_afterAllData_andThisSideMaySend(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(
                    bench,
                    "c",
                    new WskClientConnectionDispatch(
                            (context, flags, data, size, accepted) -> {
                                came.add(text(data));
                                return NtStatus.STATUS_SUCCESS;
                            },
                            (context, flags) -> {
                                came.add(context + " ended " + flags);
                                return NtStatus.STATUS_SUCCESS;
                            },
                            null));
            link.enable(RECEIVE | DISCONNECT);
            link.say("last");
            link.client.shutdownOutput();
            assertThat(next(came)).isEqualTo("last");
            assertThat(next(came)).isEqualTo("c ended 0");

            bench.succeed(irp -> link.socket.wskSend(bench.buffer("still".getBytes(StandardCharsets.UTF_8)), 0, irp));

            assertThat(link.client.inputStream().readNBytes(5)).isEqualTo("still".getBytes(StandardCharsets.UTF_8));
            assertThat(link.receive(1)).as("which looks again for events").isEmpty();
            settle(bench);
            assertThat(came).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-25", "WSKS-27"})
    void reset_isToldAsAbortive_andWithANullIndication(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(
                    bench,
                    null,
                    new WskClientConnectionDispatch(
                            (context, flags, data, size, accepted) -> {
                                came.add(text(data));
                                return NtStatus.STATUS_DATA_NOT_ACCEPTED;
                            },
                            (context, flags) -> {
                                came.add("ended " + flags);
                                return NtStatus.STATUS_SUCCESS;
                            },
                            null));
            link.enable(RECEIVE | DISCONNECT);
            link.say("refused");
            assertThat(next(came)).isEqualTo("refused");

            bench.app.close();

            assertThat(next(came)).isEqualTo("ended " + WskEventFlags.WSK_FLAG_ABORTIVE);
            assertThat(next(came)).isEqualTo("null");
            assertThat(bench.run(irp -> link.socket.wskReceive(bench.buffer(1), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_FILE_FORCED_CLOSED);
            assertThat(link.enable(RECEIVE)).isEqualTo(NtStatus.STATUS_FILE_FORCED_CLOSED);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-27")
    void disconnectEventAlone_leavesTheDataToIrps(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(
                    bench,
                    null,
                    new WskClientConnectionDispatch(
                            null,
                            (context, flags) -> {
                                came.add("ended " + flags);
                                return NtStatus.STATUS_SUCCESS;
                            },
                            null));
            assertThat(link.enable(RECEIVE)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            link.enable(DISCONNECT);
            link.say("data");
            link.client.shutdownOutput();
            settle(bench);
            assertThat(came).isEmpty();

            assertThat(link.receive(10)).isEqualTo("data");

            assertThat(next(came)).isEqualTo("ended 0");
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-27")
    void disconnectEventAlone_leavesMoreDataThanWaitsHereInTheStream(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(
                    bench,
                    null,
                    new WskClientConnectionDispatch(
                            null,
                            (context, flags) -> {
                                came.add("ended " + flags);
                                return NtStatus.STATUS_SUCCESS;
                            },
                            null));
            link.enable(DISCONNECT);
            int much = 80_000;
            link.say("x".repeat(much));
            link.client.shutdownOutput();
            settle(bench);
            int received = 0;
            while (received < much) {
                assertThat(came).as("not before the data").isEmpty();
                received += link.receive(10_000).length();
            }

            assertThat(next(came)).isEqualTo("ended 0");
            assertThat(link.receive(1)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"WSKS-11", "WSKS-27"})
    void close_withDataThatNobodyReceived_isAReset(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            Link link = new Link(
                    bench,
                    null,
                    new WskClientConnectionDispatch(null, (context, flags) -> NtStatus.STATUS_SUCCESS, null));
            link.enable(DISCONNECT);
            link.say("unread");
            link.client.shutdownOutput();
            bench.succeed(irp -> link.socket.wskDisconnect(null, 0, irp));
            settle(bench);

            bench.close(link.socket);

            assertThat(catchThrowable(() -> link.client.inputStream().read())).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"WSKS-25", "WSKS-11"})
    void keptIndication_isGivenBackAfterAResetToo(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            BlockingQueue<WskDataIndication> kept = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                if (data != null) {
                    kept.add(data);
                }
                return NtStatus.STATUS_PENDING;
            }));
            link.enable(RECEIVE);
            link.say("keep");
            WskDataIndication first = next(kept);
            bench.app.close();

            assertThat(link.socket.wskRelease(first)).isEqualTo(NtStatus.STATUS_SUCCESS);
            bench.close(link.socket);

            assertThat(bench.faults()).isEmpty();
        }
    }

    // ---- switching

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSKS-31", "WSKS-32"})
    void switching_hasItsRules(AddressFamily family) throws Exception {
        try (WskBench bench = new WskBench(family)) {
            WskClientConnectionDispatch dispatch = new WskClientConnectionDispatch(
                    (context, flags, data, size, accepted) -> NtStatus.STATUS_SUCCESS,
                    (context, flags) -> NtStatus.STATUS_SUCCESS,
                    null);
            WskConnectionSocket early = (WskConnectionSocket) bench.send(irp -> bench.npi.wskSocket(
                            family.code(), 1, 6, WskFlags.WSK_FLAG_CONNECTION_SOCKET, null, dispatch, 0, irp))
                    .pointer();
            assertThat(control(early, WskEventCallbackControl.enable(RECEIVE)))
                    .as("before connect")
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            Link link = new Link(bench, null, dispatch);

            assertThat(link.enable(RECEIVE | DISCONNECT)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(link.enable(WskEventFlags.WSK_EVENT_ACCEPT)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(link.enable(0)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(control(
                            link.socket,
                            new WskEventCallbackControl(
                                    WskEventCallbackControl.NPI_WSK_INTERFACE_ID,
                                    RECEIVE | DISCONNECT | WskEventFlags.WSK_EVENT_DISABLE)))
                    .as("two at once")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(control(link.socket, new WskEventCallbackControl(new java.util.UUID(1, 1), RECEIVE)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> link.socket.wskControlSocket(
                            WskControlRequestType.WskSetOption,
                            WskFlags.SO_WSK_EVENT_CALLBACK,
                            WskFlags.SOL_SOCKET,
                            WskEventCallbackControl.enable(RECEIVE),
                            irp)))
                    .as("switching on takes no IRP")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(control(link.socket, WskEventCallbackControl.disable(RECEIVE)))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.faults()).isEmpty();
        }
    }

    /** A callback that runs until it is told to return. */
    private static final class Slow {

        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch leave = new CountDownLatch(1);

        NtStatus run() {
            entered.countDown();
            try {
                assertThat(leave.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException interrupt) {
                throw new AssertionError(interrupt);
            }
            return NtStatus.STATUS_SUCCESS;
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-33")
    void disable_whileTheCallbackRuns_endsWhenItHasReturned(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            Slow slow = new Slow();
            Link link = new Link(
                    bench,
                    null,
                    receiving((context, flags, data, size, accepted) ->
                            data == null ? NtStatus.STATUS_SUCCESS : slow.run()));
            link.enable(RECEIVE);
            link.say("x");
            assertThat(slow.entered.await(10, TimeUnit.SECONDS)).isTrue();

            assertThat(control(link.socket, WskEventCallbackControl.disable(RECEIVE)))
                    .isEqualTo(NtStatus.STATUS_EVENT_PENDING);
            WskBench.Sent withIrp = bench.send(irp -> link.socket.wskControlSocket(
                    WskControlRequestType.WskSetOption,
                    WskFlags.SO_WSK_EVENT_CALLBACK,
                    WskFlags.SOL_SOCKET,
                    WskEventCallbackControl.disable(RECEIVE),
                    irp));
            assertThat(withIrp.returned).isEqualTo(NtStatus.STATUS_PENDING);
            assertThat(withIrp.isOver()).isFalse();
            slow.leave.countDown();

            assertThat(withIrp.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-33")
    void disable_insideTheCallback_isPendingToo(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            BlockingQueue<NtStatus> answers = new LinkedBlockingQueue<>();
            CompletableFuture<WskConnectionSocket> self = new CompletableFuture<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                answers.add(control(self.join(), WskEventCallbackControl.disable(RECEIVE)));
                return NtStatus.STATUS_SUCCESS;
            }));
            self.complete(link.socket);
            link.enable(RECEIVE);
            link.say("x");
            assertThat(next(answers)).isEqualTo(NtStatus.STATUS_EVENT_PENDING);

            link.say("y");
            settle(bench);

            assertThat(answers).isEmpty();
            assertThat(link.receive(1)).isEqualTo("y");
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-11")
    void close_waitsForARunningCallback(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            Slow slow = new Slow();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> slow.run()));
            link.enable(RECEIVE);
            link.say("x");
            assertThat(slow.entered.await(10, TimeUnit.SECONDS)).isTrue();

            WskBench.Sent close = bench.send(link.socket::wskCloseSocket);
            assertThat(close.returned).isEqualTo(NtStatus.STATUS_PENDING);
            assertThat(close.isOver()).isFalse();
            slow.leave.countDown();

            assertThat(close.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.faults())
                    .as("what a running callback looks at is no leak")
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-34")
    void staticEvents_areOnFromTheStart_andStay(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            assertThat(bench.npi.wskControlClient(
                            WskFlags.WSK_SET_STATIC_EVENT_CALLBACKS, WskEventCallbackControl.enable(RECEIVE), null))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                came.add(text(data));
                return NtStatus.STATUS_SUCCESS;
            }));
            link.say("static");
            assertThat(next(came)).isEqualTo("static");

            assertThat(control(link.socket, WskEventCallbackControl.disable(RECEIVE)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_REQUEST);
            assertThat(bench.npi.wskControlClient(
                            WskFlags.WSK_SET_STATIC_EVENT_CALLBACKS, WskEventCallbackControl.enable(RECEIVE), null))
                    .as("too late")
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(bench.npi.wskControlClient(1, WskEventCallbackControl.enable(RECEIVE), null))
                    .isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
            assertThat(bench.run(irp -> bench.npi.wskControlClient(
                            WskFlags.WSK_SET_STATIC_EVENT_CALLBACKS, WskEventCallbackControl.enable(RECEIVE), irp)))
                    .as("takes no IRP")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        }
    }

    // ---- what callbacks may do

    @ParameterizedTest
    @EnumSource(
            names = {"PASSIVE_LEVEL", "DISPATCH_LEVEL"},
            value = Irql.class)
    @Spec("WSKS-35")
    void callback_runsAtTheLevelOfCompletions_withoutLocks(Irql level) throws Exception {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionIrql(level))) {
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                came.add(bench.sim.irql().get() + " " + flags);
                return NtStatus.STATUS_SUCCESS;
            }));
            link.enable(RECEIVE);
            link.say("x");

            int flag = level == Irql.DISPATCH_LEVEL ? WskEventFlags.WSK_FLAG_AT_DISPATCH_LEVEL : 0;
            assertThat(next(came)).isEqualTo(level + " " + flag);
        }
    }

    @Test
    @Spec("WSKS-35")
    void waiting_insideACallback_isAFault() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            BlockingQueue<Object> came = new LinkedBlockingQueue<>();
            CompletableFuture<WskConnectionSocket> self = new CompletableFuture<>();
            WskBuf buffer = bench.buffer(4);
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                CompletableFuture<IoStatus> later =
                        bench.driver.io().send(irp -> self.join().wskReceive(buffer, 0, irp));
                came.add(String.valueOf(catchThrowable(later::join)));
                came.add(String.valueOf(catchThrowable(later.thenApply(IoStatus::status)::get)));
                bench.wsk.wskDeregister(bench.registration);
                bench.sim.setNetworkUp(false);
                NtStatus captured =
                        bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_INFINITE_WAIT, Out.empty());
                bench.sim.setNetworkUp(true);
                came.add(captured);
                return NtStatus.STATUS_SUCCESS;
            }));
            self.complete(link.socket);
            link.enable(RECEIVE);
            link.say("x");

            assertThat(next(came).toString()).contains("cannot be waited for");
            assertThat(next(came).toString()).contains("cannot be waited for");
            assertThat(next(came)).isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            settle(bench);
            assertThat(bench.faults()).hasSize(4).containsOnly(Fault.WAIT_IN_WSK_CALLBACK);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-36")
    void starting_isAllowedInACallback_butNotInACompletionRoutine(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (WskBench bench = new WskBench(family, mode)) {
            CompletableFuture<WskConnectionSocket> self = new CompletableFuture<>();
            WskBuf echo = bench.buffer("echo".getBytes(StandardCharsets.UTF_8));
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                bench.send(irp -> self.join().wskSend(echo, 0, irp));
                return NtStatus.STATUS_SUCCESS;
            }));
            self.complete(link.socket);
            link.enable(RECEIVE);
            link.say("x");
            assertThat(link.client.inputStream().readNBytes(4)).isEqualTo("echo".getBytes(StandardCharsets.UTF_8));
            settle(bench);
            assertThat(bench.faults()).isEmpty();

            CountDownLatch done = new CountDownLatch(1);
            io.github.wfpsim.irp.Irp irp = bench.driver.io().ioAllocateIrp(1, false);
            bench.driver
                    .io()
                    .ioSetCompletionRoutine(
                            irp,
                            (device, completed, context) -> {
                                bench.driver.io().ioFreeIrp(completed);
                                bench.send(next -> link.socket.wskSend(echo, 0, next));
                                done.countDown();
                                return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                            },
                            null,
                            true,
                            true,
                            true);
            link.socket.wskSend(echo, 0, irp);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(bench.faults()).containsExactly(Fault.WSK_CALL_IN_COMPLETION_ROUTINE);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-11")
    void callbackThatClosesItsSocket_andKeepsItsIndication_isFound(CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            CompletableFuture<WskBench.Sent> close = new CompletableFuture<>();
            CompletableFuture<WskConnectionSocket> own = new CompletableFuture<>();
            Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
                close.complete(bench.send(own.join()::wskCloseSocket));
                return NtStatus.STATUS_PENDING;
            }));
            own.complete(link.socket);
            link.enable(RECEIVE);
            link.say("kept");

            assertThat(close.get(10, TimeUnit.SECONDS).status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            settle(bench);

            assertThat(bench.faults()).containsExactly(Fault.INDICATION_LEAK);
        }
    }

    @Test
    @Spec({"WSKS-25", "WSKS-28"})
    void indicationThatIsReleased_whileARequestWorksWithIt_isGivenBackAsAWhole() throws Exception {
        WskBench bench = new WskBench(AddressFamily.AF_INET, WfpSim.open(ControlBench.manual()));
        List<WskDataIndication> kept = new ArrayList<>();
        Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
            if (data != null) {
                kept.add(data);
            }
            return NtStatus.STATUS_PENDING;
        }));
        link.enable(RECEIVE);
        link.say("x".repeat(3000));
        bench.settle();
        WskDataIndication first = kept.get(0);
        WskDataIndication second = Objects.requireNonNull(first.next());
        WskDataIndication last = Objects.requireNonNull(second.next());
        bench.send(irp -> link.socket.wskSend(last.buffer(), 0, irp));
        List<WskBuf> pieces = List.of(first.buffer(), second.buffer(), last.buffer());

        assertThat(catchThrowable(() -> link.socket.wskRelease(first)))
                .hasMessageContaining(Fault.BUFFER_FREED_WHILE_PENDING.name());

        assertThat(pieces)
                .allSatisfy(piece -> assertThat(piece.mdl()).asString().contains("(freed)"));
        assertThat(catchThrowable(bench::close)).isInstanceOf(FaultException.class);
    }

    /** Room that a read makes wakes the writer, who switches the callback off before it is called with what was read. */
    @Test
    @Spec("WSKS-25")
    void callbackThatThrows_takesNothing_andSurfacesAtClose() throws Exception {
        WskBench bench = new WskBench(AddressFamily.AF_INET);
        CountDownLatch called = new CountDownLatch(1);
        Link link = new Link(bench, null, receiving((context, flags, data, size, accepted) -> {
            called.countDown();
            throw new IllegalStateException("driver bug");
        }));
        link.enable(RECEIVE);
        link.say("kept");
        assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(link.receive(4)).isEqualTo("kept");
        assertThat(catchThrowable(bench::close)).hasMessageContaining("driver bug");
    }

    @Test
    @Spec("WSKS-06")
    void dispatchTableOfAnotherCategory_isRefused() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskClientConnectionDispatch table = new WskClientConnectionDispatch(null, null, null);
            Out<WskSocket> none = Out.empty();
            assertThat(bench.run(irp -> bench.npi.wskSocket(
                            2, 1, WskBench.TCP, WskFlags.WSK_FLAG_LISTEN_SOCKET, null, table, 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(none.get()).isNull();
        }
    }
}
