package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static io.github.wfpsim.winsock.HoldingLab.lastError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.Trace;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Overlapped calls that are given what they cannot use, or whose sockets are taken from them. */
@Timeout(20)
class OverlappedMisuseTest {

    private static final int ROOM = 32;

    private static HoldingLab lab(CompletionMode mode) {
        return new HoldingLab(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode));
    }

    private static int end(Winsock winsock, SocketHandle socket, WsaOverlapped overlapped) {
        OutUlong count = new OutUlong();
        boolean good = winsock.overlapped().wsaGetOverlappedResult(socket, overlapped, count, true, new OutUlong());
        return good ? count.value() : -1;
    }

    private static boolean accept(HoldingLab lab, SocketHandle into, int dataLength, WsaOverlapped overlapped) {
        ByteBuffer memory = ByteBuffer.allocate(dataLength + 2 * ROOM);
        return lab.server.overlapped().acceptEx(lab.listener, into, memory, dataLength, ROOM, ROOM, null, overlapped);
    }

    private static void assertPending(HoldingLab lab, boolean now, WsaOverlapped overlapped) {
        assertThat(now).isFalse();
        assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_IO_PENDING);
        assertThat(overlapped.hasOverlappedIoCompleted()).isFalse();
    }

    private static SocketHandle connected(HoldingLab lab) {
        SocketHandle socket = lab.tcp(lab.client);
        assertThat(lab.client.connect(socket, lab.at(HoldingLab.OPEN))).isZero();
        return socket;
    }

    // ---- buffers

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"WSA-49", "OVL-09", "OVL-10", "IOCP-09"})
    void listsThatHoldNull_failAtOnce_andLeaveTheStructureFree(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            List<ByteBuffer> holed = Arrays.asList(ByteBuffer.allocate(4), null);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            OverlappedWinsock calls = lab.server.overlapped();
            SocketHandle stream = lab.pair()[1];
            SocketHandle datagrams = lab.boundUdp(9000);

            assertFailed(lab.server, calls.wsaRecv(stream, holed, null, 0, overlapped, null), Win32Error.WSAEFAULT);
            assertFailed(lab.server, calls.wsaSend(stream, holed, null, 0, overlapped, null), Win32Error.WSAEFAULT);
            assertFailed(
                    lab.server,
                    calls.wsaRecvFrom(datagrams, holed, null, 0, null, overlapped, null),
                    Win32Error.WSAEFAULT);
            assertFailed(
                    lab.server,
                    calls.wsaSendTo(datagrams, holed, null, 0, lab.at(9000), overlapped, null),
                    Win32Error.WSAEFAULT);
            assertFailed(
                    lab.server,
                    calls.wsaSendTo(datagrams, holed, new OutUlong(), 0, lab.at(9000), null, null),
                    Win32Error.WSAEFAULT);

            assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"WSA-49", "IOCP-09"})
    void aSendOfMoreThanAnyBufferHolds_failsAtOnce_andLeavesTheStructureFree(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            List<ByteBuffer> huge = Collections.nCopies(40, ByteBuffer.allocate(1 << 26));
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();

            assertFailed(
                    lab.server,
                    lab.server.overlapped().wsaSend(lab.pair()[1], huge, null, 0, overlapped, null),
                    Win32Error.WSAENOBUFS);

            assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
            assertThat(huge.get(0).position()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-11")
    void wsaRecvMsg_storesInTheBuffersOfTheCall_whateverTheMessageNamesLater(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            SocketHandle socket = lab.boundUdp(9000);
            ByteBuffer given = ByteBuffer.allocate(8);
            WsaMsg message = new WsaMsg().setLpBuffers(given);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            LpfnWsaRecvMsg receive = DatagramLab.wsaRecvMsg(lab.server, socket);
            assertFailed(
                    lab.server, receive.wsaRecvMsg(socket, message, null, overlapped, null), Win32Error.WSA_IO_PENDING);

            message.setLpBuffers(ByteBuffer.allocate(8).asReadOnlyBuffer());
            lab.client.sendto(lab.udp(lab.client), bytes("late"), 0, lab.at(9000));

            assertThat(end(lab.server, socket, overlapped)).isEqualTo(4);
            assertThat(given.flip()).isEqualTo(bytes("late"));
        }
    }

    // ---- cancelling

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"IOCP-09", "OVL-13"})
    void cancelIoEx_withAnotherSocket_findsNothing(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            SocketHandle socket = lab.pair()[1];
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            lab.server.overlapped().wsaRecv(socket, List.of(ByteBuffer.allocate(4)), null, 0, overlapped, null);

            assertThat(lab.server.overlapped().cancelIoEx(lab.listener, overlapped))
                    .isFalse();
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.ERROR_NOT_FOUND);
            assertThat(overlapped.hasOverlappedIoCompleted()).isFalse();

            assertThat(lab.server.overlapped().cancelIoEx(socket, overlapped)).isTrue();
        }
    }

    // ---- AcceptEx

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("IOCP-07")
    void aSocketThatWaitsInAnAcceptEx_isNoSocketForAnother(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            SocketHandle accepting = lab.tcp(lab.server);
            WsaOverlapped first = lab.server.overlapped().newOverlapped();
            assertPending(lab, accept(lab, accepting, 0, first), first);

            WsaOverlapped second = lab.server.overlapped().newOverlapped();
            assertThat(accept(lab, accepting, 0, second)).isFalse();
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSAEINVAL);
            assertThat(second.hasOverlappedIoCompleted()).isTrue();
            assertFailed(lab.server, lab.server.bind(accepting, lab.at(0)), Win32Error.WSAEINVAL);
            assertFailed(lab.server, lab.server.connect(accepting, lab.at(HoldingLab.OPEN)), Win32Error.WSAEINVAL);

            lab.client.send(connected(lab), bytes("hello"), 0);
            assertThat(end(lab.server, lab.listener, first)).isZero();
            ByteBuffer read = ByteBuffer.allocate(8);
            assertThat(lab.server.recv(accepting, read, 0)).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("IOCP-07")
    void aSocketWhoseAcceptExWasCancelled_canBeUsedAgain(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            SocketHandle accepting = lab.tcp(lab.server);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            assertPending(lab, accept(lab, accepting, 0, overlapped), overlapped);
            assertThat(lab.server.overlapped().cancelIoEx(lab.listener, overlapped))
                    .isTrue();
            assertThat(end(lab.server, lab.listener, overlapped)).isEqualTo(-1);

            assertPending(lab, accept(lab, accepting, 0, overlapped), overlapped);
            assertThat(lab.server.overlapped().cancelIoEx(lab.listener, null)).isTrue();
            // A call that is just being tried on another thread ends there.
            assertThat(end(lab.server, lab.listener, overlapped)).isEqualTo(-1);

            assertThat(lab.server.bind(accepting, lab.at(0))).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-08")
    void closingTheAcceptingSocket_abortsAnAcceptExWithoutConnectionToo(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            SocketHandle accepting = lab.tcp(lab.server);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            assertPending(lab, accept(lab, accepting, 0, overlapped), overlapped);

            assertThat(lab.server.closesocket(accepting)).isZero();

            assertThat(end(lab.server, lab.listener, overlapped)).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
        }
    }

    private static Trace.Registration onceAccepted(HoldingLab lab, Runnable then) {
        AtomicBoolean once = new AtomicBoolean();
        return lab.sim.trace().addListener(entry -> {
            if (entry.event() instanceof TraceEvent.Accepted && once.compareAndSet(false, true)) {
                then.run();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-08")
    void anAcceptingSocketThatClosesAsItsConnectionComes_leavesNoConnection(CompletionMode mode) {
        try (HoldingLab lab = lab(mode)) {
            SocketHandle accepting = lab.tcp(lab.server);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            onceAccepted(lab, () -> lab.server.closesocket(accepting));
            assertPending(lab, accept(lab, accepting, 0, overlapped), overlapped);

            SocketHandle client = connected(lab);

            assertThat(end(lab.server, lab.listener, overlapped)).isEqualTo(-1);
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertFailed(lab.client, lab.client.recv(client, ByteBuffer.allocate(1), 0), Win32Error.WSAECONNRESET);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"OVL-08", "IOCP-09"})
    void anAcceptExThatIsBusyAsAnotherStarts_isStillAbortedByTheCloseOfTheListener(CompletionMode mode)
            throws Exception {
        try (HoldingLab lab = lab(mode)) {
            WsaOverlapped first = lab.server.overlapped().newOverlapped();
            WsaOverlapped second = lab.server.overlapped().newOverlapped();
            onceAccepted(lab, () -> accept(lab, lab.tcp(lab.server), 4, second));
            assertPending(lab, accept(lab, lab.tcp(lab.server), 4, first), first);
            connected(lab);
            while (second.hasOverlappedIoCompleted()) {
                Thread.onSpinWait();
            }

            assertThat(lab.server.closesocket(lab.listener)).isZero();

            for (WsaOverlapped each : List.of(first, second)) {
                assertThat(end(lab.server, lab.heldListener, each)).isEqualTo(-1);
                assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            }
        }
    }

    // ---- waiting

    @Test
    @Spec("WSA-52")
    void wsaGetOverlappedResult_ofAnotherProcess_hearsOfTheEnd() throws Exception {
        try (HoldingLab lab = lab(CompletionMode.PENDING)) {
            SocketHandle[] pair = lab.pair();
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();
            lab.server.overlapped().wsaRecv(pair[1], List.of(ByteBuffer.allocate(4)), null, 0, overlapped, null);
            Background<Integer> waits = Background.start(() -> end(lab.client, pair[0], overlapped));
            waits.awaitBlocked();

            lab.client.send(pair[0], bytes("hi"), 0);

            assertThat(waits.result()).isEqualTo(2);
        }
    }

    @Test
    @Spec("WSA-51")
    void anAlertableWaitInsideACall_waits_whileOthersAreQueued() throws Exception {
        try (HoldingLab lab = lab(CompletionMode.PENDING)) {
            WsaEvent go = lab.server.kernel32().wsaCreateEvent();
            Kernel32 kernel32 = lab.server.kernel32();
            Background<Integer> waits = Background.start(() -> {
                Thread self = Thread.currentThread();
                kernel32.queueUserApc(self, () -> {
                    kernel32.queueUserApc(self, () -> {});
                    kernel32.wsaWaitForMultipleEvents(List.of(go), true, Kernel32.INFINITE, true);
                });
                return kernel32.sleepEx(Kernel32.INFINITE, true);
            });

            waits.awaitBlocked();
            go.set();

            assertThat(waits.result()).isEqualTo(Kernel32.WAIT_IO_COMPLETION);
        }
    }

    @Test
    @Spec("WSA-50")
    void wsaWaitForMultipleEvents_withAnEventThatIsClosed_orNone_saysSo() {
        try (HoldingLab lab = lab(CompletionMode.PENDING);
                WsaEvent open = lab.server.kernel32().wsaCreateEvent()) {
            WsaEvent closed = lab.server.kernel32().wsaCreateEvent();
            closed.close();
            Kernel32 kernel32 = lab.server.kernel32();

            assertFailed(
                    lab.server,
                    kernel32.wsaWaitForMultipleEvents(List.of(open, closed), false, 0, false),
                    Win32Error.WSA_INVALID_HANDLE);
            assertThatNullPointerException()
                    .isThrownBy(
                            () -> kernel32.wsaWaitForMultipleEvents(Collections.singletonList(null), false, 0, false))
                    .withMessageContaining("must not hold null");
        }
    }

    @Test
    @Spec({"WSA-51", "WSA-55"})
    void aCallThatThrows_leavesTheOthersQueued() {
        try (HoldingLab lab = lab(CompletionMode.PENDING)) {
            Kernel32 kernel32 = lab.server.kernel32();
            AtomicBoolean ran = new AtomicBoolean();
            kernel32.queueUserApc(Thread.currentThread(), () -> {
                throw new IllegalStateException("thrown on purpose");
            });
            kernel32.queueUserApc(Thread.currentThread(), () -> ran.set(true));
            assertThatIllegalStateException().isThrownBy(() -> kernel32.sleepEx(0, true));
            assertThat(kernel32.sleepEx(0, true)).isEqualTo(Kernel32.WAIT_IO_COMPLETION);
            assertThat(ran).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"IOCP-09", "OVL-08", "OVL-13"})
    void theEndOfTheMachine_endsEveryCallThatIsPending(CompletionMode mode) {
        for (DispatcherMode dispatcher : DispatcherMode.values()) {
            for (boolean byProcess : new boolean[] {true, false}) {
                HoldingLab lab = new HoldingLab(
                        AddressFamily.AF_INET,
                        SimOptions.defaults()
                                .completionMode(mode)
                                .dispatcher(dispatcher)
                                .faultMode(FaultMode.RECORD));
                List<WsaOverlapped> calls = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    calls.add(lab.server.overlapped().newOverlapped());
                }
                try (lab) {
                    OverlappedWinsock door = lab.server.overlapped();
                    SocketHandle[] pair = lab.pair();
                    door.wsaRecv(pair[1], List.of(ByteBuffer.allocate(1)), null, 0, calls.get(0), null);
                    door.wsaSend(pair[1], List.of(ByteBuffer.allocate(1 << 22)), null, 0, calls.get(1), null);
                    accept(lab, lab.tcp(lab.server), 4, calls.get(2));
                    connected(lab);
                    accept(lab, lab.tcp(lab.server), 4, calls.get(3));
                    SocketHandle dials = lab.tcp(lab.server);
                    lab.server.bind(dials, new InetSocketAddress(IpAddress.wildcard(lab.family), 0));
                    door.connectEx(dials, lab.at(HoldingLab.HELD), calls.get(4));
                    List<ByteBuffer> room = List.of(ByteBuffer.allocate(1));
                    door.wsaRecvFrom(lab.boundUdp(9000), room, null, 0, null, calls.get(5), null);
                    assertThat(calls).noneMatch(WsaOverlapped::hasOverlappedIoCompleted);
                    if (byProcess) {
                        lab.serverProcess.close();
                    }
                }
                assertThat(calls)
                        .as("%s, %s, exit %s", mode, dispatcher, byProcess)
                        .allMatch(call ->
                                call.hasOverlappedIoCompleted() && call.internal() == Win32Error.WSA_OPERATION_ABORTED);
            }
        }
    }

    // ---- faults

    /** Has a callout that frees a block twice answer at a layer. */
    private static CalloutRegistration faultAt(HoldingLab lab, Layer layer, int port) {
        KernelDriver driver = lab.sim.loadDriver("faulty.sys");
        UUID callout = new UUID(8, 8);
        CalloutRegistration registration =
                driver.registerCallout(callout, (values, meta, data, context, filter, flow, out) -> {
                    PoolBlock block = driver.pool().allocate(8, "tEst");
                    block.free();
                    block.free();
                    out.setActionType(ActionType.FWP_ACTION_PERMIT);
                });
        lab.sim
                .fwpm()
                .addFilter(
                        Filter.at(layer).when(FilterCondition.remotePort(port)).callout(callout));
        return registration;
    }

    private static HoldingLab throwing(CompletionMode mode) {
        return new HoldingLab(
                AddressFamily.AF_INET,
                SimOptions.defaults().completionMode(mode).faultMode(FaultMode.THROW));
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-07")
    void connectEx_pastAFaultyCallout_throws_andStillEnds(CompletionMode mode) {
        try (HoldingLab lab = throwing(mode);
                CalloutRegistration faulty = faultAt(lab, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, HoldingLab.OPEN)) {
            SocketHandle socket = lab.tcp(lab.client);
            lab.client.bind(socket, new InetSocketAddress(IpAddress.wildcard(lab.family), 0));
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> lab.client.overlapped().connectEx(socket, lab.at(HoldingLab.OPEN), overlapped));

            assertThat(end(lab.client, socket, overlapped)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("OVL-10")
    void wsaSendTo_pastAFaultyCallout_throws_andStillEnds(CompletionMode mode) {
        try (HoldingLab lab = throwing(mode);
                CalloutRegistration faulty = faultAt(lab, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, 9000)) {
            SocketHandle receiver = lab.boundUdp(9000);
            SocketHandle socket = lab.udp(lab.client);
            WsaOverlapped overlapped = lab.server.overlapped().newOverlapped();

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> lab.client
                            .overlapped()
                            .wsaSendTo(socket, List.of(bytes("hi")), null, 0, lab.at(9000), overlapped, null));

            assertThat(end(lab.client, socket, overlapped)).isEqualTo(2);
            assertThat(lab.server.recv(receiver, ByteBuffer.allocate(4), 0)).isEqualTo(2);
        }
    }
}
