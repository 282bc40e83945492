package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.trace.DropReason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Events that a client switches on for all its sockets at once. */
@Timeout(20)
class StaticEventsTest {

    private static final int ALL =
            WskEventFlags.WSK_EVENT_ACCEPT | WskEventFlags.WSK_EVENT_RECEIVE | WskEventFlags.WSK_EVENT_RECEIVE_FROM;

    private final BlockingQueue<String> came = new LinkedBlockingQueue<>();

    private final WskClientConnectionDispatch receiving = new WskClientConnectionDispatch(
            (context, flags, data, size, accepted) -> {
                came.add(WskEventTest.text(data));
                return NtStatus.STATUS_SUCCESS;
            },
            null,
            null);

    private static WskBench bench(CompletionMode mode) {
        WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode));
        assertThat(set(bench, WskEventCallbackControl.enable(ALL))).isEqualTo(NtStatus.STATUS_SUCCESS);
        return bench;
    }

    private static NtStatus set(WskBench bench, WskEventCallbackControl control) {
        return bench.npi.wskControlClient(WskFlags.WSK_SET_STATIC_EVENT_CALLBACKS, control, null);
    }

    private static WskSocket open(WskBench bench, int category, WskClientDispatch dispatch) {
        boolean datagrams = category == WskFlags.WSK_FLAG_DATAGRAM_SOCKET;
        return (WskSocket) bench.send(irp -> bench.npi.wskSocket(
                        bench.family.code(),
                        datagrams ? 2 : 1,
                        datagrams ? WskBench.UDP : WskBench.TCP,
                        category,
                        null,
                        dispatch,
                        0,
                        irp))
                .pointer();
    }

    private static String text(WskBuf buffer) {
        return new String(WskBench.bytes(buffer, buffer.length()), StandardCharsets.UTF_8);
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @Spec("WSKS-34")
    void masksThatNameNoEventOfWsk_areRefused() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            for (WskEventCallbackControl control : new WskEventCallbackControl[] {
                WskEventCallbackControl.enable(0),
                WskEventCallbackControl.enable(0x1),
                WskEventCallbackControl.disable(WskEventFlags.WSK_EVENT_ACCEPT),
                new WskEventCallbackControl(new UUID(1, 1), WskEventFlags.WSK_EVENT_ACCEPT)
            }) {
                assertThat(set(bench, control)).as("%s", control).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            }
        }
    }

    @Test
    @Spec("WSKS-34")
    void clientThatEverHadASocket_isTooLate() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.close(bench.connection(0));

            assertThat(set(bench, WskEventCallbackControl.enable(ALL))).isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-34")
    void listener_hasThemFromItsBindOn(CompletionMode mode) throws Exception {
        try (WskBench bench = bench(mode)) {
            WskListenSocket listener = (WskListenSocket) open(
                    bench,
                    WskFlags.WSK_FLAG_LISTEN_SOCKET,
                    WskClientListenDispatch.accepting((context, flags, local, remote, socket, newContext, newTable) -> {
                        newTable.set(receiving);
                        return NtStatus.STATUS_SUCCESS;
                    }));
            bench.succeed(irp -> listener.wskBind(bench.proxyAddress, 0, irp));

            bench.app
                    .winsock()
                    .tcpSocket(bench.family)
                    .connect(bench.proxyAddress)
                    .send(utf8("a").array());

            assertThat(WskEventTest.next(came))
                    .as("its connections have them too")
                    .isEqualTo("a");
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-34")
    void connection_hasThemFromItsConnectOn(CompletionMode mode) throws Exception {
        try (WskBench bench = bench(mode)) {
            RemoteServer server = bench.sim.network().listen(bench.remote(10));
            WskConnectionSocket inSteps =
                    (WskConnectionSocket) open(bench, WskFlags.WSK_FLAG_CONNECTION_SOCKET, receiving);
            bench.succeed(irp -> inSteps.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> inSteps.wskConnect(bench.remote(10), 0, irp));
            answer(server, "in steps");
            assertThat(WskEventTest.next(came)).isEqualTo("in steps");

            bench.succeed(irp -> bench.npi.wskSocketConnect(
                    1, WskBench.TCP, bench.any(), bench.remote(10), 0, null, receiving, 0, irp));
            answer(server, "in one");
            assertThat(WskEventTest.next(came)).isEqualTo("in one");
        }
    }

    private static void answer(RemoteServer server, String text) throws Exception {
        DuplexStream far = Objects.requireNonNull(server.accept(Deadline.NEVER));
        far.write(utf8(text), Deadline.NEVER);
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"UDP-60", "WSKS-29", "WSKS-34"})
    void datagramSocket_hasThemFromItsBindOn_andLosesWhatItRefuses(CompletionMode mode) throws Exception {
        try (WskBench bench = bench(mode)) {
            RemoteDatagramSocket far = bench.sim.network().datagramSocket(bench.remote(10));
            WskDatagramSocket socket = (WskDatagramSocket) open(
                    bench, WskFlags.WSK_FLAG_DATAGRAM_SOCKET, new WskClientDatagramDispatch((context, flags, first) -> {
                        if (first != null) {
                            came.add(text(first.buffer()));
                        }
                        return NtStatus.STATUS_DATA_NOT_ACCEPTED;
                    }));
            bench.succeed(irp -> socket.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> socket.wskSendTo(bench.buffer(1), 0, far.address(), 0, null, irp));
            InetSocketAddress local =
                    Objects.requireNonNull(far.receive(Deadline.NEVER)).source();

            far.send(utf8("one"), local);
            assertThat(WskEventTest.next(came)).isEqualTo("one");
            far.send(utf8("two"), local);
            assertThat(WskEventTest.next(came)).as("the event stays on").isEqualTo("two");
            WskEventTest.settle(bench);
            WskBuf buffer = bench.buffer(9);
            WskBench.Sent receive = bench.send(irp -> socket.wskReceiveFrom(buffer, 0, null, null, null, null, irp));
            far.send(utf8("three"), local);

            assertThat(receive.outcome().information()).as("nothing was kept").isEqualTo(5);
            assertThat(bench.lostDatagrams()).containsExactly(DropReason.CALLBACK_REFUSED, DropReason.CALLBACK_REFUSED);
        }
    }
}
