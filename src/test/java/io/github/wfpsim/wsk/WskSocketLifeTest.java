package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Making, binding and closing sockets of every category. */
@Timeout(20)
class WskSocketLifeTest {

    private static final int STREAM = 1;
    private static final int DGRAM = 2;

    // ---- making

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSKS-05")
    void socket_isOfTheCategoryThatItsFlagNames(AddressFamily family) {
        try (WskBench bench = new WskBench(family)) {
            assertThat(bench.socket(0, STREAM, WskBench.TCP, 0)).isInstanceOf(WskBasicSocket.class);
            assertThat(bench.socket(1, STREAM, WskBench.TCP, 0))
                    .isInstanceOf(WskListenSocket.class)
                    .isNotInstanceOf(WskConnectionSocket.class);
            assertThat(bench.socket(2, STREAM, WskBench.TCP, 0))
                    .isInstanceOf(WskConnectionSocket.class)
                    .isNotInstanceOf(WskListenSocket.class);
            assertThat(bench.socket(4, DGRAM, WskBench.UDP, 0)).isInstanceOf(WskDatagramSocket.class);
            assertThat(bench.socket(8, STREAM, WskBench.TCP, 0)).isInstanceOf(WskStreamSocket.class);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSKS-05", "WSKS-37"})
    void classify_seesTheOwningProcess_orSystem(AddressFamily family) {
        try (WskBench bench = new WskBench(family)) {
            List<Integer> pids = new ArrayList<>();
            List<String> apps = new ArrayList<>();
            UUID key = new UUID(3, 3);
            bench.driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
                pids.add(meta.processId());
                apps.add(values.appId());
            });
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4.withFamily(family))
                            .callout(key));

            bench.bound(bench.app.id());
            bench.bound(0);

            assertThat(pids).containsExactly(bench.app.id(), bench.sim.system().id());
            assertThat(apps).containsExactly(bench.app.appId(), "System");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3, 2, 1, 6", // two categories
        "6, 2, 1, 6",
        "16, 2, 1, 6", // a reserved flag
        "-2147483648, 2, 1, 6",
        "1, 0, 1, 6", // no such family
        "1, 2, 2, 6", // datagrams over TCP
        "2, 2, 1, 17",
        "2, 2, 2, 17", // datagrams in a connection socket
        "4, 2, 1, 6",
        "8, 2, 2, 17",
        "0, 2, 1, 17",
        "0, 2, 7, 6",
        "4, 2, 3, 250"
    })
    @Spec("WSKS-06")
    void socket_ofArgumentsThatDoNotFit_isRefused(int flags, int family, int type, int protocol) {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            assertThat(bench.run(irp -> bench.npi.wskSocket(family, type, protocol, flags, null, null, 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            bench.unload();
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSKS-06")
    void socketForAProcessThatDoesNotLive_isRefused(AddressFamily family) {
        try (WskBench bench = new WskBench(family)) {
            int ended = bench.app.id();
            bench.app.close();
            for (int nobody : new int[] {ended, -1, 3}) {
                assertThat(bench.run(
                                irp -> bench.npi.wskSocket(family.code(), 1, WskBench.TCP, 2, null, null, nobody, irp)))
                        .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
                assertThat(bench.run(irp -> bench.npi.wskSocketConnect(
                                1, WskBench.TCP, bench.any(), bench.remote(10), 0, null, null, nobody, irp)))
                        .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            }
            bench.unload();
            assertThat(bench.faults()).isEmpty();
        }
    }

    /** A connection, its listener and the socket that was accepted, and a flow of datagrams. */
    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void socket_isNamedByTheNumberThatTheStorySays(AddressFamily family) {
        try (WskBench bench = new WskBench(family)) {
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);
            WskConnectionSocket near = bench.bound(bench.app.id());
            bench.succeed(irp -> near.wskConnect(bench.proxyAddress, 0, irp));
            WskConnectionSocket far = bench.accept(listener);
            WskDatagramSocket datagrams = (WskDatagramSocket) bench.socket(4, DGRAM, WskBench.UDP, bench.app.id());
            bench.succeed(irp -> datagrams.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> datagrams.wskSendTo(bench.buffer(new byte[1]), 0, bench.proxyAddress, 0, null, irp));

            List<TraceEvent> story = new ArrayList<>();
            bench.sim.trace().log().entries().forEach(entry -> story.add(entry.event()));
            assertThat(numbers(story, TraceEvent.Listening.class)).containsExactly(numberOf(listener));
            assertThat(numbers(story, TraceEvent.Connected.class)).containsExactly(numberOf(near));
            assertThat(numbers(story, TraceEvent.Accepted.class)).containsExactly(numberOf(far));
            assertThat(numbers(story, TraceEvent.FlowStarted.class)).containsExactly(numberOf(datagrams));
            assertThat(List.of(numberOf(listener), numberOf(near), numberOf(far), numberOf(datagrams)))
                    .doesNotHaveDuplicates();

            bench.close(near);
            bench.run(near::wskCloseSocket);
            Finding<Fault> violation = bench.sim.verifier().violations().get(0);
            assertThat(violation.kind()).isEqualTo(Fault.SOCKET_USED_AFTER_CLOSE);
            assertThat(violation.detail()).contains("WSK socket #" + numberOf(near) + " ");
        }
    }

    private static List<Long> numbers(List<TraceEvent> story, Class<? extends TraceEvent> kind) {
        return story.stream()
                .filter(kind::isInstance)
                .map(event -> Objects.requireNonNull(event.subject()).endpoint())
                .toList();
    }

    private static long numberOf(WskSocket socket) {
        return Long.parseLong(socket.toString().replaceFirst("^WSK socket #(\\d+) .*$", "$1"));
    }

    @ParameterizedTest
    @CsvSource({"WINDOWS_7, STATUS_NOT_SUPPORTED", "WINDOWS_10_1703, STATUS_SUCCESS"})
    @Spec({"WSKS-05", "WSKS-06"})
    void streamSocket_needsWindows10Version1703(WindowsVersion version, NtStatus status) {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().windowsVersion(version))) {
            assertThat(bench.run(irp -> bench.npi.wskSocket(2, STREAM, WskBench.TCP, 8, null, null, 0, irp)))
                    .isEqualTo(status);
        }
    }

    /** A test of a callback may make its own indications; WSK has nothing to take back from them. */
    @Test
    void indicationThatWskDidNotMake_isRefused() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskDataIndication data = new WskDataIndication() {
                @Override
                public @Nullable WskDataIndication next() {
                    return null;
                }

                @Override
                public WskBuf buffer() {
                    return new WskBuf(null, 0, 0);
                }
            };
            WskConnectionSocket socket = bench.connection(0);

            assertThat(catchThrowable(() -> socket.wskRelease(data)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("WskReceiveEvent");
            bench.close(socket);
            bench.unload();
        }
    }

    // ---- binding

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec("WSKS-07")
    void trafficBeforeBind_isTooEarly(AddressFamily family, CompletionMode mode) {
        try (WskBench bench = new WskBench(family, mode)) {
            WskConnectionSocket connection = bench.connection(0);
            WskListenSocket listener = (WskListenSocket) bench.socket(1, STREAM, WskBench.TCP, 0);
            WskStreamSocket stream = (WskStreamSocket) bench.socket(8, STREAM, WskBench.TCP, 0);
            WskBuf buffer = bench.buffer(4);

            assertThat(List.of(
                            bench.run(irp -> connection.wskConnect(bench.remote(10), 0, irp)),
                            bench.run(irp -> connection.wskSend(buffer, 0, irp)),
                            bench.run(irp -> connection.wskReceive(buffer, 0, irp)),
                            bench.run(irp -> connection.wskDisconnect(null, 0, irp)),
                            bench.run(irp -> connection.wskDisconnect(null, WskFlags.WSK_FLAG_ABORTIVE, irp)),
                            bench.run(irp -> listener.wskAccept(0, null, null, null, null, irp)),
                            bench.run(stream::wskListen),
                            bench.run(irp -> stream.wskConnect(bench.remote(10), 0, irp))))
                    .containsOnly(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSKS-07")
    void bind_toTheOtherFamily_isRefused(AddressFamily family) {
        try (WskBench bench = new WskBench(family)) {
            AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
            WskConnectionSocket socket = bench.connection(0);

            assertThat(bench.run(irp -> socket.wskBind(new InetSocketAddress(IpAddress.loopback(other), 0), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> socket.wskBind(bench.any(), 0, irp))).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.run(irp -> socket.wskBind(bench.any(), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-08", "WSKS-10"})
    void wildcards_areSettledAtBindAndAtConnect(AddressFamily family, CompletionMode mode) {
        try (WskBench bench = new WskBench(family, mode)) {
            bench.listener(WskBench.PROXY_PORT, 0);
            WskConnectionSocket socket = bench.connection(0);
            Out<InetSocketAddress> local = Out.empty();
            Out<InetSocketAddress> remote = Out.empty();
            assertThat(bench.run(irp -> socket.wskGetLocalAddress(local, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);

            bench.succeed(irp -> socket.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> socket.wskGetLocalAddress(local, irp));
            int port = Objects.requireNonNull(local.get()).getPort();
            assertThat(local.get().getAddress().isAnyLocalAddress()).isTrue();
            assertThat(port).isPositive();
            assertThat(bench.run(irp -> socket.wskGetRemoteAddress(remote, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(remote.get()).isNull();

            bench.succeed(irp -> socket.wskConnect(bench.proxyAddress, 0, irp));
            bench.succeed(irp -> socket.wskGetLocalAddress(local, irp));
            bench.succeed(irp -> socket.wskGetRemoteAddress(remote, irp));
            assertThat(local.get()).isEqualTo(bench.local(port));
            assertThat(remote.get()).isEqualTo(bench.proxyAddress);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSKS-09")
    void bind_choosesADynamicPort_andRefusesOneInUseAndForeignAddresses(AddressFamily family) {
        try (WskBench bench = new WskBench(family)) {
            WskConnectionSocket first = bench.bound(0);
            Out<InetSocketAddress> local = Out.empty();
            bench.succeed(irp -> first.wskGetLocalAddress(local, irp));
            int port = Objects.requireNonNull(local.get()).getPort();
            assertThat(port).isBetween(49_152, 65_535);

            assertThat(bench.run(irp -> bench.connection(0)
                            .wskBind(new InetSocketAddress(IpAddress.wildcard(family), port), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_ADDRESS_ALREADY_EXISTS);
            assertThat(bench.run(irp -> bench.connection(0).wskBind(bench.remote(10), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_ADDRESS_COMPONENT);
        }
    }

    // ---- closing

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSKS-11", "IRP-14"})
    void close_cancelsWhatIsPending_andResetsTheConnection(AddressFamily family, CompletionMode mode)
            throws IOException {
        try (WskBench bench = new WskBench(family, mode)) {
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);
            SimSocket client = bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);
            WskConnectionSocket accepted = bench.accept(listener);
            WskBuf buffer = bench.buffer(4);
            WskBench.Sent receive = bench.send(irp -> accepted.wskReceive(buffer, 0, irp));
            WskBench.Sent accept = bench.send(irp -> listener.wskAccept(0, null, null, null, null, irp));
            assertThat(receive.returned).isEqualTo(NtStatus.STATUS_PENDING);

            bench.close(accepted);
            bench.close(listener);

            assertThat(receive.outcome()).isEqualTo(new io.github.wfpsim.irp.IoStatus(NtStatus.STATUS_CANCELLED, 0));
            assertThat(accept.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> client.inputStream().read()))
                    .isInstanceOf(IOException.class);
            bench.unload();
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-11")
    void close_afterBothSidesHaveEnded_isNoReset(CompletionMode mode) throws IOException {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);
            SimSocket client =
                    bench.app.winsock().tcpSocket(AddressFamily.AF_INET).connect(bench.proxyAddress);
            WskConnectionSocket accepted = bench.accept(listener);
            bench.succeed(irp -> accepted.wskDisconnect(null, 0, irp));
            client.shutdownOutput();
            WskBuf buffer = bench.buffer(4);
            assertThat(bench.send(irp -> accepted.wskReceive(buffer, 0, irp))
                            .outcome()
                            .information())
                    .isZero();

            bench.close(accepted);

            assertThat(client.inputStream().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-11")
    void call_afterClose_isAFault(CompletionMode mode) {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            WskConnectionSocket socket = bench.connection(0);
            bench.close(socket);

            assertThat(bench.run(irp -> socket.wskBind(bench.any(), 0, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(bench.run(socket::wskCloseSocket)).isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);

            assertThat(bench.faults()).containsExactly(Fault.SOCKET_USED_AFTER_CLOSE, Fault.SOCKET_USED_AFTER_CLOSE);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-11")
    void close_whoseIrpIsCancelled_closesAllTheSame(CompletionMode mode) {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, mode)) {
            WskConnectionSocket socket = bench.bound(0);
            WskBench.Sent close = bench.send(socket::wskCloseSocket);
            if (!close.isOver()) {
                bench.driver.io().ioCancelIrp(close.irp());
            }

            assertThat(close.status()).isIn(NtStatus.STATUS_SUCCESS, NtStatus.STATUS_CANCELLED);
            bench.unload();

            assertThat(bench.driver.held().held()).isEmpty();
            assertThat(bench.sim.connections()).isEmpty();
        }
    }
}
