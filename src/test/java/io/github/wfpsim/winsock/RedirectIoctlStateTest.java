package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.RedirectLab.CONTEXT;
import static io.github.wfpsim.winsock.RedirectLab.RECORDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Win32Error;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What WSAIoctl asks of sockets beyond what both doors ask, which is in the room {@code doors}; with IPv4 and IPv6. */
@Timeout(20)
class RedirectIoctlStateTest {

    private static final Outcome SUCCESS = Outcome.success(0);
    private static final Outcome INVALID = Outcome.failure(Win32Error.WSAEINVAL);

    private static void assertBothQueries(Winsock winsock, SocketHandle socket, Outcome expected) {
        assertThat(Outcome.ofQuery(winsock, socket, RECORDS)).as("records").isEqualTo(expected);
        assertThat(Outcome.ofQuery(winsock, socket, CONTEXT)).as("context").isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-11", "WSA-32"})
    void set_onOtherThanTcpSocket_isInvalid(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();

            assertThat(Outcome.ofSet(proxy, lab.udp(proxy), record)).isEqualTo(INVALID);
            assertThat(Outcome.ofSet(proxy, lab.uncovered(proxy), record)).isEqualTo(INVALID);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-30")
    void query_onUncoveredProtocol_isNoProtocolOption(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock proxy = lab.proxy.winsock();

            assertBothQueries(proxy, lab.uncovered(proxy), Outcome.failure(Win32Error.WSAENOPROTOOPT));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-26")
    void wsaIoctl_onInvalidClosedOrForeignHandle_isNotSock(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle accepted = lab.redirected().accepted();
            SocketHandle closed = lab.tcp(proxy);
            proxy.closesocket(closed);
            Outcome notSock = Outcome.failure(Win32Error.WSAENOTSOCK);

            assertBothQueries(proxy, SocketHandle.INVALID_SOCKET, notSock);
            assertBothQueries(proxy, closed, notSock);
            assertBothQueries(lab.stranger.winsock(), accepted, notSock);
            assertThat(Outcome.ofSet(lab.stranger.winsock(), lab.tcp(proxy), record))
                    .isEqualTo(notSock);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-24")
    void wsaIoctl_withNetworkOff_isNetDown(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle accepted = lab.redirected().accepted();
            SocketHandle onward = lab.tcp(proxy);
            lab.sim.setNetworkUp(false);

            assertBothQueries(proxy, accepted, Outcome.failure(Win32Error.WSAENETDOWN));
            assertThat(Outcome.ofSet(proxy, onward, record)).isEqualTo(Outcome.failure(Win32Error.WSAENETDOWN));

            lab.sim.setNetworkUp(true);
            assertThat(Outcome.ofSet(proxy, onward, record)).isEqualTo(SUCCESS);
        }
    }
}
