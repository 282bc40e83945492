package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** SO_REUSEADDR and SO_EXCLUSIVEADDRUSE: who may bind a port that somebody has. */
@Timeout(20)
class SharedAddressTest {

    private static final int PORT = 5150;
    private static final int NO_OPTION = 0;

    /** One machine; processes of an ordinary user and of an administrator. */
    private static final class Bench implements AutoCloseable {
        final WfpSim sim = WfpSim.open();
        final Winsock first = sim.process("C:\\first.exe", Token.STANDARD_USER).winsock();
        final Winsock same = sim.process("C:\\same.exe", Token.STANDARD_USER).winsock();
        final Winsock other =
                sim.process("C:\\other.exe", Token.ELEVATED_ADMINISTRATOR).winsock();

        @Override
        public void close() {
            sim.close();
        }
    }

    private static int optionOf(String mode) {
        return switch (mode.charAt(0)) {
            case 'R' -> Winsock.SO_REUSEADDR;
            case 'X' -> Winsock.SO_EXCLUSIVEADDRUSE;
            default -> NO_OPTION;
        };
    }

    private static InetSocketAddress addressOf(AddressFamily family, String mode) {
        return new InetSocketAddress(
                mode.endsWith("W") ? IpAddress.wildcard(family) : IpAddress.loopback(family), PORT);
    }

    private static SocketHandle socket(Winsock winsock, AddressFamily family, SocketType type, int option) {
        SocketHandle socket = winsock.socket(family.code(), type.code(), 0);
        if (option != NO_OPTION) {
            assertThat(winsock.setsockopt(socket, Winsock.SOL_SOCKET, option, 1))
                    .isZero();
        }
        return socket;
    }

    private static String bind(Winsock winsock, AddressFamily family, SocketType type, String mode) {
        SocketHandle socket = socket(winsock, family, type, optionOf(mode));
        return winsock.bind(socket, addressOf(family, mode)) == 0
                ? "OK"
                : switch (HoldingLab.lastError(winsock)) {
                    case WSAEADDRINUSE -> "INUSE";
                    case WSAEACCES -> "ACCESS";
                    default -> HoldingLab.lastError(winsock).name();
                };
    }

    /** Columns as on the page: default, SO_REUSEADDR, SO_EXCLUSIVEADDRUSE; wildcard before specific address. */
    private static final List<String> SECOND = List.of("DW", "DS", "RW", "RS", "XW", "XS");

    @ParameterizedTest
    @CsvSource({
        "DW, INUSE OK ACCESS OK INUSE OK",
        "DS, OK INUSE OK ACCESS INUSE INUSE",
        "RW, INUSE OK OK OK INUSE OK",
        "RS, OK INUSE OK OK INUSE INUSE",
        "XW, INUSE ACCESS ACCESS ACCESS INUSE ACCESS",
        "XS, OK INUSE OK ACCESS INUSE INUSE"
    })
    @Spec("WSA-62")
    void secondBind_ofTheSameAccount_endsAsTheTableSays(String first, String row) {
        assertRow(first, row, true);
    }

    @ParameterizedTest
    @CsvSource({
        "DW, INUSE ACCESS ACCESS ACCESS INUSE ACCESS",
        "DS, OK INUSE OK ACCESS INUSE INUSE",
        "RW, INUSE ACCESS OK OK INUSE ACCESS",
        "RS, OK INUSE OK OK INUSE INUSE",
        "XW, INUSE ACCESS ACCESS ACCESS INUSE ACCESS",
        "XS, OK INUSE OK ACCESS INUSE INUSE"
    })
    @Spec("WSA-62")
    void secondBind_ofAnotherAccount_endsAsTheTableSays(String first, String row) {
        assertRow(first, row, false);
    }

    private static void assertRow(String first, String row, boolean sameAccount) {
        String[] expected = row.split(" ", -1);
        for (AddressFamily family : AddressFamily.values()) {
            for (SocketType type : List.of(SocketType.SOCK_STREAM, SocketType.SOCK_DGRAM)) {
                for (int column = 0; column < expected.length; column++) {
                    try (Bench bench = new Bench()) {
                        assertThat(bind(bench.first, family, type, first)).isEqualTo("OK");
                        Winsock second = sameAccount ? bench.same : bench.other;

                        assertThat(bind(second, family, type, SECOND.get(column)))
                                .as("%s then %s, %s, %s", first, SECOND.get(column), family, type)
                                .isEqualTo(expected[column]);
                    }
                }
            }
        }
    }

    @Test
    @Spec("WSA-62")
    void tokensOfOneAdministrator_areOneAccount() {
        try (Bench bench = new Bench()) {
            Winsock filtered = bench.sim
                    .process("C:\\filtered.exe", Token.FILTERED_ADMINISTRATOR)
                    .winsock();
            assertThat(bind(bench.other, AddressFamily.AF_INET, SocketType.SOCK_STREAM, "DW"))
                    .isEqualTo("OK");
            assertThat(bind(filtered, AddressFamily.AF_INET, SocketType.SOCK_STREAM, "DS"))
                    .isEqualTo("OK");
            assertThat(bind(bench.first, AddressFamily.AF_INET, SocketType.SOCK_STREAM, "DS"))
                    .isEqualTo("ACCESS");
        }
    }

    @Test
    @Spec("WSA-62")
    void otherSpecificAddress_otherProtocolAndOtherPort_neverConflict() {
        try (Bench bench = new Bench()) {
            AddressFamily v4 = AddressFamily.AF_INET;
            assertThat(bind(bench.first, v4, SocketType.SOCK_STREAM, "XS")).isEqualTo("OK");
            assertThat(bind(bench.other, v4, SocketType.SOCK_DGRAM, "XS")).isEqualTo("OK");
            assertThat(bind(bench.other, AddressFamily.AF_INET6, SocketType.SOCK_STREAM, "XS"))
                    .isEqualTo("OK");
            InetSocketAddress elsewhere = new InetSocketAddress("127.0.0.2", PORT);
            assertThat(bench.other.bind(socket(bench.other, v4, SocketType.SOCK_STREAM, NO_OPTION), elsewhere))
                    .isZero();
        }
    }

    // ---- dual stack

    private static SocketHandle dualStack(Winsock winsock, int option) {
        SocketHandle socket = socket(winsock, AddressFamily.AF_INET6, SocketType.SOCK_STREAM, option);
        winsock.setsockopt(socket, 41, Winsock.IPV6_V6ONLY, 0);
        return socket;
    }

    @Test
    @Spec("WSA-63")
    void dualStackWildcard_needsThePortInBothStacks() {
        InetSocketAddress any = addressOf(AddressFamily.AF_INET6, "W");
        try (Bench bench = new Bench()) {
            bind(bench.first, AddressFamily.AF_INET, SocketType.SOCK_STREAM, "DW");
            assertFailed(bench.same, bench.same.bind(dualStack(bench.same, NO_OPTION), any), Win32Error.WSAEADDRINUSE);
            assertThat(bind(bench.same, AddressFamily.AF_INET6, SocketType.SOCK_STREAM, "DW"))
                    .as("an IPv6 socket needs one stack")
                    .isEqualTo("OK");
        }
        try (Bench bench = new Bench()) {
            assertThat(bench.first.bind(dualStack(bench.first, NO_OPTION), any)).isZero();
            assertThat(bind(bench.same, AddressFamily.AF_INET, SocketType.SOCK_STREAM, "DW"))
                    .isEqualTo("INUSE");
            assertThat(bind(bench.same, AddressFamily.AF_INET, SocketType.SOCK_STREAM, "DS"))
                    .isEqualTo("OK");
        }
    }

    @Test
    @Spec("WSA-63")
    void exclusiveDualStackWildcard_isDeniedByASpecificIpv4Socket() {
        try (Bench bench = new Bench()) {
            bind(bench.first, AddressFamily.AF_INET, SocketType.SOCK_STREAM, "DS");
            assertFailed(
                    bench.same,
                    bench.same.bind(
                            dualStack(bench.same, Winsock.SO_EXCLUSIVEADDRUSE), addressOf(AddressFamily.AF_INET6, "W")),
                    Win32Error.WSAEACCES);
        }
    }

    // ---- after the close

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-64")
    void exclusivePort_staysTakenForExclusiveBinds_whileAConnectionOfItIsOpen(AddressFamily family) {
        try (Bench bench = new Bench()) {
            SocketHandle listener = socket(bench.first, family, SocketType.SOCK_STREAM, Winsock.SO_EXCLUSIVEADDRUSE);
            bench.first.bind(listener, addressOf(family, "S"));
            bench.first.listen(listener, 5);
            SocketHandle client = socket(bench.same, family, SocketType.SOCK_STREAM, NO_OPTION);
            assertThat(bench.same.connect(client, addressOf(family, "S"))).isZero();
            SocketHandle accepted = bench.first.accept(listener, null);
            bench.first.closesocket(listener);

            assertThat(bind(bench.same, family, SocketType.SOCK_STREAM, "XS")).isEqualTo("INUSE");
            assertThat(bind(bench.same, family, SocketType.SOCK_STREAM, "XW")).isEqualTo("INUSE");
            bench.first.closesocket(accepted);
            assertThat(bind(bench.same, family, SocketType.SOCK_STREAM, "XS")).isEqualTo("OK");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-64")
    void exclusivePort_isFreeAtOnceForOtherBinds(AddressFamily family) {
        try (Bench bench = new Bench()) {
            SocketHandle listener = socket(bench.first, family, SocketType.SOCK_STREAM, Winsock.SO_EXCLUSIVEADDRUSE);
            bench.first.bind(listener, addressOf(family, "S"));
            bench.first.listen(listener, 5);
            bench.same.connect(socket(bench.same, family, SocketType.SOCK_STREAM, NO_OPTION), addressOf(family, "S"));
            bench.first.accept(listener, null);
            bench.first.closesocket(listener);

            assertThat(bind(bench.same, family, SocketType.SOCK_STREAM, "DS")).isEqualTo("OK");
        }
    }

    // ---- the options themselves

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-66")
    void exclusiveUse_isRefusedOnABoundSocket_andBesideReuse(AddressFamily family) {
        try (Bench bench = new Bench()) {
            Winsock winsock = bench.first;
            SocketHandle bound = socket(winsock, family, SocketType.SOCK_STREAM, NO_OPTION);
            winsock.bind(bound, addressOf(family, "S"));
            assertInval(winsock, bound, Winsock.SO_EXCLUSIVEADDRUSE);
            SocketHandle reusing = socket(winsock, family, SocketType.SOCK_DGRAM, Winsock.SO_REUSEADDR);
            assertInval(winsock, reusing, Winsock.SO_EXCLUSIVEADDRUSE);
            SocketHandle exclusive = socket(winsock, family, SocketType.SOCK_DGRAM, Winsock.SO_EXCLUSIVEADDRUSE);
            assertInval(winsock, exclusive, Winsock.SO_REUSEADDR);

            assertThat(winsock.setsockopt(bound, Winsock.SOL_SOCKET, Winsock.SO_REUSEADDR, 1))
                    .isZero();
            assertThat(bind(bench.same, family, SocketType.SOCK_STREAM, "RS"))
                    .as("it was set too late")
                    .isEqualTo("ACCESS");
        }
    }

    private static void assertInval(Winsock winsock, SocketHandle socket, int option) {
        assertFailed(winsock, winsock.setsockopt(socket, Winsock.SOL_SOCKET, option, 1), Win32Error.WSAEINVAL);
    }

    // ---- who gets what comes

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-66")
    void sharedListeners_theFirstGetsConnections_andThenTheNext(AddressFamily family) {
        try (Bench bench = new Bench()) {
            InetSocketAddress address = addressOf(family, "S");
            SocketHandle[] listeners = new SocketHandle[2];
            for (int i = 0; i < 2; i++) {
                listeners[i] = socket(bench.first, family, SocketType.SOCK_STREAM, Winsock.SO_REUSEADDR);
                assertThat(bench.first.bind(listeners[i], address)).isZero();
                assertThat(bench.first.listen(listeners[i], 5)).isZero();
                HoldingLab.nonBlocking(bench.first, listeners[i]);
            }
            for (SocketHandle expected : listeners) {
                SocketHandle client = socket(bench.same, family, SocketType.SOCK_STREAM, NO_OPTION);
                assertThat(bench.same.connect(client, address)).isZero();
                assertThat(bench.first.accept(expected, null)).isNotEqualTo(SocketHandle.INVALID_SOCKET);
                bench.first.closesocket(expected);
            }
            SocketHandle late = socket(bench.same, family, SocketType.SOCK_STREAM, NO_OPTION);
            assertFailed(bench.same, bench.same.connect(late, address), Win32Error.WSAECONNREFUSED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-66")
    void sharedDatagramSockets_theFirstGetsWhatComes_whicheverClosesFirst(AddressFamily family) {
        for (int gone = 0; gone < 2; gone++) {
            try (Bench bench = new Bench()) {
                InetSocketAddress address = addressOf(family, "S");
                SocketHandle[] receivers = new SocketHandle[2];
                for (int i = 0; i < 2; i++) {
                    receivers[i] = socket(bench.first, family, SocketType.SOCK_DGRAM, Winsock.SO_REUSEADDR);
                    assertThat(bench.first.bind(receivers[i], address)).isZero();
                    HoldingLab.nonBlocking(bench.first, receivers[i]);
                }
                SocketHandle sender = socket(bench.same, family, SocketType.SOCK_DGRAM, NO_OPTION);
                bench.same.sendto(sender, bytes("one"), 0, address);
                assertFailed(
                        bench.first,
                        bench.first.recv(receivers[1], ByteBuffer.allocate(9), 0),
                        Win32Error.WSAEWOULDBLOCK);
                assertThat(bench.first.recvfrom(receivers[0], ByteBuffer.allocate(9), 0, Out.empty()))
                        .isEqualTo(3);

                bench.first.closesocket(receivers[gone]);
                bench.same.sendto(sender, bytes("two"), 0, address);
                assertThat(bench.first.recv(receivers[1 - gone], ByteBuffer.allocate(9), 0))
                        .isEqualTo(3);
            }
        }
    }
}
