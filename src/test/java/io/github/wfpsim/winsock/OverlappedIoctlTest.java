package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.verifier.Fault;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The redirect ioctls by overlapped calls: when they pend, how they end, and what misuse does. */
@Timeout(20)
class OverlappedIoctlTest {

    private static final int ROOM = 4096;

    /** A call of a completion routine. */
    private record Told(Win32Error error, int bytes, WsaOverlapped overlapped, int flags, Thread thread) {}

    private final List<Told> told = new ArrayList<>();

    private void routine(Win32Error error, int bytes, WsaOverlapped overlapped, int flags) {
        told.add(new Told(error, bytes, overlapped, flags, Thread.currentThread()));
    }

    private static SimOptions manual() {
        return SimOptions.defaults().dispatcher(DispatcherMode.MANUAL).faultMode(FaultMode.RECORD);
    }

    private static Win32Error lastError(Winsock winsock) {
        return Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow();
    }

    private static int query(
            RedirectLab.Connection link, ByteBuffer out, int size, OutUlong count, WsaOverlapped overlapped) {
        return link.proxySide()
                .overlapped()
                .wsaIoctl(link.accepted(), RedirectLab.RECORDS, null, 0, out, size, count, overlapped, null);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-44", "WSA-46", "WSA-48", "WSA-50", "WSA-52"})
    void query_pends_andEndsByEvent(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family, manual());
                WsaEvent event = lab.proxy.winsock().kernel32().wsaCreateEvent()) {
            RedirectLab.Connection link = lab.redirected();
            Winsock proxy = link.proxySide();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped(event);
            event.set();
            ByteBuffer out = ByteBuffer.allocate(ROOM);
            OutUlong count = new OutUlong();
            count.set(77);
            OutUlong transferred = new OutUlong();
            OutUlong flags = new OutUlong();

            assertThat(query(link, out, ROOM, count, overlapped)).isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(proxy)).isEqualTo(Win32Error.WSA_IO_PENDING);
            assertThat(event.isSignalled()).isFalse();
            assertThat(overlapped.hasOverlappedIoCompleted()).isFalse();
            assertThat(proxy.overlapped()
                            .wsaGetOverlappedResult(link.accepted(), overlapped, transferred, false, flags))
                    .isFalse();
            assertThat(lastError(proxy)).isEqualTo(Win32Error.WSA_IO_INCOMPLETE);
            assertThat(out).as("nothing is written yet").isEqualTo(ByteBuffer.allocate(ROOM));

            lab.sim.dispatcher().runAll();

            assertThat(event.isSignalled()).isTrue();
            assertThat(proxy.overlapped().wsaGetOverlappedResult(link.accepted(), overlapped, transferred, true, flags))
                    .isTrue();
            assertThat(transferred.value()).isPositive();
            assertThat(out).isNotEqualTo(ByteBuffer.allocate(ROOM));
            assertThat(count.value())
                    .as("a call that pends never writes the count")
                    .isEqualTo(77);
        }
    }

    @Test
    @Spec({"WSA-48", "WSA-49"})
    void inlineSuccess_returnsZeroWithTheCount_andIsIndicatedToo() {
        SimOptions inline = SimOptions.defaults().completionMode(CompletionMode.INLINE);
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, inline);
                WsaEvent event = lab.proxy.winsock().kernel32().wsaCreateEvent()) {
            RedirectLab.Connection link = lab.redirected();
            OutUlong count = new OutUlong();

            assertThat(query(
                            link,
                            ByteBuffer.allocate(ROOM),
                            ROOM,
                            count,
                            lab.proxy.winsock().overlapped().newOverlapped(event)))
                    .isZero();

            assertThat(count.value()).isPositive();
            assertThat(event.isSignalled()).isTrue();
        }
    }

    @Test
    @Spec({"WSA-21", "WSA-49", "WSA-54"})
    void argumentErrors_comeAtOnce_withoutIndication_othersByIt() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual());
                WsaEvent event = lab.proxy.winsock().kernel32().wsaCreateEvent()) {
            RedirectLab.Connection link = lab.redirected();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped(event);
            OutUlong count = new OutUlong();
            count.set(77);

            assertThat(query(link, ByteBuffer.allocate(4), ROOM, count, overlapped))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(link.proxySide())).isEqualTo(Win32Error.WSAEFAULT);
            assertThat(count.value()).as("a stale count must not look valid").isZero();
            lab.sim.dispatcher().runAll();
            assertThat(event.isSignalled()).isFalse();

            lab.redirectTo(lab.stranger);
            RedirectLab.Connection others = lab.redirected();
            assertThat(query(others, ByteBuffer.allocate(ROOM), ROOM, null, overlapped))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(others.proxySide())).isEqualTo(Win32Error.WSA_IO_PENDING);
            lab.sim.dispatcher().runAll();
            assertThat(event.isSignalled()).isTrue();
            assertThat(overlapped.internal()).isEqualTo(Win32Error.WSAEACCES);
        }
    }

    @Test
    @Spec({"WSA-43", "WSA-45", "WSA-47"})
    void withoutAttributeOrStructure_theCallWaits() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual());
                WsaEvent event = lab.proxy.winsock().kernel32().wsaCreateEvent()) {
            Winsock proxy = lab.proxy.winsock();
            SocketHandle plain = proxy.wsaSocket(2, 1, 6, 0);
            SocketHandle overlapping = proxy.wsaSocket(2, 1, 6, Winsock.WSA_FLAG_OVERLAPPED);
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped(event);
            byte[] record = lab.record();
            OutUlong count = new OutUlong();

            assertThat(proxy.overlapped()
                            .wsaIoctl(
                                    plain,
                                    RedirectLab.SET,
                                    ByteBuffer.wrap(record),
                                    record.length,
                                    null,
                                    0,
                                    count,
                                    overlapped,
                                    this::routine))
                    .isZero();
            assertThat(proxy.overlapped()
                            .wsaIoctl(
                                    overlapping,
                                    RedirectLab.SET,
                                    ByteBuffer.wrap(record),
                                    record.length,
                                    null,
                                    0,
                                    count,
                                    null,
                                    this::routine))
                    .isZero();

            assertThat(event.isSignalled()).isFalse();
            proxy.kernel32().sleepEx(0, true);
            assertThat(told).isEmpty();
        }
    }

    @Test
    @Spec({"WSA-50", "WSA-51", "WSA-53"})
    void routine_runsOnTheIssuingThread_inAnAlertableWaitOnly_withTheNeededLength() throws Exception {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            Winsock proxy = link.proxySide();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped();
            overlapped.setHEvent("the caller's own");

            proxy.overlapped()
                    .wsaIoctl(
                            link.accepted(),
                            RedirectLab.RECORDS,
                            null,
                            0,
                            ByteBuffer.allocate(4),
                            4,
                            null,
                            overlapped,
                            this::routine);
            lab.sim.dispatcher().runAll();
            CompletableFuture<Integer> elsewhere = CompletableFuture.supplyAsync(
                    () -> proxy.kernel32().sleepEx(0, true), task -> new Thread(task).start());
            assertThat(elsewhere.get(10, TimeUnit.SECONDS)).isZero();
            assertThat(proxy.kernel32().sleepEx(0, false)).isZero();
            assertThat(told).isEmpty();

            assertThat(proxy.kernel32().sleepEx(Kernel32.INFINITE, true)).isEqualTo(Kernel32.WAIT_IO_COMPLETION);

            assertThat(told).hasSize(1);
            Told only = told.get(0);
            assertThat(only.error()).isEqualTo(Win32Error.ERROR_INSUFFICIENT_BUFFER);
            assertThat(only.bytes()).isGreaterThan(4).isEqualTo(overlapped.internalHigh());
            assertThat(only.overlapped()).isSameAs(overlapped);
            assertThat(only.flags()).isZero();
            assertThat(only.thread()).isSameAs(Thread.currentThread());
            assertThat(overlapped.hEvent()).isEqualTo("the caller's own");
        }
    }

    /** A query with the routine of this test. */
    private void queryWithRoutine(RedirectLab.Connection link, WsaOverlapped overlapped) {
        ByteBuffer out = ByteBuffer.allocate(ROOM);
        OverlappedWinsock proxy = link.proxySide().overlapped();
        proxy.wsaIoctl(link.accepted(), RedirectLab.RECORDS, null, 0, out, ROOM, null, overlapped, this::routine);
        assertThat(lastError(link.proxySide())).isEqualTo(Win32Error.WSA_IO_PENDING);
    }

    @Test
    @Spec({"WSA-50", "WSA-52"})
    void callWithRoutine_leavesTheEventAlone_andCannotBeWaitedFor() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual());
                WsaEvent event = lab.proxy.winsock().kernel32().wsaCreateEvent()) {
            RedirectLab.Connection link = lab.redirected();
            Winsock proxy = link.proxySide();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped(event);
            event.set();
            queryWithRoutine(link, overlapped);
            assertThat(event.isSignalled()).as("not reset").isTrue();
            event.reset();
            OutUlong count = new OutUlong();

            assertThat(proxy.overlapped().wsaGetOverlappedResult(link.accepted(), overlapped, count, true, count))
                    .isFalse();
            assertThat(lastError(proxy)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            lab.sim.dispatcher().runAll();

            assertThat(overlapped.internal()).isEqualTo(Win32Error.NO_ERROR);
            assertThat(event.isSignalled()).as("not signalled").isFalse();
        }
    }

    @Test
    @Spec("IOCP-02")
    void routine_onASocketWithAPort_isRefused() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            Winsock proxy = link.proxySide();
            SocketHandle s = link.accepted();
            assertThat(proxy.kernel32().createIoCompletionPort(s, null, 0, 0)).isNotNull();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped();
            ByteBuffer room = ByteBuffer.allocate(ROOM);
            OverlappedWinsock door = proxy.overlapped();

            assertThat(door.wsaIoctl(s, RedirectLab.RECORDS, null, 0, room, ROOM, null, overlapped, this::routine))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(proxy)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            proxy.wsaSetLastError(0);
            assertThat(door.wsaRecv(s, List.of(room), null, 0, overlapped, this::routine))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(proxy)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
        }
    }

    @Test
    @Spec("WSA-51")
    void routines_areNeverNested() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            Kernel32 kernel32 = lab.proxy.winsock().kernel32();
            List<String> order = new ArrayList<>();
            kernel32.queueUserApc(Thread.currentThread(), () -> {
                order.add("first begins");
                assertThat(kernel32.sleepEx(0, true)).isZero();
                order.add("first ends");
            });
            kernel32.queueUserApc(Thread.currentThread(), () -> order.add("second"));

            kernel32.sleepEx(0, true);

            assertThat(order).containsExactly("first begins", "first ends", "second");
        }
    }

    @Test
    @Spec("WSA-55")
    void endOfTheIssuingThread_cancels_andCallsNoRoutine() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped();
            link.proxySide()
                    .overlapped()
                    .wsaIoctl(
                            link.accepted(),
                            RedirectLab.RECORDS,
                            null,
                            0,
                            ByteBuffer.allocate(ROOM),
                            ROOM,
                            null,
                            overlapped,
                            this::routine);

            link.proxySide().kernel32().exitThread();
            lab.sim.dispatcher().runAll();

            assertThat(overlapped.internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            link.proxySide().kernel32().sleepEx(0, true);
            assertThat(told).isEmpty();
        }
    }

    @Test
    @Spec("WSA-55")
    void endOfTheIssuingThread_cancelsCallsWithoutRoutineAtOnce_andOthersWhenTheyWouldEnd() throws Exception {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            WsaOverlapped withRoutine = lab.proxy.winsock().overlapped().newOverlapped();
            WsaOverlapped without = lab.proxy.winsock().overlapped().newOverlapped();
            Thread thread = new Thread(() -> queryWithRoutine(link, withRoutine));
            thread.start();
            thread.join();
            query(link, ByteBuffer.allocate(ROOM), ROOM, null, without);

            link.proxySide().kernel32().exitThread();

            assertThat(without.internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            lab.sim.dispatcher().runAll();
            assertThat(withRoutine.internal())
                    .as("its thread has ended without a word")
                    .isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
        }
    }

    @Test
    @Spec({"WSA-56"})
    void structureInUse_isAFault_andSoIsFreeingIt() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped();
            query(link, ByteBuffer.allocate(ROOM), ROOM, null, overlapped);

            assertThat(query(link, ByteBuffer.allocate(ROOM), ROOM, null, overlapped))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(link.proxySide())).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            overlapped.free();

            assertThat(lab.sim.verifier().violations())
                    .extracting(violation -> violation.kind())
                    .containsExactly(Fault.OVERLAPPED_BUSY, Fault.BUFFER_FREED_WHILE_PENDING);
            lab.sim.dispatcher().runAll();
            assertThat(overlapped.internal()).isEqualTo(Win32Error.NO_ERROR);
            query(link, ByteBuffer.allocate(ROOM), ROOM, null, overlapped);
            assertThat(lastError(link.proxySide())).as("freed").isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
        }
    }

    @Test
    @Spec("WSA-56")
    void set_readsItsInputWhenProcessed() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            Winsock proxy = lab.proxy.winsock();
            byte[] record = lab.record();
            SocketHandle onward = proxy.socket(2, 1, 6);
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped();
            proxy.overlapped()
                    .wsaIoctl(
                            onward,
                            RedirectLab.SET,
                            ByteBuffer.wrap(record),
                            record.length,
                            null,
                            0,
                            null,
                            overlapped,
                            null);

            record[record.length / 2] ^= 1;
            lab.sim.dispatcher().runAll();

            assertThat(overlapped.internal()).isEqualTo(Win32Error.WSAEACCES);
        }
    }

    @Test
    @Spec({"WSA-39", "WSA-40"})
    void flush_cancelsThePendingIoctlsOfItsSocketOnly() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection one = lab.redirected();
            RedirectLab.Connection two = lab.redirected();
            WsaOverlapped first = lab.proxy.winsock().overlapped().newOverlapped();
            WsaOverlapped second = lab.proxy.winsock().overlapped().newOverlapped();
            query(one, ByteBuffer.allocate(ROOM), ROOM, null, first);
            query(two, ByteBuffer.allocate(ROOM), ROOM, null, second);
            WsaOverlapped receive = lab.proxy.winsock().overlapped().newOverlapped();
            List<ByteBuffer> room = List.of(ByteBuffer.allocate(1));
            one.proxySide().overlapped().wsaRecv(one.accepted(), room, null, 0, receive, null);

            assertThat(one.proxySide()
                            .wsaIoctl(one.accepted(), ControlCode.SIO_FLUSH.code(), null, 0, null, 0, new OutUlong()))
                    .isZero();
            lab.sim.dispatcher().runAll();

            assertThat(first.internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            assertThat(second.internal()).isEqualTo(Win32Error.NO_ERROR);
            assertThat(receive.hasOverlappedIoCompleted()).as("no ioctl").isFalse();
        }
    }

    @Test
    @Spec("WSA-25")
    void callThatWaits_isRefusedInsideARoutine_overlappedOnesAreNot() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            Winsock proxy = link.proxySide();
            List<Win32Error> errors = new ArrayList<>();
            WsaOverlapped inside = lab.proxy.winsock().overlapped().newOverlapped();
            proxy.kernel32().queueUserApc(Thread.currentThread(), () -> {
                assertThat(proxy.wsaIoctl(
                                link.accepted(),
                                RedirectLab.RECORDS,
                                null,
                                0,
                                ByteBuffer.allocate(ROOM),
                                ROOM,
                                new OutUlong()))
                        .isEqualTo(Winsock.SOCKET_ERROR);
                errors.add(lastError(proxy));
                query(link, ByteBuffer.allocate(ROOM), ROOM, null, inside);
                errors.add(lastError(proxy));
            });

            proxy.kernel32().sleepEx(0, true);
            lab.sim.dispatcher().runAll();

            assertThat(errors).containsExactly(Win32Error.WSAEINPROGRESS, Win32Error.WSA_IO_PENDING);
            assertThat(inside.internal()).isEqualTo(Win32Error.NO_ERROR);
            assertThat(proxy.wsaIoctl(
                            link.accepted(),
                            RedirectLab.RECORDS,
                            null,
                            0,
                            ByteBuffer.allocate(ROOM),
                            ROOM,
                            new OutUlong()))
                    .as("outside again")
                    .isZero();
        }
    }

    @Test
    @Spec({"WSA-01", "WSA-03", "WSA-04"})
    void providerCall_copiesTheThread_andTellsErrorsByPointer() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            Winsock proxy = link.proxySide();
            WsaThreadId thread = new WsaThreadId();
            OutUlong errno = new OutUlong();
            proxy.wsaSetLastError(4711);

            assertThat(proxy.overlapped()
                            .wspIoctl(
                                    link.accepted(),
                                    RedirectLab.RECORDS,
                                    null,
                                    0,
                                    ByteBuffer.allocate(ROOM),
                                    ROOM,
                                    null,
                                    lab.proxy.winsock().overlapped().newOverlapped(),
                                    this::routine,
                                    thread,
                                    errno))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(errno.value()).isEqualTo(Win32Error.WSA_IO_PENDING.code());
            assertThat(proxy.wsaGetLastError()).isEqualTo(4711);
            thread.setThreadHandle(new Thread(() -> {}));
            lab.sim.dispatcher().runAll();
            proxy.kernel32().sleepEx(0, true);

            assertThat(told).as("on the thread that was named then").hasSize(1);
        }
    }

    @Test
    @Spec("WSA-04")
    void providerCall_runsItsRoutine_onTheThreadThatIsNamed() throws Exception {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            Winsock proxy = link.proxySide();
            Thread named = new Thread(() -> proxy.kernel32().sleepEx(Kernel32.INFINITE, true));
            named.setDaemon(true);
            named.start();
            WsaThreadId thread = new WsaThreadId();
            thread.setThreadHandle(named);
            ByteBuffer out = ByteBuffer.allocate(ROOM);
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped();
            OverlappedWinsock door = proxy.overlapped();
            OutUlong errno = new OutUlong();
            SocketHandle s = link.accepted();
            door.wspIoctl(s, RedirectLab.RECORDS, null, 0, out, ROOM, null, overlapped, this::routine, thread, errno);

            lab.sim.dispatcher().runAll();
            named.join();

            assertThat(told).extracting(Told::thread).containsExactly(named);
        }
    }

    @Test
    @Spec("WSA-47")
    void acceptedSocket_hasTheAttributeOfItsListener() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            SocketHandle plain = lab.server.wsaSocket(2, 1, 6, 0);
            lab.server.bind(plain, lab.at(90));
            lab.server.listen(plain, 1);
            assertThat(lab.client.connect(lab.tcp(lab.client), lab.at(90))).isZero();
            SocketHandle accepted = lab.server.accept(plain, null);

            Kernel32 kernel32 = lab.server.kernel32();
            assertThat(kernel32.createIoCompletionPort(accepted, null, 0, 0)).isNull();
            assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            assertThat(kernel32.createIoCompletionPort(lab.pair()[1], null, 0, 0))
                    .isNotNull();
        }
    }

    @Test
    @Spec({"WSA-50", "WSA-51"})
    void waitForEvents_endsWithAnyOrWithAll_andTellsTheFirst() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET);
                WsaEvent one = lab.server.kernel32().wsaCreateEvent();
                WsaEvent two = lab.server.kernel32().wsaCreateEvent()) {
            Kernel32 kernel32 = lab.server.kernel32();
            List<WsaEvent> both = List.of(one, two);
            two.set();

            assertThat(kernel32.wsaWaitForMultipleEvents(both, false, 0, false)).isEqualTo(1);
            assertThat(kernel32.wsaWaitForMultipleEvents(both, true, 0, false)).isEqualTo(Kernel32.WSA_WAIT_TIMEOUT);
            one.set();
            assertThat(kernel32.wsaWaitForMultipleEvents(both, true, 0, false)).isZero();
            for (int count : new int[] {0, 65}) {
                assertThat(kernel32.wsaWaitForMultipleEvents(Collections.nCopies(count, one), false, 0, false))
                        .isEqualTo(Kernel32.WSA_WAIT_FAILED);
                assertThat(lastError(lab.server)).isEqualTo(Win32Error.WSA_INVALID_PARAMETER);
            }
            assertThat(kernel32.wsaWaitForMultipleEvents(Collections.nCopies(64, one), false, 0, false))
                    .isZero();
        }
    }

    @Test
    void closesocket_cancels() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, manual())) {
            RedirectLab.Connection link = lab.redirected();
            WsaOverlapped overlapped = lab.proxy.winsock().overlapped().newOverlapped();
            query(link, ByteBuffer.allocate(ROOM), ROOM, null, overlapped);

            link.proxySide().closesocket(link.accepted());

            assertThat(overlapped.internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
        }
    }
}
