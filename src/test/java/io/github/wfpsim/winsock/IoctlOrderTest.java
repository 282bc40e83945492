package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The order of WSA-42 as a table: each row is one cause that a call can be given. Alone it gives its own error, and of
 * any two the earlier wins. The call that is in progress is made inside an asynchronous procedure call.
 */
@Timeout(60)
@Spec({"WSA-01", "WSA-25", "WSA-42"})
class IoctlOrderTest {

    private static final int UNKNOWN_CODE = 0x98000001;
    private static final int ROOMY = 4096;

    /** Causes of a failing query, in the order of the rule. */
    enum QueryCause {
        NOT_INITIALISED(Win32Error.WSANOTINITIALISED),
        NETWORK_DOWN(Win32Error.WSAENETDOWN),
        IN_PROGRESS(Win32Error.WSAEINPROGRESS),
        NO_SUCH_SOCKET(Win32Error.WSAENOTSOCK),
        MALFORMED_CODE(Win32Error.WSAEINVAL),
        UNKNOWN(Win32Error.WSAEOPNOTSUPP),
        NULL_OUTPUT(Win32Error.WSAEFAULT),
        SIZE_TWO(Win32Error.WSAEINVAL),
        UNCOVERED_PROTOCOL(Win32Error.WSAENOPROTOOPT),
        UNCONNECTED(Win32Error.WSAENOTCONN),
        NOT_REDIRECTED(Win32Error.FWP_E_NOT_FOUND),
        NOT_TARGET(Win32Error.WSAEACCES),
        NO_CONTEXT(Win32Error.FWP_E_NOT_FOUND),
        OVERSIZED_CONTEXT(Win32Error.WSAEINVAL),
        SIZE_FOUR(Win32Error.ERROR_INSUFFICIENT_BUFFER);

        private final Win32Error error;

        QueryCause(Win32Error error) {
            this.error = error;
        }

        boolean concernsContextOnly() {
            return this == NO_CONTEXT || this == OVERSIZED_CONTEXT;
        }
    }

    /** Causes of a failing SET, in the order of the rule. */
    enum SetCause {
        NOT_INITIALISED(Win32Error.WSANOTINITIALISED),
        NETWORK_DOWN(Win32Error.WSAENETDOWN),
        IN_PROGRESS(Win32Error.WSAEINPROGRESS),
        NO_SUCH_SOCKET(Win32Error.WSAENOTSOCK),
        MALFORMED_CODE(Win32Error.WSAEINVAL),
        UNKNOWN(Win32Error.WSAEOPNOTSUPP),
        NULL_INPUT(Win32Error.WSAEFAULT),
        WITH_OUTPUT(Win32Error.WSAEINVAL),
        DATAGRAM_SOCKET(Win32Error.WSAEINVAL),
        BOUND_SOCKET(Win32Error.WSAEINVAL),
        NOT_ELEVATED(Win32Error.WSAEACCES),
        OVERFLOWING_RECORD(Win32Error.WSAEINVAL),
        ALTERED_RECORD(Win32Error.WSAEACCES);

        private final Win32Error error;

        SetCause(Win32Error error) {
            this.error = error;
        }
    }

    static List<Arguments> queryPairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (AddressFamily family : AddressFamily.values()) {
            for (int code : new int[] {RedirectLab.RECORDS, RedirectLab.CONTEXT}) {
                for (QueryCause first : QueryCause.values()) {
                    for (QueryCause second : EnumSet.range(first, QueryCause.SIZE_FOUR)) {
                        if (canBeCombined(code, first, second)) {
                            pairs.add(Arguments.of(family, code, first, second));
                        }
                    }
                }
            }
        }
        return pairs;
    }

    private static boolean canBeCombined(int code, QueryCause first, QueryCause second) {
        boolean contextOnly = first.concernsContextOnly() || second.concernsContextOnly();
        boolean contradictory = first == QueryCause.NO_CONTEXT && second == QueryCause.OVERSIZED_CONTEXT;
        return !contradictory && (code == RedirectLab.CONTEXT || !contextOnly);
    }

    static List<Arguments> setPairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (AddressFamily family : AddressFamily.values()) {
            for (SetCause first : SetCause.values()) {
                for (SetCause second : EnumSet.range(first, SetCause.ALTERED_RECORD)) {
                    pairs.add(Arguments.of(family, first, second));
                }
            }
        }
        return pairs;
    }

    @ParameterizedTest(name = "{0} {1}: {2} and {3}")
    @MethodSource("queryPairs")
    void query_withTwoCauses_failsWithTheEarlier(AddressFamily family, int code, QueryCause first, QueryCause second) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Outcome outcome = query(lab, code, EnumSet.of(first, second));

            assertThat(outcome.result()).isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(outcome.lastError()).isEqualTo(first.error.code());
            boolean lengthTold = first == QueryCause.SIZE_FOUR;
            assertThat(outcome.count() > 0).as("count %d", outcome.count()).isEqualTo(lengthTold);
        }
    }

    private static Outcome query(RedirectLab lab, int code, Set<QueryCause> causes) {
        SocketHandle socket = socketFor(lab, causes);
        if (causes.contains(QueryCause.NO_SUCH_SOCKET)) {
            socket = new SocketHandle(3);
        }
        int effectiveCode = causes.contains(QueryCause.UNKNOWN) ? UNKNOWN_CODE : code;
        if (causes.contains(QueryCause.MALFORMED_CODE)) {
            effectiveCode = 0;
        }
        int size = causes.contains(QueryCause.SIZE_FOUR) ? 4 : ROOMY;
        if (causes.contains(QueryCause.SIZE_TWO)) {
            size = 2;
        }
        lab.sim.setNetworkUp(!causes.contains(QueryCause.NETWORK_DOWN));
        Winsock winsock = lab.proxy.winsock();
        if (causes.contains(QueryCause.NOT_INITIALISED)) {
            winsock.wsaCleanup();
        }
        ByteBuffer out = causes.contains(QueryCause.NULL_OUTPUT) ? null : ByteBuffer.allocate(ROOMY);
        SocketHandle asked = socket;
        int room = size;
        int askedCode = effectiveCode;
        return called(
                winsock,
                causes.contains(QueryCause.IN_PROGRESS),
                () -> Outcome.ofQuery(winsock, asked, askedCode, out, room));
    }

    /** Makes a call, inside a callback of this thread if told so. */
    private static Outcome called(Winsock winsock, boolean inCallback, Supplier<Outcome> call) {
        if (!inCallback) {
            return call.get();
        }
        AtomicReference<Outcome> outcome = new AtomicReference<>();
        winsock.kernel32().queueUserApc(Thread.currentThread(), () -> outcome.set(call.get()));
        assertThat(winsock.kernel32().sleepEx(0, true)).isEqualTo(Kernel32.WAIT_IO_COMPLETION);
        return outcome.get();
    }

    private static SocketHandle socketFor(RedirectLab lab, Set<QueryCause> causes) {
        Winsock winsock = lab.proxy.winsock();
        if (causes.contains(QueryCause.UNCOVERED_PROTOCOL)) {
            return lab.uncovered(winsock);
        }
        if (causes.contains(QueryCause.UNCONNECTED)) {
            return lab.tcp(winsock);
        }
        if (causes.contains(QueryCause.NOT_REDIRECTED)) {
            return lab.plain().accepted();
        }
        if (causes.contains(QueryCause.NOT_TARGET)) {
            lab.redirectTo(lab.stranger);
        }
        if (causes.contains(QueryCause.NO_CONTEXT)) {
            lab.setContext((byte[]) null);
        }
        if (causes.contains(QueryCause.OVERSIZED_CONTEXT)) {
            lab.declareContextSize(1L << 40);
        }
        return lab.redirected().accepted();
    }

    @ParameterizedTest(name = "{0}: {1} and {2}")
    @MethodSource("setPairs")
    void set_withTwoCauses_failsWithTheEarlier(AddressFamily family, SetCause first, SetCause second) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            assertThat(set(lab, EnumSet.of(first, second))).isEqualTo(Outcome.failure(first.error));
        }
    }

    private static Outcome set(RedirectLab lab, Set<SetCause> causes) {
        byte[] record = recordFor(lab, causes);
        Winsock winsock = lab.proxy.winsock();
        SocketHandle socket = causes.contains(SetCause.DATAGRAM_SOCKET) ? lab.udp(winsock) : lab.tcp(winsock);
        if (causes.contains(SetCause.BOUND_SOCKET)) {
            assertThat(winsock.bind(socket, lab.loopback(0))).isZero();
        }
        if (causes.contains(SetCause.NO_SUCH_SOCKET)) {
            socket = new SocketHandle(3);
        }
        int code = causes.contains(SetCause.UNKNOWN) ? UNKNOWN_CODE : RedirectLab.SET;
        if (causes.contains(SetCause.MALFORMED_CODE)) {
            code = 0;
        }
        if (causes.contains(SetCause.NOT_ELEVATED)) {
            lab.proxy.setToken(Token.FILTERED_ADMINISTRATOR);
        }
        lab.sim.setNetworkUp(!causes.contains(SetCause.NETWORK_DOWN));
        if (causes.contains(SetCause.NOT_INITIALISED)) {
            winsock.wsaCleanup();
        }
        ByteBuffer in = causes.contains(SetCause.NULL_INPUT) ? null : ByteBuffer.wrap(record);
        int cbOut = causes.contains(SetCause.WITH_OUTPUT) ? 1 : 0;
        SocketHandle onward = socket;
        int askedCode = code;
        return called(
                winsock,
                causes.contains(SetCause.IN_PROGRESS),
                () -> Outcome.of(winsock, onward, askedCode, in, record.length, null, cbOut));
    }

    private static byte[] recordFor(RedirectLab lab, Set<SetCause> causes) {
        byte[] record = lab.record();
        if (causes.contains(SetCause.ALTERED_RECORD)) {
            record = lab.sim.recordForge().flipByte(record, record.length - 1);
        }
        if (causes.contains(SetCause.OVERFLOWING_RECORD)) {
            record = lab.sim.recordForge().overflowInnerLength(record);
        }
        return record;
    }
}
