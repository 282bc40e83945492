package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static io.github.wfpsim.winsock.HoldingLab.nonBlocking;
import static io.github.wfpsim.winsock.WsaPollFd.POLLERR;
import static io.github.wfpsim.winsock.WsaPollFd.POLLHUP;
import static io.github.wfpsim.winsock.WsaPollFd.POLLIN;
import static io.github.wfpsim.winsock.WsaPollFd.POLLNVAL;
import static io.github.wfpsim.winsock.WsaPollFd.POLLOUT;
import static io.github.wfpsim.winsock.WsaPollFd.POLLPRI;
import static io.github.wfpsim.winsock.WsaPollFd.POLLRDNORM;
import static io.github.wfpsim.winsock.WsaPollFd.POLLWRNORM;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.WindowsVersion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** select and WSAPoll. */
@Timeout(30)
class SelectAndPollTest {

    private static final int LINGER_ON_FOR_NO_TIME = 1;

    private static FdSet set(SocketHandle... sockets) {
        FdSet set = new FdSet();
        Arrays.stream(sockets).forEach(set::fdSet);
        return set;
    }

    /** What select finds now: r, w and x for the three sets. */
    private static String selected(Winsock winsock, SocketHandle socket) {
        FdSet read = set(socket);
        FdSet write = set(socket);
        FdSet except = set(socket);
        int count = winsock.select(0, read, write, except, Duration.ZERO);
        String found = (read.fdIsSet(socket) ? "r" : "")
                + (write.fdIsSet(socket) ? "w" : "")
                + (except.fdIsSet(socket) ? "x" : "");
        assertThat(count).isEqualTo(found.length());
        return found;
    }

    /** What WSAPoll finds now. */
    private static int polled(Winsock winsock, SocketHandle socket, int events) {
        WsaPollFd fd = new WsaPollFd(socket, events);
        assertThat(winsock.wsaPoll(List.of(fd), 0)).isEqualTo(fd.revents() == 0 ? 0 : 1);
        return fd.revents();
    }

    private static int polled(Winsock winsock, SocketHandle socket) {
        return polled(winsock, socket, POLLIN | POLLOUT);
    }

    private static void reset(Winsock winsock, SocketHandle socket) {
        winsock.setsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_LINGER, LINGER_ON_FOR_NO_TIME);
        winsock.closesocket(socket);
    }

    /** Sends until nothing has room. */
    private static void fill(Winsock winsock, SocketHandle socket) {
        nonBlocking(winsock, socket);
        while (winsock.send(socket, ByteBuffer.allocate(1 << 16), 0) > 0) {
            Thread.onSpinWait();
        }
    }

    // ---- what the flags mean

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-03", "NBIO-08"})
    void listener_isReadable_whileAConnectionWaits(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            assertThat(selected(lab.server, lab.listener)).isEmpty();
            assertThat(polled(lab.server, lab.listener)).isZero();

            lab.client.connect(lab.tcp(lab.client), lab.at(HoldingLab.OPEN));

            assertThat(selected(lab.server, lab.listener)).isEqualTo("r");
            assertThat(polled(lab.server, lab.listener)).isEqualTo(POLLRDNORM);
            lab.server.accept(lab.listener, null);
            assertThat(selected(lab.server, lab.listener)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-03", "NBIO-04", "NBIO-08"})
    void connection_isReadableWithBytes_andWritableWithRoom(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            assertThat(selected(lab.server, pair[1])).isEqualTo("w");
            assertThat(polled(lab.server, pair[1])).isEqualTo(POLLWRNORM);

            fill(lab.client, pair[0]);

            assertThat(selected(lab.client, pair[0])).isEmpty();
            assertThat(polled(lab.client, pair[0])).isZero();
            assertThat(selected(lab.server, pair[1])).isEqualTo("rw");
            assertThat(polled(lab.server, pair[1])).isEqualTo(POLLRDNORM | POLLWRNORM);
            assertThat(polled(lab.server, pair[1], POLLRDNORM)).isEqualTo(POLLRDNORM);
            assertThat(polled(lab.server, pair[1], 0)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-03", "NBIO-09"})
    void peerThatEnded_makesReadable_andHangsUp(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            lab.client.send(pair[0], bytes("bye"), 0);
            lab.client.shutdown(pair[0], ShutdownHow.SD_SEND.code());

            assertThat(polled(lab.server, pair[1])).isEqualTo(POLLRDNORM | POLLWRNORM | POLLHUP);
            lab.server.recv(pair[1], ByteBuffer.allocate(9), 0);

            assertThat(selected(lab.server, pair[1])).isEqualTo("rw");
            assertThat(polled(lab.server, pair[1])).isEqualTo(POLLWRNORM | POLLHUP);
            assertThat(polled(lab.server, pair[1], 0)).as("unasked").isEqualTo(POLLHUP);
            assertThat(polled(lab.client, pair[0], POLLIN)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-03", "NBIO-09"})
    void reset_makesReadable_andIsAnError(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            reset(lab.client, pair[0]);

            assertThat(selected(lab.server, pair[1])).isEqualTo("rw");
            assertThat(polled(lab.server, pair[1], POLLIN)).isEqualTo(POLLHUP | POLLERR);
            assertFailed(lab.server, lab.server.recv(pair[1], ByteBuffer.allocate(1), 0), Win32Error.WSAECONNRESET);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-03", "NBIO-08"})
    void datagramSocket_isReadableWithADatagram_andWritable(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle receiver = lab.boundUdp(HoldingLab.OPEN);
            assertThat(selected(lab.server, receiver)).isEqualTo("w");

            lab.client.sendto(lab.udp(lab.client), bytes("x"), 0, lab.at(HoldingLab.OPEN));

            assertThat(selected(lab.server, receiver)).isEqualTo("rw");
            assertThat(polled(lab.server, receiver)).isEqualTo(POLLRDNORM | POLLWRNORM);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"NBIO-04", "NBIO-05", "NBIO-08", "NBIO-10"})
    void nonBlockingConnect_isWritableOnceItHasSucceeded_andExceptionalOnceItHasFailed(AddressFamily family)
            throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = nonBlocking(lab.client, lab.tcp(lab.client));
            assertThat(selected(lab.client, socket)).isEmpty();
            lab.client.connect(socket, lab.at(HoldingLab.HELD_NOBODY));
            assertThat(selected(lab.client, socket)).isEmpty();
            assertThat(polled(lab.client, socket)).isZero();

            lab.permit();
            FdSet except = set(socket);
            assertThat(lab.client.select(0, set(socket), set(socket), except, null))
                    .isEqualTo(1);

            assertThat(except.fdIsSet(socket)).isTrue();
            assertThat(polled(lab.client, socket)).isEqualTo(POLLHUP | POLLERR | POLLWRNORM);
            assertThat(HoldingLab.soError(lab.client, socket)).isNotEqualTo(Win32Error.NO_ERROR);
            assertThat(selected(lab.client, socket)).as("SO_ERROR leaves it").isEqualTo("x");
            lab.client.connect(socket, lab.at(HoldingLab.HELD));
            assertThat(selected(lab.client, socket))
                    .as("a new connect begins anew")
                    .isEmpty();
            lab.permit();
            assertThat(lab.client.select(0, null, set(socket), set(socket), null))
                    .isEqualTo(1);
            assertThat(selected(lab.client, socket)).isEqualTo("w");
            assertThat(polled(lab.client, socket)).isEqualTo(POLLWRNORM);
        }
    }

    @Test
    @Spec("NBIO-10")
    void wsaPoll_beforeWindows10Version2004_doesNotTellOfAFailedConnect() {
        SimOptions older = SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_10_1703);
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET, older)) {
            SocketHandle socket = nonBlocking(lab.client, lab.tcp(lab.client));
            lab.client.connect(socket, lab.at(HoldingLab.NOBODY));

            assertThat(polled(lab.client, socket)).isZero();
            assertThat(selected(lab.client, socket)).isEqualTo("x");
        }
    }

    // ---- arguments

    @Test
    @Spec("NBIO-06")
    void select_withBadArguments_failsAndLeavesTheSets() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            Winsock winsock = lab.server;
            FdSet sound = set(lab.listener);
            SocketHandle foreign = lab.pair()[0];
            assertFailed(winsock, winsock.select(0, null, null, null, null), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.select(0, set(), set(), set(), null), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.select(0, sound, null, null, Duration.ofNanos(-1)), Win32Error.WSAEINVAL);
            Duration tooLong = Duration.ofSeconds(1L << 31);
            assertFailed(winsock, winsock.select(0, sound, null, null, tooLong), Win32Error.WSAEINVAL);
            for (SocketHandle bad : List.of(foreign, SocketHandle.INVALID_SOCKET)) {
                assertFailed(winsock, winsock.select(0, sound, null, set(bad), null), Win32Error.WSAENOTSOCK);
            }
            lab.sim.setNetworkUp(false);
            assertFailed(winsock, winsock.select(0, sound, null, null, null), Win32Error.WSAENETDOWN);
            lab.sim.setNetworkUp(true);
            assertThat(sound.fdArray()).containsExactly(lab.listener);
            assertThat(winsock.select(-7, sound, set(), null, Duration.ZERO))
                    .as("nfds is ignored")
                    .isZero();
            winsock.wsaCleanup();
            assertFailed(winsock, winsock.select(0, sound, null, null, null), Win32Error.WSANOTINITIALISED);
        }
    }

    @Test
    @Spec("NBIO-06")
    void select_insideACompletionRoutine_failsWithInProgress() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            SocketHandle[] pair = lab.pair();
            List<Win32Error> errors = new ArrayList<>();
            lab.client.send(pair[0], bytes("x"), 0);
            lab.server
                    .overlapped()
                    .wsaRecv(
                            pair[1],
                            List.of(ByteBuffer.allocate(1)),
                            null,
                            0,
                            lab.server.overlapped().newOverlapped(),
                            (error, bytes, overlapped, flags) -> {
                                assertThat(lab.server.select(0, set(lab.listener), null, null, Duration.ZERO))
                                        .isEqualTo(Winsock.SOCKET_ERROR);
                                errors.add(HoldingLab.lastError(lab.server));
                            });

            lab.server.kernel32().sleepEx(Kernel32.INFINITE, true);

            assertThat(errors).containsExactly(Win32Error.WSAEINPROGRESS);
        }
    }

    @Test
    @Spec("NBIO-06")
    void select_withSeveralCauses_failsWithTheEarliest() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            Winsock winsock = lab.server;
            FdSet bad = set(SocketHandle.INVALID_SOCKET);
            Duration negative = Duration.ofNanos(-1);
            List<Win32Error> errors = new ArrayList<>();
            Runnable call = () -> {
                assertThat(winsock.select(0, bad, null, null, negative)).isEqualTo(Winsock.SOCKET_ERROR);
                errors.add(HoldingLab.lastError(winsock));
            };

            call.run();
            insideACallback(winsock, call);
            lab.sim.setNetworkUp(false);
            insideACallback(winsock, call);
            winsock.wsaCleanup();
            insideACallback(winsock, call);

            assertThat(errors)
                    .containsExactly(
                            Win32Error.WSAEINVAL,
                            Win32Error.WSAEINPROGRESS,
                            Win32Error.WSAENETDOWN,
                            Win32Error.WSANOTINITIALISED);
        }
    }

    private static void insideACallback(Winsock winsock, Runnable call) {
        winsock.kernel32().queueUserApc(Thread.currentThread(), call);
        assertThat(winsock.kernel32().sleepEx(0, true)).isEqualTo(Kernel32.WAIT_IO_COMPLETION);
    }

    @Test
    @Spec("NBIO-06")
    void select_withTheLongestTime_isFine() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            lab.client.connect(lab.tcp(lab.client), lab.at(HoldingLab.OPEN));

            assertThat(lab.server.select(0, set(lab.listener), null, null, Duration.ofSeconds(Integer.MAX_VALUE)))
                    .isEqualTo(1);
        }
    }

    @Test
    @Spec("NBIO-11")
    void wsaPoll_withBadArguments_fails() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            Winsock winsock = lab.server;
            WsaPollFd sound = new WsaPollFd(lab.listener, POLLIN);
            WsaPollFd none = new WsaPollFd(SocketHandle.INVALID_SOCKET, POLLIN);
            WsaPollFd bad = new WsaPollFd(new SocketHandle(1 << 20), POLLIN);
            assertFailed(winsock, winsock.wsaPoll(null, -1), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.wsaPoll(List.of(), -1), Win32Error.WSAEINVAL);
            assertFailed(winsock, winsock.wsaPoll(List.of(none, bad), -1), Win32Error.WSAEINVAL);
            for (int events : new int[] {POLLPRI, WsaPollFd.POLLWRBAND, POLLERR, POLLHUP, POLLNVAL, 0x8000}) {
                List<WsaPollFd> fds = List.of(sound, new WsaPollFd(lab.listener, POLLIN | events));
                assertFailed(winsock, winsock.wsaPoll(fds, -1), Win32Error.WSAEINVAL);
            }
            lab.sim.setNetworkUp(false);
            assertFailed(winsock, winsock.wsaPoll(List.of(sound), -1), Win32Error.WSAENETDOWN);
            lab.sim.setNetworkUp(true);
            winsock.wsaCleanup();
            assertFailed(winsock, winsock.wsaPoll(List.of(sound), -1), Win32Error.WSANOTINITIALISED);
        }
    }

    @Test
    @Spec({"NBIO-09", "NBIO-12"})
    void wsaPoll_passesNegativeSocketsOver_andMarksThoseThatAreNone() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            lab.client.connect(lab.tcp(lab.client), lab.at(HoldingLab.OPEN));
            WsaPollFd negative = new WsaPollFd(SocketHandle.INVALID_SOCKET, POLLPRI);
            WsaPollFd bad = new WsaPollFd(new SocketHandle(1 << 20), 0);
            WsaPollFd sound = new WsaPollFd(lab.listener, POLLIN);
            WsaPollFd quiet = new WsaPollFd(lab.heldListener, POLLIN);

            assertThat(lab.server.wsaPoll(List.of(negative, bad, sound, quiet), -1))
                    .isEqualTo(2);

            assertThat(List.of(negative.revents(), bad.revents(), sound.revents(), quiet.revents()))
                    .containsExactly(0, POLLNVAL, POLLRDNORM, 0);
        }
    }

    @Test
    @Spec("NBIO-07")
    void select_keepsTheReadySockets_andCountsThem() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            SocketHandle[] one = lab.pair();
            SocketHandle[] two = lab.pair();
            lab.client.send(one[0], bytes("x"), 0);
            FdSet read = set(two[1], one[1], lab.listener);
            FdSet write = set(two[1], lab.listener);
            FdSet except = set(two[1]);

            assertThat(lab.server.select(0, read, write, except, null)).isEqualTo(2);

            assertThat(read.fdArray()).containsExactly(one[1]);
            assertThat(write.fdArray()).containsExactly(two[1]);
            assertThat(except.fdArray()).isEmpty();
        }
    }

    @Test
    @Spec("NBIO-07")
    void fdSet_holdsEachSocketOnce_andNoMoreThan64() {
        FdSet set = new FdSet();
        for (int i = 0; i < 2 * FdSet.FD_SETSIZE; i++) {
            set.fdSet(new SocketHandle(i / 2));
        }
        assertThat(set.fdArray()).hasSize(FdSet.FD_SETSIZE).doesNotHaveDuplicates();
        set.fdSet(new SocketHandle(1000));
        assertThat(set.fdIsSet(new SocketHandle(1000))).isFalse();
        set.fdClr(new SocketHandle(0));
        assertThat(set.fdIsSet(new SocketHandle(0))).isFalse();
        set.fdZero();
        assertThat(set.fdArray()).isEmpty();
    }

    // ---- waiting

    private enum Call {
        SELECT,
        POLL;

        int wait(Winsock winsock, SocketHandle socket, boolean reading, Duration timeout) {
            if (this == SELECT) {
                return winsock.select(0, reading ? set(socket) : null, reading ? null : set(socket), null, timeout);
            }
            int milliseconds = timeout == null ? -1 : (int) timeout.toMillis();
            return winsock.wsaPoll(List.of(new WsaPollFd(socket, reading ? POLLIN : POLLOUT)), milliseconds);
        }
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    @Spec({"NBIO-07", "NBIO-12"})
    void wait_endsWithItsTime(Call call) throws Exception {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            Background<Integer> wait = Background.start(
                            () -> call.wait(lab.server, lab.listener, true, Duration.ofMillis(5)))
                    .awaitBlocked();
            lab.sim.clock().advance(Duration.ofMillis(4));
            assertThat(wait.isDone()).isFalse();

            lab.sim.clock().advance(Duration.ofMillis(1));

            assertThat(wait.result()).isZero();
        }
    }

    @Test
    @Spec("NBIO-07")
    void select_thatTimesOut_emptiesTheSets() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            FdSet read = set(lab.listener);
            assertThat(lab.server.select(0, read, null, null, Duration.ZERO)).isZero();
            assertThat(read.fdArray()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    @Spec({"NBIO-03", "NBIO-08", "NBIO-13"})
    void wait_endsWithAConnection_withBytes_withADatagram(Call call) throws Exception {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET6)) {
            Background<Integer> accepting = waiting(call, lab.server, lab.listener, true);
            lab.client.connect(lab.tcp(lab.client), lab.at(HoldingLab.OPEN));
            assertThat(accepting.result()).isEqualTo(1);

            lab.server.accept(lab.listener, null);
            SocketHandle[] pair = lab.pair();
            Background<Integer> receiving = waiting(call, lab.server, pair[1], true);
            lab.client.send(pair[0], bytes("x"), 0);
            assertThat(receiving.result()).isEqualTo(1);

            SocketHandle datagrams = lab.udp(lab.server);
            Background<Integer> unbound = waiting(call, lab.server, datagrams, true);
            lab.server.bind(datagrams, lab.at(HoldingLab.OPEN));
            lab.client.sendto(lab.udp(lab.client), bytes("x"), 0, lab.at(HoldingLab.OPEN));
            assertThat(unbound.result()).isEqualTo(1);
        }
    }

    private static Background<Integer> waiting(Call call, Winsock winsock, SocketHandle socket, boolean reading)
            throws InterruptedException {
        return Background.start(() -> call.wait(winsock, socket, reading, null)).awaitBlocked();
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    @Spec({"NBIO-04", "NBIO-08", "NBIO-13"})
    void wait_endsWithRoom_andWithAListenThatCameLater(Call call) throws Exception {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            SocketHandle[] pair = lab.pair();
            fill(lab.client, pair[0]);
            Background<Integer> sending = waiting(call, lab.client, pair[0], false);
            lab.server.recv(pair[1], ByteBuffer.allocate(1 << 16), 0);
            assertThat(sending.result()).isEqualTo(1);

            SocketHandle late = lab.tcp(lab.server);
            Background<Integer> accepting = waiting(call, lab.server, late, true);
            lab.server.bind(late, lab.at(99));
            lab.server.listen(late, 1);
            lab.client.connect(lab.tcp(lab.client), lab.at(99));
            assertThat(accepting.result()).isEqualTo(1);
        }
    }

    @Test
    @Spec({"NBIO-09", "NBIO-13"})
    void wsaPoll_endsWithTheEndOfThePeer_thoughItAsksForRoomOnly() throws Exception {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            SocketHandle[] pair = lab.pair();
            fill(lab.server, pair[1]);
            lab.client.send(pair[0], bytes("unread"), 0);
            Background<Integer> sending = waiting(Call.POLL, lab.server, pair[1], false);

            lab.client.shutdown(pair[0], ShutdownHow.SD_SEND.code());

            assertThat(sending.result()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Spec("NBIO-13")
    void wait_endsWithItsSocket_andWithItsProcess(boolean byClose) throws Exception {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            SocketHandle fresh = lab.tcp(lab.server);
            WsaPollFd fd = new WsaPollFd(fresh, POLLIN);
            Background<Integer> poll =
                    Background.start(() -> lab.server.wsaPoll(List.of(fd), -1)).awaitBlocked();
            FdSet read = set(lab.listener, fresh);
            Background<Win32Error> select = Background.start(() -> {
                        assertThat(lab.server.select(0, read, null, null, null)).isEqualTo(Winsock.SOCKET_ERROR);
                        return HoldingLab.lastError(lab.server);
                    })
                    .awaitBlocked();

            if (byClose) {
                lab.server.closesocket(fresh);
            } else {
                lab.serverProcess.close();
            }

            assertThat(poll.result()).isEqualTo(1);
            assertThat(fd.revents()).isEqualTo(POLLNVAL);
            assertThat(select.result()).isEqualTo(Win32Error.WSAENOTSOCK);
            assertThat(read.fdArray()).containsExactly(lab.listener, fresh);
        }
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    @Spec({"NBIO-13", "WSA-38"})
    void wait_interrupted_failsWithIntrAndKeepsTheFlag(Call call) throws Exception {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            Background<Boolean> wait = Background.start(() -> {
                        assertFailed(lab.server, call.wait(lab.server, lab.listener, true, null), Win32Error.WSAEINTR);
                        return Thread.currentThread().isInterrupted();
                    })
                    .awaitBlocked();

            wait.interrupt();

            assertThat(wait.result()).isTrue();
            lab.client.connect(lab.tcp(lab.client), lab.at(HoldingLab.OPEN));
            assertThat(selected(lab.server, lab.listener))
                    .as("the socket is unharmed")
                    .isEqualTo("r");
        }
    }

    @Test
    @Spec("NBIO-13")
    void manyThreads_waitForOneSocket_andAllHear() throws Exception {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            SocketHandle[] pair = lab.pair();
            List<Background<Integer>> waits = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                waits.add(waiting(i % 2 == 0 ? Call.SELECT : Call.POLL, lab.server, pair[1], true));
            }

            lab.client.send(pair[0], bytes("x"), 0);

            for (Background<Integer> wait : waits) {
                assertThat(wait.result()).isEqualTo(1);
            }
        }
    }
}
