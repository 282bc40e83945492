package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.RedirectLab;
import io.github.wfpsim.winsock.SimSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The order of WSK-10 as a table: each row is one cause that a call can be given. Alone it gives its own status and fault,
 * and of any two the earlier wins.
 */
@Timeout(60)
@Spec("WSK-10")
class ControlOrderTest {

    private static final int UNKNOWN_CODE = 0x98000001;
    private static final int ROOMY = 4096;
    private static final int PORT = 8081;
    private static final NtStatus INVALID = NtStatus.STATUS_INVALID_PARAMETER;
    private static final NtStatus NO_REQUEST = NtStatus.STATUS_INVALID_DEVICE_REQUEST;

    /** Causes of a failing query, in the order of the rule. */
    enum QueryCause {
        TOO_HIGH_IRQL(INVALID, Fault.IRQL_TOO_HIGH),
        NO_ROUTINE(INVALID, Fault.IRP_NO_COMPLETION_ROUTINE),
        CLOSED(NtStatus.STATUS_INVALID_DEVICE_STATE, Fault.SOCKET_USED_AFTER_CLOSE),
        RESET(NtStatus.STATUS_FILE_FORCED_CLOSED, null),
        OPTION_TYPE(INVALID, null),
        UNKNOWN(NO_REQUEST, null),
        OLD_WINDOWS(NO_REQUEST, null),
        WRONG_CATEGORY(NO_REQUEST, null),
        WITH_INPUT(INVALID, null),
        NOT_REDIRECTED(NtStatus.STATUS_NOT_FOUND, null),
        NOT_TARGET(NtStatus.STATUS_ACCESS_DENIED, null),
        NO_CONTEXT(NtStatus.STATUS_NOT_FOUND, null),
        OVERSIZED_CONTEXT(NtStatus.STATUS_INTEGER_OVERFLOW, null),
        SIZE_FOUR(NtStatus.STATUS_BUFFER_TOO_SMALL, null);

        private final NtStatus status;
        private final @Nullable Fault fault;

        QueryCause(NtStatus status, @Nullable Fault fault) {
            this.status = status;
            this.fault = fault;
        }

        boolean concernsContextOnly() {
            return this == NO_CONTEXT || this == OVERSIZED_CONTEXT;
        }
    }

    /** Causes of a failing SET, in the order of the rule. */
    enum SetCause {
        TOO_HIGH_IRQL(INVALID, Fault.IRQL_TOO_HIGH),
        NO_ROUTINE(INVALID, Fault.IRP_NO_COMPLETION_ROUTINE),
        CLOSED(NtStatus.STATUS_INVALID_DEVICE_STATE, Fault.SOCKET_USED_AFTER_CLOSE),
        OPTION_TYPE(INVALID, null),
        UNKNOWN(NO_REQUEST, null),
        OLD_WINDOWS(NO_REQUEST, null),
        WRONG_CATEGORY(NO_REQUEST, null),
        WITH_OUTPUT(INVALID, null),
        BOUND_SOCKET(NtStatus.STATUS_INVALID_DEVICE_STATE, null),
        OVERFLOWING_RECORD(NtStatus.STATUS_INTEGER_OVERFLOW, null),
        ALTERED_RECORD(NtStatus.STATUS_ACCESS_DENIED, null);

        private final NtStatus status;
        private final @Nullable Fault fault;

        SetCause(NtStatus status, @Nullable Fault fault) {
            this.status = status;
            this.fault = fault;
        }
    }

    static List<Arguments> queryPairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (AddressFamily family : AddressFamily.values()) {
            for (int code : new int[] {ControlBench.RECORDS, ControlBench.CONTEXT}) {
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
        // A socket of another category has no connection that could be reset.
        boolean impossible = first == QueryCause.RESET && second == QueryCause.WRONG_CATEGORY;
        return !contradictory && !impossible && (code == ControlBench.CONTEXT || !contextOnly);
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

    /** One call with an IRP that may lack its routine. */
    private interface Call {
        NtStatus with(Irp irp);
    }

    private static IoStatus make(WskBench bench, Call call, boolean tooHigh, boolean withoutRoutine) {
        if (!tooHigh && !withoutRoutine) {
            WskBench.Sent sent = bench.send(call::with);
            IoStatus outcome = sent.outcome();
            if (sent.returned != NtStatus.STATUS_PENDING) {
                assertThat(sent.returned).isEqualTo(outcome.status());
            }
            return outcome;
        }
        Irp irp = bench.driver.io().ioAllocateIrp(1, false);
        if (!withoutRoutine) {
            bench.driver.io().ioSetCompletionRoutine(irp, (d, i, c) -> null, null, true, true, true);
        }
        NtStatus[] returned = new NtStatus[1];
        bench.sim.irql().runAt(tooHigh ? Irql.DISPATCH_LEVEL : Irql.PASSIVE_LEVEL, () -> returned[0] = call.with(irp));
        bench.driver.io().ioFreeIrp(irp);
        return new IoStatus(returned[0], 0);
    }

    private static SimOptions options(boolean old) {
        return SimOptions.defaults()
                .faultMode(FaultMode.RECORD)
                .windowsVersion(
                        old ? WindowsVersion.WINDOWS_7 : SimOptions.defaults().windowsVersion());
    }

    @ParameterizedTest(name = "{0} {1}: {2} and {3}")
    @MethodSource("queryPairs")
    void query_withTwoCauses_failsWithTheEarlier(AddressFamily family, int code, QueryCause first, QueryCause second)
            throws Exception {
        Set<QueryCause> causes = EnumSet.of(first, second);
        try (RedirectLab lab = RedirectLab.open(family, options(causes.contains(QueryCause.OLD_WINDOWS)))) {
            WskBench bench = new WskBench(family, lab.sim);
            WskSocket socket = bare(lab, bench, causes);
            if (causes.contains(QueryCause.CLOSED)) {
                bench.close(socket);
            }
            int effective = causes.contains(QueryCause.UNKNOWN) ? UNKNOWN_CODE : code;
            int size = causes.contains(QueryCause.SIZE_FOUR) ? 4 : ROOMY;
            WskControlRequestType type = causes.contains(QueryCause.OPTION_TYPE)
                    ? WskControlRequestType.WskGetOption
                    : WskControlRequestType.WskIoctl;
            ByteBuffer in = causes.contains(QueryCause.WITH_INPUT) ? ByteBuffer.allocate(4) : null;
            OutUlong returned = new OutUlong();

            IoStatus outcome = make(
                    bench,
                    irp -> socket.wskControlSocket(
                            type,
                            effective,
                            0,
                            in == null ? 0 : 4,
                            WskBench.memory(in),
                            size,
                            WskControlBuffer.of(ByteBuffer.allocate(ROOMY)),
                            returned,
                            irp),
                    causes.contains(QueryCause.TOO_HIGH_IRQL),
                    causes.contains(QueryCause.NO_ROUTINE));

            boolean unknownOption = first == QueryCause.OPTION_TYPE && second == QueryCause.UNKNOWN;
            assertThat(outcome.status()).isEqualTo(unknownOption ? NtStatus.STATUS_NOT_SUPPORTED : first.status);
            assertThat(bench.faults())
                    .containsExactlyElementsOf(first.fault == null ? List.of() : List.of(first.fault));
            boolean lengthTold = first == QueryCause.SIZE_FOUR;
            assertThat(outcome.information() > 0).isEqualTo(lengthTold);
            assertThat(returned.unsigned()).isEqualTo(outcome.information());
        }
    }

    private static WskSocket bare(RedirectLab lab, WskBench bench, Set<QueryCause> causes) throws Exception {
        if (causes.contains(QueryCause.WRONG_CATEGORY)) {
            return bench.socket(WskFlags.WSK_FLAG_DATAGRAM_SOCKET, 2, WskBench.UDP, lab.proxy.id());
        }
        WskListenSocket listener = bench.listener(PORT, lab.proxy.id());
        lab.redirectTo(lab.loopback(PORT));
        if (causes.contains(QueryCause.NOT_TARGET)) {
            lab.redirectTo(lab.stranger);
        }
        if (causes.contains(QueryCause.NO_CONTEXT)) {
            lab.setContext((byte[]) null);
        }
        if (causes.contains(QueryCause.OVERSIZED_CONTEXT)) {
            lab.declareContextSize(1L << 40);
        }
        boolean plain = causes.contains(QueryCause.NOT_REDIRECTED) || causes.contains(QueryCause.OLD_WINDOWS);
        SimSocket client = (plain ? lab.stranger : lab.browser)
                .winsock()
                .tcpSocket(lab.family)
                .connect(plain ? lab.loopback(PORT) : lab.origin());
        WskSocket accepted = bench.accept(listener);
        if (causes.contains(QueryCause.RESET)) {
            client.abort();
        }
        return accepted;
    }

    @ParameterizedTest(name = "{0}: {1} and {2}")
    @MethodSource("setPairs")
    void set_withTwoCauses_failsWithTheEarlier(AddressFamily family, SetCause first, SetCause second) {
        Set<SetCause> causes = EnumSet.of(first, second);
        boolean old = causes.contains(SetCause.OLD_WINDOWS);
        try (RedirectLab lab = RedirectLab.open(family, options(old))) {
            WskBench bench = new WskBench(family, lab.sim);
            ByteBuffer in = ByteBuffer.wrap(old ? new byte[80] : recordFor(lab, causes));
            WskSocket socket = toSetOn(lab, bench, causes);
            int code = causes.contains(SetCause.UNKNOWN) ? UNKNOWN_CODE : ControlBench.SET;
            WskControlRequestType type = causes.contains(SetCause.OPTION_TYPE)
                    ? WskControlRequestType.WskSetOption
                    : WskControlRequestType.WskIoctl;
            OutUlong returned = causes.contains(SetCause.WITH_OUTPUT) ? new OutUlong() : null;

            IoStatus outcome = make(
                    bench,
                    irp -> socket.wskControlSocket(
                            type, code, 0, in.remaining(), WskBench.memory(in), 0, null, returned, irp),
                    causes.contains(SetCause.TOO_HIGH_IRQL),
                    causes.contains(SetCause.NO_ROUTINE));

            boolean unknownOption = first == SetCause.OPTION_TYPE && second == SetCause.UNKNOWN;
            assertThat(outcome)
                    .isEqualTo(new IoStatus(unknownOption ? NtStatus.STATUS_NOT_SUPPORTED : first.status, 0));
            assertThat(bench.faults())
                    .containsExactlyElementsOf(first.fault == null ? List.of() : List.of(first.fault));
        }
    }

    private static WskSocket toSetOn(RedirectLab lab, WskBench bench, Set<SetCause> causes) {
        WskSocket socket = bench.connection(lab.proxy.id());
        if (causes.contains(SetCause.WRONG_CATEGORY)) {
            socket = bench.socket(WskFlags.WSK_FLAG_DATAGRAM_SOCKET, 2, WskBench.UDP, lab.proxy.id());
        }
        if (causes.contains(SetCause.BOUND_SOCKET)) {
            bind(bench, socket);
        }
        if (causes.contains(SetCause.CLOSED)) {
            bench.close(socket);
        }
        return socket;
    }

    private static void bind(WskBench bench, WskSocket socket) {
        if (socket instanceof WskConnectionSocket connection) {
            bench.succeed(irp -> connection.wskBind(bench.any(), 0, irp));
        } else if (socket instanceof WskDatagramSocket datagram) {
            bench.succeed(irp -> datagram.wskBind(bench.any(), 0, irp));
        }
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
