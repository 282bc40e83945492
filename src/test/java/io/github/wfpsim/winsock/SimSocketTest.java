package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java API over the faithful calls: streams, exceptions, size-then-fetch. */
@Timeout(20)
class SimSocketTest {

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

    private static void assertFails(Win32Error expected, ThrowingCallable call) {
        assertThatExceptionOfType(WinsockException.class)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.error()).isEqualTo(expected))
                .withMessageContaining(expected.name())
                .withMessageContaining(String.valueOf(expected.code()));
    }

    private static SimSocket accepted(RedirectLab lab) {
        return lab.proxy.winsock().tcpSocket(lab.redirected().accepted());
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void tryAccept_takesWhatWaitsAndNeverWaits(AddressFamily family) throws IOException {
        try (RedirectLab lab = RedirectLab.open(family);
                SimSocket server = lab.proxy.winsock().tcpSocket(family)) {
            assertFails(Win32Error.WSAEINVAL, server::tryAccept);
            server.bind(lab.loopback(9000)).listen();
            assertThat(server.tryAccept()).isEmpty();

            try (SimSocket client = lab.stranger.winsock().tcpSocket(family).connect(server.localAddress())) {
                assertThat(server.tryAccept().orElseThrow().remoteAddress()).isEqualTo(client.localAddress());
            }
            assertThat(server.tryAccept()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void clientAndServer_overStreams_exchangeBytesToTheEnd(AddressFamily family) throws IOException {
        try (RedirectLab lab = RedirectLab.open(family);
                SimSocket server = lab.proxy.winsock().tcpSocket(family);
                SimSocket client = lab.stranger.winsock().tcpSocket(family)) {
            server.bind(lab.loopback(9000)).listen();
            client.connect(server.localAddress());
            try (SimSocket connection = server.accept()) {
                assertThat(connection.remoteAddress()).isEqualTo(client.localAddress());
                assertThat(client.remoteAddress()).isEqualTo(server.localAddress());

                client.outputStream().write(HELLO);
                client.outputStream().write('!');
                client.shutdownOutput();
                assertThat(connection.inputStream().readAllBytes()).asString().isEqualTo("hello!");
                assertThat(connection.receive(new byte[4])).as("end of stream").isEqualTo(-1);
                assertThat(connection.inputStream().read()).isEqualTo(-1);

                connection.send(new byte[] {(byte) 0xFF, 2});
                assertThat(client.inputStream().read()).as("bytes are unsigned").isEqualTo(0xFF);
                byte[] room = new byte[8];
                assertThat(client.receive(room)).isEqualTo(1);
                assertThat(room[0]).isEqualTo((byte) 2);
                assertThat(client.receive(new byte[0])).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void send_onNonBlockingSocketThatIsFull_failsInsteadOfSpinning(AddressFamily family) throws IOException {
        SimOptions small = SimOptions.defaults().streamBufferSize(1024);
        try (RedirectLab lab = RedirectLab.open(family, small)) {
            RedirectLab.Connection connection = lab.plain();
            SimSocket client = connection.clientSide().tcpSocket(connection.client());
            OutUlong on = new OutUlong();
            on.set(1);
            connection.clientSide().ioctlsocket(connection.client(), ControlCode.FIONBIO.code(), on);

            assertFails(Win32Error.WSAEWOULDBLOCK, () -> client.send(new byte[10_000]));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void everyFailure_isAnExceptionThatNamesCallValueAndError(AddressFamily family) throws IOException {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock winsock = lab.stranger.winsock();
            SimSocket socket = winsock.tcpSocket(family);

            assertFails(Win32Error.WSAECONNREFUSED, () -> socket.connect(lab.loopback(99)));
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> socket.connect(lab.loopback(99)))
                    .withMessageContaining("connect")
                    .withMessageContaining("connect " + IpAddress.text(lab.loopback(99)))
                    .withMessageContaining("start the listener first");
            assertFails(Win32Error.WSAEADDRNOTAVAIL, () -> socket.bind(lab.origin()));
            assertFails(Win32Error.WSAEINVAL, socket::listen);
            assertFails(Win32Error.WSAEINVAL, socket::accept);
            assertFails(Win32Error.WSAEINVAL, socket::localAddress);
            assertFails(Win32Error.WSAENOTCONN, socket::remoteAddress);
            assertFails(Win32Error.WSAENOTCONN, () -> socket.send(HELLO));
            assertFails(Win32Error.WSAENOTCONN, () -> socket.receive(new byte[1]));
            assertFails(Win32Error.WSAENOTCONN, socket::shutdownOutput);
            assertFails(Win32Error.WSAENOTCONN, socket::queryRedirectRecords);
            assertFails(Win32Error.WSAENOTCONN, socket::queryRedirectContext);
            socket.close();
            assertFails(Win32Error.WSAENOTSOCK, () -> socket.setSoTimeout(Duration.ofMillis(1)));
            winsock.wsaCleanup();
            assertFails(Win32Error.WSANOTINITIALISED, () -> winsock.tcpSocket(family));
        }
    }

    private static SimOptions profile(boolean observed) {
        SimOptions documented = SimOptions.defaults();
        return observed ? documented.with(Deviation.WINSOCK_ERRORS_OBSERVED) : documented;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Spec({"WSA-09", "WSA-13", "WSA-57"})
    void recordsAndContext_inEitherProfile_areFetchedAndSet(boolean observed) throws IOException {
        for (AddressFamily family : AddressFamily.values()) {
            SimOptions options = profile(observed).minimumRecordSize(1500);
            try (RedirectLab lab = RedirectLab.open(family, options)) {
                lab.setContext(HELLO);
                SimSocket accepted = accepted(lab);

                byte[] record = accepted.queryRedirectRecords().orElseThrow();
                assertThat(record)
                        .hasSizeGreaterThanOrEqualTo(1500)
                        .isEqualTo(accepted.queryRedirectRecords().orElseThrow());
                assertThat(accepted.queryRedirectContext())
                        .hasValueSatisfying(context -> assertThat(context).isEqualTo(HELLO));
                try (SimSocket onward = lab.proxy.winsock().tcpSocket(family)) {
                    onward.setRedirectRecords(record).connect(lab.proxyAddress);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Spec({"WSA-17", "WSA-34", "WSA-57"})
    void queryRedirectContext_ofShortOrMissingContext_returnsItOrNothing(boolean observed) throws IOException {
        SimOptions options = profile(observed);
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET6, options)) {
            lab.setContext((byte) 7);
            assertThat(accepted(lab).queryRedirectContext())
                    .hasValueSatisfying(context -> assertThat(context).containsExactly(7));

            lab.setContext((byte[]) null);
            assertThat(accepted(lab).queryRedirectContext()).isEmpty();

            SimSocket plain = lab.proxy.winsock().tcpSocket(lab.plain().accepted());
            assertThat(plain.queryRedirectContext()).isEmpty();
            assertThat(plain.queryRedirectRecords()).isEmpty();
        }
    }

    @Test
    @Spec({"WSA-35", "WSA-36"})
    void deniedIoctls_areExplainedByTheirOwnCauses() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            byte[] record = lab.record();
            lab.redirectTo(lab.stranger);
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> accepted(lab).queryRedirectRecords())
                    .withMessageContaining("SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS")
                    .withMessageContaining("localRedirectTargetPID");

            lab.proxy.setToken(Token.STANDARD_USER);
            SimSocket onward = lab.proxy.winsock().tcpSocket(lab.tcp(lab.proxy.winsock()));
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> onward.setRedirectRecords(record))
                    .withMessageContaining("SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS")
                    .withMessageContaining("elevate");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void abort_showsThePeerAResetAndCloseAnEnd(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection first = lab.plain();
            first.clientSide().tcpSocket(first.client()).abort();
            SimSocket peer = first.proxySide().tcpSocket(first.accepted());
            assertFails(Win32Error.WSAECONNRESET, () -> peer.receive(new byte[1]));

            RedirectLab.Connection second = lab.plain();
            second.clientSide().tcpSocket(second.client()).close();
            SimSocket other = second.proxySide().tcpSocket(second.accepted());
            assertThat(readOrThrow(other)).isEqualTo(-1);
        }
    }

    private static int readOrThrow(SimSocket socket) {
        try {
            return socket.receive(new byte[1]);
        } catch (WinsockException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void close_afterLingerWasSwitchedOnWithTimeZero_showsThePeerAReset() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            RedirectLab.Connection connection = lab.plain();
            int onForNoTime = 1;
            connection.clientSide().setsockopt(connection.client(), Winsock.SOL_SOCKET, Winsock.SO_LINGER, onForNoTime);

            connection.clientSide().tcpSocket(connection.client()).close();

            SimSocket peer = connection.proxySide().tcpSocket(connection.accepted());
            assertFails(Win32Error.WSAECONNRESET, () -> peer.receive(new byte[1]));
        }
    }

    @Test
    void closingTwice_orClosingAStream_closesOnceAndKeepsTheLastError() throws IOException {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.stranger.winsock();
            SimSocket socket = winsock.tcpSocket(AddressFamily.AF_INET);
            winsock.wsaSetLastError(4711);

            socket.inputStream().close();
            socket.outputStream().close();
            socket.close();
            socket.abort();

            assertThat(winsock.wsaGetLastError()).isEqualTo(4711);
            assertFails(Win32Error.WSAENOTSOCK, socket::listen);
        }
    }

    @Test
    void setSoTimeout_inVirtualTime_limitsReceiving() throws IOException, InterruptedException {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            SimSocket socket = accepted(lab);
            socket.setSoTimeout(Duration.ofNanos(1));
            Background<Boolean> waiting = Background.start(() -> {
                        assertFails(Win32Error.WSAETIMEDOUT, () -> socket.receive(new byte[1]));
                        return true;
                    })
                    .awaitBlocked();

            lab.sim.clock().advance(Duration.ofNanos(999_999));
            waiting.awaitBlocked();
            lab.sim.clock().advance(Duration.ofNanos(1));

            assertThat(waiting.result()).as("rounded up to a millisecond").isTrue();
        }
    }

    @Test
    void setSoTimeout_beyondADword_throwsWithARemedy() throws IOException {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            SimSocket socket = lab.stranger.winsock().tcpSocket(AddressFamily.AF_INET);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> socket.setSoTimeout(Duration.ofMillis(-1)))
                    .withMessageContaining("PT-0.001S");
            assertThatIllegalArgumentException().isThrownBy(() -> socket.setSoTimeout(Duration.ofDays(50)));
            socket.setSoTimeout(Duration.ofMillis(0xFFFF_FFFFL));
            socket.setSoTimeout(Duration.ZERO);
        }
    }

    @Test
    @SuppressWarnings({"NullAway", "DataFlowIssue"})
    void nullArguments_throwWithARemedy() throws IOException {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.stranger.winsock();
            SimSocket socket = winsock.tcpSocket(AddressFamily.AF_INET);

            assertThatNullPointerException()
                    .isThrownBy(() -> winsock.tcpSocket((AddressFamily) null))
                    .withMessageContaining("family");
            assertThatNullPointerException().isThrownBy(() -> socket.bind(null)).withMessageContaining("local");
            assertThatNullPointerException()
                    .isThrownBy(() -> socket.connect(null))
                    .withMessageContaining("destination");
            assertThatNullPointerException().isThrownBy(() -> socket.send(null)).withMessageContaining("bytes");
            assertThatNullPointerException()
                    .isThrownBy(() -> socket.receive(null))
                    .withMessageContaining("room");
            assertThatNullPointerException()
                    .isThrownBy(() -> socket.setRedirectRecords(null))
                    .withMessageContaining("queryRedirectRecords");
            assertThatNullPointerException()
                    .isThrownBy(() -> socket.setSoTimeout(null))
                    .withMessageContaining("Duration.ZERO");
        }
    }
}
