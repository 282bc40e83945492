package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class WinsockLifecycleTest {

    private static final int AF_INET = AddressFamily.AF_INET.code();
    private static final int SOCK_STREAM = SocketType.SOCK_STREAM.code();
    private static final int IPPROTO_TCP = IpProtocol.IPPROTO_TCP.code();
    private static final int VERSION_2_2 = 0x0202;

    private final WfpSim sim = WfpSim.open();
    private final SimProcess app = sim.process("C:\\app.exe", Token.ELEVATED_ADMINISTRATOR);
    private final Winsock winsock = app.winsock();

    @AfterEach
    void closeMachine() {
        sim.close();
    }

    private SocketHandle tcpSocket() {
        return winsock.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    }

    private void assertLastError(Win32Error expected) {
        assertThat(winsock.wsaGetLastError()).as(expected.name()).isEqualTo(expected.code());
    }

    @Test
    @Spec("WSA-23")
    void socket_inFreshProcess_needsNoStartup() {
        assertThat(tcpSocket()).isNotEqualTo(SocketHandle.INVALID_SOCKET);
    }

    @Test
    @Spec("WSA-23")
    void everyCall_afterCleanup_failsWithNotInitialised() {
        SocketHandle socket = tcpSocket();

        assertThat(winsock.wsaCleanup()).isZero();

        assertThat(tcpSocket()).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertNotInitialised(Winsock.SOCKET_ERROR);
        assertNotInitialised(winsock.bind(socket, null));
        assertNotInitialised(winsock.listen(socket, 1));
        assertNotInitialised(winsock.connect(socket, null));
        assertThat(winsock.accept(socket, null)).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertNotInitialised(Winsock.SOCKET_ERROR);
        assertNotInitialised(winsock.send(socket, null, 0));
        assertNotInitialised(winsock.recv(socket, null, 0));
        assertNotInitialised(winsock.shutdown(socket, 0));
        assertNotInitialised(winsock.getsockname(socket, null));
        assertNotInitialised(winsock.getpeername(socket, null));
        assertNotInitialised(winsock.setsockopt(socket, 0, 0, 0));
        assertNotInitialised(winsock.setsockopt(socket, 0, 0, null, 0));
        assertNotInitialised(winsock.getsockopt(socket, 0, 0, null));
        assertNotInitialised(winsock.ioctlsocket(socket, 0, null));
        assertNotInitialised(winsock.wsaIoctl(socket, 0, null, 0, null, 0, null));
        assertNotInitialised(winsock.closesocket(socket));
        assertNotInitialised(winsock.wsaCleanup());
    }

    private void assertNotInitialised(int result) {
        assertThat(result).isEqualTo(Winsock.SOCKET_ERROR);
        assertLastError(Win32Error.WSANOTINITIALISED);
        winsock.wsaSetLastError(0);
    }

    @Test
    @Spec("WSA-23")
    void socket_withoutAutomaticStartup_needsStartup() {
        try (WfpSim strict = WfpSim.open(SimOptions.defaults().autoWsaStartup(false))) {
            Winsock fresh = strict.process("C:\\app.exe", Token.STANDARD_USER).winsock();

            assertThat(fresh.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)).isEqualTo(SocketHandle.INVALID_SOCKET);
            assertThat(fresh.wsaGetLastError()).isEqualTo(Win32Error.WSANOTINITIALISED.code());
            assertThat(fresh.wsaStartup(VERSION_2_2)).isZero();
            assertThat(fresh.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)).isNotEqualTo(SocketHandle.INVALID_SOCKET);
        }
    }

    @Test
    void wsaCleanup_whenStartedTwice_endsWinsockAtTheSecondCall() {
        winsock.wsaStartup(VERSION_2_2);
        SocketHandle socket = tcpSocket();

        winsock.wsaCleanup();
        assertThat(winsock.listen(socket, 1)).isEqualTo(Winsock.SOCKET_ERROR);
        assertLastError(Win32Error.WSAEINVAL);

        winsock.wsaCleanup();
        winsock.wsaStartup(VERSION_2_2);
        assertThat(winsock.listen(socket, 1)).isEqualTo(Winsock.SOCKET_ERROR);
        assertLastError(Win32Error.WSAENOTSOCK);
    }

    @Test
    void wsaCleanup_byTheLastUser_closesTheSocketsOfTheProcess() {
        tcpSocket();
        assertThat(sim.connections()).hasSize(1);

        winsock.wsaCleanup();

        assertThat(sim.connections()).isEmpty();
    }

    @Test
    void wsaStartup_forVersionZero_isRefusedWithoutTouchingTheLastError() {
        assertThat(winsock.wsaStartup(0x0200)).isEqualTo(Win32Error.WSAVERNOTSUPPORTED.code());
        assertThat(winsock.wsaGetLastError()).isZero();
    }

    @Test
    void wsaStartup_inEndedProcess_throws() {
        app.close();

        assertThatIllegalStateException().isThrownBy(() -> winsock.wsaStartup(VERSION_2_2));
    }

    @Test
    @Spec("WSA-23")
    void wsaCleanup_inEndedProcess_failsWithNotInitialised() {
        app.close();

        assertThat(winsock.wsaCleanup()).isEqualTo(Winsock.SOCKET_ERROR);
        assertLastError(Win32Error.WSANOTINITIALISED);
    }

    @Test
    void socket_inEndedProcess_failsWithNotInitialised() {
        app.close();

        assertThat(tcpSocket()).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertLastError(Win32Error.WSANOTINITIALISED);
    }

    @Test
    void socket_onClosedMachine_failsWithNotInitialised() {
        sim.close();

        assertThat(tcpSocket()).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertLastError(Win32Error.WSANOTINITIALISED);
    }

    @Test
    @Spec({"WSA-02", "WSA-03"})
    void wsaGetLastError_afterFailureAndSuccess_stillTellsTheFailure() {
        assertThat(winsock.closesocket(new SocketHandle(12))).isEqualTo(Winsock.SOCKET_ERROR);
        assertThat(winsock.closesocket(tcpSocket())).isZero();

        assertLastError(Win32Error.WSAENOTSOCK);
    }

    @Test
    @Spec("WSA-03")
    void wsaGetLastError_onAnotherThread_isZero() throws InterruptedException {
        winsock.closesocket(new SocketHandle(12));

        assertThat(Background.start(winsock::wsaGetLastError).result()).isZero();
    }

    @Test
    @Spec("WSA-03")
    void wsaGetLastError_ofAnotherProcessOnTheSameThread_isZero() {
        winsock.closesocket(new SocketHandle(12));

        assertThat(sim.process("C:\\other.exe", Token.STANDARD_USER).winsock().wsaGetLastError())
                .isZero();
    }

    @Test
    void wsaSetLastError_anyNumber_isReadBack() {
        winsock.wsaSetLastError(4711);

        assertThat(winsock.wsaGetLastError()).isEqualTo(4711);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 6, WSAEAFNOSUPPORT",
        "17, 1, 6, WSAEAFNOSUPPORT",
        "2, 9, 6, WSAESOCKTNOSUPPORT",
        "2, 1, 255, WSAEPROTONOSUPPORT",
        "2, 1, 17, WSAEPROTOTYPE",
        "2, 2, 6, WSAEPROTOTYPE",
        "23, 2, 58, WSAEPROTOTYPE"
    })
    void socket_withNumbersThatDoNotFit_isRefused(int af, int type, int protocol, Win32Error expected) {
        assertThat(winsock.socket(af, type, protocol)).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertLastError(expected);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void socket_withProtocolZero_letsTheTypeDecide(AddressFamily family) {
        winsock.socket(family.code(), SOCK_STREAM, 0);
        winsock.socket(family.code(), SocketType.SOCK_DGRAM.code(), 0);

        assertThat(sim.connections())
                .extracting(connection -> connection.protocol())
                .containsExactly(IpProtocol.IPPROTO_TCP, IpProtocol.IPPROTO_UDP);
    }

    @ParameterizedTest
    @CsvSource({"STANDARD_USER, false", "FILTERED_ADMINISTRATOR, false", "ELEVATED_ADMINISTRATOR, true", "SYSTEM, true"
    })
    void socket_raw_needsElevation(Token token, boolean allowed) {
        app.setToken(token);

        SocketHandle raw = winsock.socket(AddressFamily.AF_INET, SocketType.SOCK_RAW, IpProtocol.IPPROTO_ICMP);

        assertThat(raw.equals(SocketHandle.INVALID_SOCKET)).isEqualTo(!allowed);
        assertThat(winsock.wsaGetLastError()).isEqualTo(allowed ? 0 : Win32Error.WSAEACCES.code());
    }

    @Test
    void wsaSocket_withUnknownFlag_isInvalid() {
        assertThat(winsock.wsaSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, 0x40)).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertLastError(Win32Error.WSAEINVAL);
    }

    @Test
    void wsaSocket_withKnownFlagsOrNone_createsASocket() {
        int both = Winsock.WSA_FLAG_OVERLAPPED | Winsock.WSA_FLAG_NO_HANDLE_INHERIT;

        assertThat(winsock.wsaSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, both))
                .isNotEqualTo(SocketHandle.INVALID_SOCKET);
        assertThat(winsock.wsaSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, 0)).isNotEqualTo(SocketHandle.INVALID_SOCKET);
    }

    @Test
    @Spec("WSA-24")
    void socket_withNetworkOff_failsWithNetDown() {
        sim.setNetworkUp(false);

        assertThat(tcpSocket()).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertLastError(Win32Error.WSAENETDOWN);
    }

    @Test
    void closesocket_withNetworkOff_stillCloses() {
        SocketHandle socket = tcpSocket();
        sim.setNetworkUp(false);

        assertThat(winsock.closesocket(socket)).isZero();
        assertThat(sim.connections()).isEmpty();
    }

    @Test
    void handles_ofOneMachine_areMultiplesOfFourAndNeverReused() {
        Winsock other = sim.process("C:\\other.exe", Token.STANDARD_USER).winsock();
        Set<SocketHandle> seen = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            SocketHandle mine = tcpSocket();
            SocketHandle theirs = other.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
            assertThat(mine.value() % 4).isZero();
            assertThat(seen.add(mine)).isTrue();
            assertThat(seen.add(theirs)).isTrue();
            winsock.closesocket(mine);
            other.closesocket(theirs);
        }
    }

    @Test
    @Spec("WSA-26")
    void anyCall_onInvalidClosedOrForeignHandle_failsWithNotSock() {
        SocketHandle closed = tcpSocket();
        winsock.closesocket(closed);
        SocketHandle foreign =
                sim.process("C:\\other.exe", Token.STANDARD_USER).winsock().socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
        for (SocketHandle handle : Set.of(SocketHandle.INVALID_SOCKET, new SocketHandle(3), closed, foreign)) {
            winsock.wsaSetLastError(0);
            assertThat(winsock.getsockname(handle, Out.empty())).isEqualTo(Winsock.SOCKET_ERROR);
            assertLastError(Win32Error.WSAENOTSOCK);
        }
        assertThat(sim.connections()).as("the foreign socket lives on").hasSize(1);
    }

    @Test
    void anyCall_onNullHandle_throwsWithARemedy() {
        assertThatNullPointerException()
                .isThrownBy(() -> winsock.closesocket(nullHandle()))
                .withMessageContaining("INVALID_SOCKET");
    }

    @SuppressWarnings({"NullAway", "DataFlowIssue", "TypeParameterUnusedInFormals"})
    private static <T> T nullHandle() {
        return null;
    }

    @Test
    void socketHandle_asText_readsAsNumberOrName() {
        assertThat(new SocketHandle(24)).hasToString("#24");
        assertThat(SocketHandle.INVALID_SOCKET).hasToString("INVALID_SOCKET");
    }
}
