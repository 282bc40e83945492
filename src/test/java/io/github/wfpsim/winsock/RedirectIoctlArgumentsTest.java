package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.RedirectLab.CONTEXT;
import static io.github.wfpsim.winsock.RedirectLab.RECORDS;
import static io.github.wfpsim.winsock.RedirectLab.SET;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What WSAIoctl asks of its arguments, and what it does to memory; each with IPv4 and IPv6. */
@Timeout(20)
class RedirectIoctlArgumentsTest {

    private static final byte SENTINEL = 0x5A;
    private static final int[] QUERIES = {RECORDS, CONTEXT};

    private static byte[] sentinels(int count) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, SENTINEL);
        return bytes;
    }

    private static int lengthOf(Winsock winsock, SocketHandle socket, int code) {
        Outcome outcome = Outcome.ofQuery(winsock, socket, code, null, 0);
        assertThat(outcome).isEqualTo(Outcome.failure(Win32Error.ERROR_INSUFFICIENT_BUFFER, outcome.count()));
        return outcome.count();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-06", "WSA-18"})
    void query_withAnyInput_ignoresIt(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            for (int code : QUERIES) {
                Outcome expected = Outcome.success(lengthOf(winsock, accepted, code));
                assertThat(expected.count()).isPositive();
                ByteBuffer out = ByteBuffer.allocate(4096);
                ByteBuffer in = ByteBuffer.allocate(3);

                assertThat(Outcome.of(winsock, accepted, code, null, 0, out, 4096))
                        .isEqualTo(expected);
                assertThat(Outcome.of(winsock, accepted, code, null, 99, out, 4096))
                        .isEqualTo(expected);
                assertThat(Outcome.of(winsock, accepted, code, in, 3, out, 4096))
                        .isEqualTo(expected);
                assertThat(Outcome.of(winsock, accepted, code, in, -1, out, 4096))
                        .isEqualTo(expected);
                assertThat(in.position()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-07", "WSA-19", "WSA-41"})
    void set_inItsCanonicalForm_succeedsWithCountZero(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock winsock = lab.proxy.winsock();
            ByteBuffer in = ByteBuffer.wrap(record);

            for (int nonBlocking : new int[] {0, 1}) {
                SocketHandle onward = lab.tcp(winsock);
                OutUlong mode = new OutUlong();
                mode.set(nonBlocking);
                assertThat(winsock.ioctlsocket(onward, ControlCode.FIONBIO.code(), mode))
                        .isZero();

                assertThat(Outcome.of(winsock, onward, SET, in, record.length, null, 0))
                        .isEqualTo(Outcome.success(0));

                assertThat(in.position()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-07")
    void set_fromRoomyBuffer_readsFromItsPositionAsMuchAsDeclared(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock winsock = lab.proxy.winsock();
            ByteBuffer in = ByteBuffer.wrap(sentinels(record.length + 64)).position(5);
            in.put(5, record);

            assertThat(Outcome.of(winsock, lab.tcp(winsock), SET, in, record.length, null, 0))
                    .isEqualTo(Outcome.success(0));
            assertThat(Outcome.of(winsock, lab.tcp(winsock), SET, in, record.length - 1, null, 0))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEACCES));

            assertThat(in.position()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-07", "WSA-08"})
    void set_withOutputOrWithoutInput_isInvalid(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock winsock = lab.proxy.winsock();
            SocketHandle onward = lab.tcp(winsock);
            ByteBuffer in = ByteBuffer.wrap(record);
            ByteBuffer out = ByteBuffer.allocate(8);
            Outcome invalid = Outcome.failure(Win32Error.WSAEINVAL);

            assertThat(Outcome.of(winsock, onward, SET, in, record.length, null, 1))
                    .isEqualTo(invalid);
            assertThat(Outcome.of(winsock, onward, SET, in, record.length, out, 8))
                    .isEqualTo(invalid);
            assertThat(Outcome.of(winsock, onward, SET, in, record.length, out, -1))
                    .isEqualTo(invalid);
            assertThat(Outcome.of(winsock, onward, SET, in, 0, null, 0)).isEqualTo(invalid);
            assertThat(Outcome.of(winsock, onward, SET, null, 0, null, 0)).isEqualTo(invalid);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-08")
    void set_withOutputPointerOfSizeZero_ignoresIt(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock winsock = lab.proxy.winsock();
            ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();

            assertThat(Outcome.of(winsock, lab.tcp(winsock), SET, ByteBuffer.wrap(record), record.length, readOnly, 0))
                    .isEqualTo(Outcome.success(0));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-13")
    void query_byRoomyBufferOrByLengthRequest_fetchesTheSameBytes(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            for (int code : QUERIES) {
                ByteBuffer roomy = ByteBuffer.allocate(1024);
                Outcome outcome = Outcome.ofQuery(winsock, accepted, code, roomy, 1024);
                int length = lengthOf(winsock, accepted, code);
                ByteBuffer exact = ByteBuffer.allocate(length);
                Outcome.ofQuery(winsock, accepted, code, exact, length);

                assertThat(outcome).isEqualTo(Outcome.success(length));
                assertThat(roomy.slice(0, length)).isEqualTo(exact);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-15", "WSA-17"})
    void query_ofTwoByteContext_announcesTwoButNeedsRoomForFour(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            lab.setContext((byte) 1, (byte) 2);
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            ByteBuffer out = ByteBuffer.wrap(sentinels(8));

            assertThat(lengthOf(winsock, accepted, CONTEXT)).isEqualTo(2);
            assertThat(Outcome.ofQuery(winsock, accepted, CONTEXT, out, 2))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEINVAL));
            assertThat(out.array()).containsOnly(SENTINEL);
            assertThat(Outcome.ofQuery(winsock, accepted, CONTEXT, out, 4)).isEqualTo(Outcome.success(2));
            assertThat(out.array()).startsWith(1, 2, SENTINEL, SENTINEL);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-20")
    void query_intoUnalignedSliceOrDirectBuffer_writesThere(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            for (int query : QUERIES) {
                int length = lengthOf(winsock, accepted, query);
                ByteBuffer aligned = ByteBuffer.allocate(length);
                Outcome.ofQuery(winsock, accepted, query, aligned, length);
                ByteBuffer memory = ByteBuffer.wrap(sentinels(length + 10));
                memory.position(3).limit(length + 3);
                ByteBuffer direct = ByteBuffer.allocateDirect(length + 1).position(1);

                assertThat(Outcome.ofQuery(winsock, accepted, query, memory, length))
                        .isEqualTo(Outcome.success(length));
                assertThat(Outcome.ofQuery(winsock, accepted, query, direct, length))
                        .isEqualTo(Outcome.success(length));

                assertThat(memory.position()).as("position stays").isEqualTo(3);
                assertThat(memory).isEqualTo(aligned).isEqualTo(direct);
                assertThat(Arrays.copyOf(memory.array(), 3)).containsOnly(SENTINEL);
                assertThat(Arrays.copyOfRange(memory.array(), length + 3, length + 10))
                        .containsOnly(SENTINEL);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-21")
    void query_thatFails_writesNothing(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            byte[] memory = sentinels(4096);
            ByteBuffer out = ByteBuffer.wrap(memory);

            int length = lengthOf(winsock, accepted, RECORDS);

            assertThat(Outcome.ofQuery(winsock, accepted, RECORDS, out, length - 1))
                    .isEqualTo(Outcome.failure(Win32Error.ERROR_INSUFFICIENT_BUFFER, length));
            assertThat(Outcome.ofQuery(winsock, accepted, RECORDS, out, 5000).result())
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(Outcome.ofQuery(winsock, lab.plain().accepted(), RECORDS, out, 4096))
                    .isEqualTo(Outcome.failure(Win32Error.FWP_E_NOT_FOUND));
            lab.redirectTo(lab.stranger);
            assertThat(Outcome.ofQuery(winsock, lab.redirected().accepted(), RECORDS, out, 4096))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEACCES));

            assertThat(memory).containsOnly(SENTINEL);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-22")
    void wsaIoctl_withoutPlaceForTheCount_failsWithFault(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            byte[] memory = sentinels(4096);
            ByteBuffer in = ByteBuffer.wrap(record);
            ByteBuffer out = ByteBuffer.wrap(memory);
            SocketHandle onward = lab.tcp(winsock);

            assertThat(winsock.wsaIoctl(accepted, RECORDS, null, 0, out, 4096, null))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAEFAULT.code());
            assertThat(memory).containsOnly(SENTINEL);
            winsock.wsaSetLastError(0);
            assertThat(winsock.wsaIoctl(onward, SET, in, record.length, null, 0, null))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAEFAULT.code());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, WSAEINVAL",
        "0x1, WSAEINVAL",
        "0x180000DC, WSAEINVAL",
        "0x980000DB, WSAEOPNOTSUPP",
        "0x580000DC, WSAEOPNOTSUPP",
        "0x48000006, WSAEOPNOTSUPP",
        "0xCF000002, WSAEOPNOTSUPP",
        "0x20000000, WSAEOPNOTSUPP"
    })
    @Spec({"WSA-27", "WSA-28"})
    void wsaIoctl_withMalformedOrUnknownCode_isRefusedWithoutLookingAtMemory(long code, Win32Error expected) {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            SocketHandle accepted = lab.redirected().accepted();

            assertThat(Outcome.of(lab.proxy.winsock(), accepted, (int) code, null, 9, null, 9))
                    .isEqualTo(Outcome.failure(expected));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIO_WSK_SET_REMOTE_ADDRESS", "SIO_WSK_QUERY_INSPECT_ID", "SIO_WSK_SET_TCP_SILENT_MODE"})
    @Spec("WSA-28")
    void wsaIoctl_withCodesOfKernelSockets_isNotSupported(ControlCode code) {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            assertThat(Outcome.ofQuery(lab.proxy.winsock(), lab.listener, code.code()))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEOPNOTSUPP));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-29")
    void query_intoMemoryThatIsNotTheCallers_failsWithFault(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.redirected().accepted();
            Winsock winsock = lab.proxy.winsock();
            Outcome fault = Outcome.failure(Win32Error.WSAEFAULT);
            ByteBuffer out = ByteBuffer.allocate(4096);
            for (int code : QUERIES) {
                assertThat(Outcome.ofQuery(winsock, accepted, code, null, 1)).isEqualTo(fault);
                assertThat(Outcome.ofQuery(winsock, accepted, code, null, 4096)).isEqualTo(fault);
                assertThat(Outcome.ofQuery(winsock, accepted, code, out, 4097)).isEqualTo(fault);
                assertThat(Outcome.ofQuery(winsock, accepted, code, out, -1)).isEqualTo(fault);
                ByteBuffer later = out.duplicate().position(1);
                assertThat(Outcome.ofQuery(winsock, accepted, code, later, 4096))
                        .isEqualTo(fault);
                ByteBuffer readOnly = out.asReadOnlyBuffer();
                assertThat(Outcome.ofQuery(winsock, accepted, code, readOnly, 4096))
                        .isEqualTo(fault);
                assertThat(Outcome.ofQuery(winsock, accepted, code, readOnly, 0).lastError())
                        .as("nothing is written for a length request")
                        .isEqualTo(Win32Error.ERROR_INSUFFICIENT_BUFFER.code());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-29")
    void set_fromMemoryThatIsNotTheCallers_failsWithFault(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock winsock = lab.proxy.winsock();
            SocketHandle onward = lab.tcp(winsock);
            ByteBuffer in = ByteBuffer.wrap(record);
            Outcome fault = Outcome.failure(Win32Error.WSAEFAULT);

            assertThat(Outcome.of(winsock, onward, SET, null, 1, null, 0)).isEqualTo(fault);
            assertThat(Outcome.of(winsock, onward, SET, in, record.length + 1, null, 0))
                    .isEqualTo(fault);
            assertThat(Outcome.of(winsock, onward, SET, in, -1, null, 0)).isEqualTo(fault);
            ByteBuffer readOnly = in.asReadOnlyBuffer();
            assertThat(Outcome.of(winsock, onward, SET, readOnly, record.length, null, 0))
                    .as("input is only read")
                    .isEqualTo(Outcome.success(0));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-41")
    void query_onNonBlockingSocket_answersAsOnABlockingOne(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            SocketHandle accepted = lab.redirected().accepted();
            SocketHandle plain = lab.plain().accepted();
            Winsock winsock = lab.proxy.winsock();
            Outcome redirectedBefore = Outcome.ofQuery(winsock, accepted, RECORDS);
            Outcome plainBefore = Outcome.ofQuery(winsock, plain, RECORDS);
            OutUlong on = new OutUlong();
            on.set(1);
            winsock.ioctlsocket(accepted, ControlCode.FIONBIO.code(), on);
            winsock.ioctlsocket(plain, ControlCode.FIONBIO.code(), on);

            assertThat(Outcome.ofQuery(winsock, accepted, RECORDS)).isEqualTo(redirectedBefore);
            assertThat(Outcome.ofQuery(winsock, plain, RECORDS)).isEqualTo(plainBefore);
        }
    }
}
