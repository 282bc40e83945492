package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.RedirectLab.CONTEXT;
import static io.github.wfpsim.winsock.RedirectLab.RECORDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every output size from 0 to one more than the data, in the profile of the field, both queries, both families;
 * the documented profile is in the room {@code doors}. */
@Timeout(20)
class IoctlSizeSweepTest {

    private static final byte SENTINEL = 0x5A;

    static Stream<Arguments> familiesAndQueries() {
        return Stream.of(AddressFamily.values())
                .flatMap(family -> Stream.of(Arguments.of(family, RECORDS), Arguments.of(family, CONTEXT)));
    }

    private static SimOptions observed() {
        return SimOptions.defaults().with(Deviation.WINSOCK_ERRORS_OBSERVED);
    }

    private static SimOptions literal() {
        return SimOptions.defaults().with(Deviation.WINSOCK_SIZE_ERRORS_LITERAL);
    }

    private static int fullLength(RedirectLab lab, SocketHandle accepted, int code) {
        Outcome all = Outcome.ofQuery(lab.proxy.winsock(), accepted, code);
        assertThat(all.result()).isZero();
        return all.count();
    }

    private static Outcome queryOfSize(RedirectLab lab, SocketHandle accepted, int code, int size, boolean copies) {
        byte[] memory = new byte[size + 16];
        Arrays.fill(memory, SENTINEL);
        Outcome outcome = Outcome.ofQuery(lab.proxy.winsock(), accepted, code, ByteBuffer.wrap(memory), size);
        byte[] tail = copies ? Arrays.copyOfRange(memory, outcome.count(), memory.length) : memory;
        assertThat(tail).as("memory that size %d leaves alone", size).containsOnly(SENTINEL);
        return outcome;
    }

    @ParameterizedTest
    @MethodSource("familiesAndQueries")
    @Spec("WSA-57")
    void query_ofAnySizeInObservedProfile_failsWithFaultAndTheLength(AddressFamily family, int code) {
        try (RedirectLab lab = RedirectLab.open(family, observed())) {
            SocketHandle accepted = lab.redirected().accepted();
            int length = fullLength(lab, accepted, code);
            for (int size = 0; size <= length + 1; size++) {
                Outcome expected =
                        size >= length ? Outcome.success(length) : Outcome.failure(Win32Error.WSAEFAULT, length);

                assertThat(queryOfSize(lab, accepted, code, size, size >= length))
                        .as("size %d of %d", size, length)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("familiesAndQueries")
    @Spec("WSA-58")
    void query_ofAnySizeInLiteralProfile_failsWithInvalAndNoLength_butSizeZeroAsksForIt(
            AddressFamily family, int code) {
        try (RedirectLab lab = RedirectLab.open(family, literal())) {
            SocketHandle accepted = lab.redirected().accepted();
            int length = fullLength(lab, accepted, code);
            assertThat(queryOfSize(lab, accepted, code, 0, false))
                    .isEqualTo(Outcome.failure(Win32Error.ERROR_INSUFFICIENT_BUFFER, length));
            for (int size = 1; size <= length + 1; size++) {
                Outcome expected = size >= length ? Outcome.success(length) : Outcome.failure(Win32Error.WSAEINVAL);

                assertThat(queryOfSize(lab, accepted, code, size, size >= length))
                        .as("size %d of %d", size, length)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("familiesAndQueries")
    @Spec("WSA-58")
    void overlappedQuery_inLiteralProfile_tellsNoLengthEither(AddressFamily family, int code) {
        try (RedirectLab lab = RedirectLab.open(family, literal())) {
            SocketHandle accepted = lab.redirected().accepted();
            OverlappedWinsock overlapped = lab.proxy.winsock().overlapped();
            WsaOverlapped call = overlapped.newOverlapped();

            assertThat(overlapped.wsaIoctl(accepted, code, null, 0, ByteBuffer.allocate(4), 4, null, call, null))
                    .isEqualTo(Winsock.SOCKET_ERROR);

            assertThat(overlapped.wsaGetOverlappedResult(accepted, call, new OutUlong(), true, new OutUlong()))
                    .isFalse();
            assertThat(lab.proxy.winsock().wsaGetLastError()).isEqualTo(Win32Error.WSAEINVAL.code());
            assertThat(call.internalHigh()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-17", "WSA-57"})
    void query_ofTwoByteContextInObservedProfile_needsRoomForFour(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family, observed())) {
            lab.setContext((byte) 1, (byte) 2);
            SocketHandle accepted = lab.redirected().accepted();

            for (int size = 0; size <= 3; size++) {
                assertThat(queryOfSize(lab, accepted, CONTEXT, size, false))
                        .isEqualTo(Outcome.failure(Win32Error.WSAEFAULT, 2));
            }
            assertThat(queryOfSize(lab, accepted, CONTEXT, 4, true)).isEqualTo(Outcome.success(2));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-33", "WSA-34", "WSA-57"})
    void query_withNothingToFind_failsWithTheCodeOfTheProfile(AddressFamily family) {
        assertNotFound(family, SimOptions.defaults(), Win32Error.FWP_E_NOT_FOUND);
        assertNotFound(
                family, SimOptions.defaults().with(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND), Win32Error.ERROR_NOT_FOUND);
        assertNotFound(family, observed(), Win32Error.WSAEINVAL);
        assertThat(Win32Error.FWP_E_NOT_FOUND.code()).isEqualTo(-2144206840);
    }

    private static void assertNotFound(AddressFamily family, SimOptions options, Win32Error expected) {
        try (RedirectLab lab = RedirectLab.open(family, options)) {
            Winsock proxy = lab.proxy.winsock();
            Outcome notFound = Outcome.failure(expected);
            SocketHandle plain = lab.plain().accepted();
            assertThat(Outcome.ofQuery(proxy, plain, RECORDS)).isEqualTo(notFound);
            assertThat(Outcome.ofQuery(proxy, plain, CONTEXT)).isEqualTo(notFound);

            RedirectLab.Connection redirected = lab.redirected();
            assertThat(Outcome.ofQuery(redirected.clientSide(), redirected.client(), RECORDS))
                    .as("originating end")
                    .isEqualTo(notFound);
            assertThat(Outcome.ofQuery(redirected.clientSide(), redirected.client(), CONTEXT))
                    .as("originating end")
                    .isEqualTo(notFound);

            lab.setContext((byte[]) null);
            SocketHandle withoutContext = lab.redirected().accepted();
            assertThat(Outcome.ofQuery(proxy, withoutContext, CONTEXT)).isEqualTo(notFound);
            assertThat(Outcome.ofQuery(proxy, withoutContext, RECORDS).result()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-57")
    void query_inObservedProfile_keepsEveryOtherCode(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family, observed())) {
            Winsock proxy = lab.proxy.winsock();
            assertThat(Outcome.ofQuery(proxy, lab.listener, RECORDS))
                    .isEqualTo(Outcome.failure(Win32Error.WSAENOTCONN));
            assertThat(Outcome.ofQuery(proxy, lab.uncovered(proxy), RECORDS))
                    .isEqualTo(Outcome.failure(Win32Error.WSAENOPROTOOPT));
            SocketHandle accepted = lab.redirected().accepted();
            assertThat(Outcome.ofQuery(proxy, accepted, RECORDS, null, 2))
                    .as("memory comes before sizes, and without a length")
                    .isEqualTo(Outcome.failure(Win32Error.WSAEFAULT));
            lab.redirectTo(lab.stranger);
            assertThat(Outcome.ofQuery(proxy, lab.redirected().accepted(), RECORDS))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEACCES));
        }
    }

    @ParameterizedTest
    @MethodSource("familiesAndQueries")
    @Spec({"WSA-57", "WSA-58"})
    void growingClientOfEitherKind_inItsProfile_endsWithTheSameBytes(AddressFamily family, int code) {
        byte[] documented = growUntilItFits(family, code, SimOptions.defaults(), Win32Error.ERROR_INSUFFICIENT_BUFFER);
        byte[] fromField = growUntilItFits(family, code, observed(), Win32Error.WSAEFAULT);
        byte[] byTheLetter = growUntilItFits(family, code, literal(), Win32Error.WSAEINVAL);

        // Records carry the identity of their machine, so only lengths can be compared across machines.
        assertThat(fromField).hasSameSizeAs(documented);
        assertThat(byTheLetter).hasSameSizeAs(documented);
        if (code == CONTEXT) {
            assertThat(fromField).isEqualTo(documented);
        }
    }

    private static byte[] growUntilItFits(AddressFamily family, int code, SimOptions options, Win32Error tooSmall) {
        try (RedirectLab lab = RedirectLab.open(family, options)) {
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            OutUlong count = new OutUlong();
            ByteBuffer room = ByteBuffer.allocate(4);
            while (winsock.wsaIoctl(accepted, code, null, 0, room, room.capacity(), count) != 0) {
                assertThat(winsock.wsaGetLastError()).isEqualTo(tooSmall.code());
                room = ByteBuffer.allocate(room.capacity() * 2);
            }
            ByteBuffer roomy = ByteBuffer.allocate(8192);
            winsock.wsaIoctl(accepted, code, null, 0, roomy, 8192, count);
            assertThat(room.slice(0, count.value())).isEqualTo(roomy.slice(0, count.value()));
            return Arrays.copyOf(room.array(), count.value());
        }
    }
}
