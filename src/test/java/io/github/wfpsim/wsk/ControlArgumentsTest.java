package io.github.wfpsim.wsk;

import static io.github.wfpsim.wsk.ControlBench.CONTEXT;
import static io.github.wfpsim.wsk.ControlBench.RECORDS;
import static io.github.wfpsim.wsk.ControlBench.ROOMY;
import static io.github.wfpsim.wsk.ControlBench.SET;
import static io.github.wfpsim.wsk.ControlBench.UNTOUCHED;
import static io.github.wfpsim.wsk.ControlBench.WHO;
import static io.github.wfpsim.wsk.ControlBench.control;
import static io.github.wfpsim.wsk.ControlBench.set;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.kernel.NonPagedBlock;
import io.github.wfpsim.verifier.Fault;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What WskControlSocket asks of its arguments; what both doors have in common is in the room {@code doors}. */
@Timeout(20)
class ControlArgumentsTest {

    private static final long FOUR_GIB = 1L << 32;
    private static final List<Integer> QUERIES = List.of(RECORDS, CONTEXT);
    private static final ByteBuffer NONE = null;

    private static ControlBench open(AddressFamily family) {
        return new ControlBench(family, SimOptions.defaults());
    }

    private static ControlBench lenient(AddressFamily family) {
        return new ControlBench(family, SimOptions.defaults().with(Deviation.WSK_PARAMETER_CHECKING_LENIENT));
    }

    private static NtStatus typed(WskControlRequestType type, int code, int level, WskSocket socket, Irp irp) {
        return socket.wskControlSocket(
                type, code, level, 0, null, ROOMY, WskControlBuffer.of(ByteBuffer.allocate(ROOMY)), null, irp);
    }

    // ---- request type, code, level

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-01", "WSK-02"})
    void redirectCode_withAnotherRequestType_isInvalid(AddressFamily family) {
        try (ControlBench lab = open(family)) {
            byte[] record = lab.record();
            WskConnectionSocket fresh = lab.bench.connection(0);
            for (WskControlRequestType type : WskControlRequestType.values()) {
                if (type == WskControlRequestType.WskIoctl) {
                    continue;
                }
                for (int code : new int[] {RECORDS, CONTEXT, SET}) {
                    lab.assertRefused(
                            NtStatus.STATUS_INVALID_PARAMETER, irp -> typed(type, code, 0, lab.redirected(), irp));
                }
                lab.assertRefused(
                        NtStatus.STATUS_INVALID_PARAMETER,
                        irp -> fresh.wskControlSocket(
                                type,
                                SET,
                                0,
                                record.length,
                                WskControlBuffer.of(ByteBuffer.wrap(record)),
                                0,
                                null,
                                null,
                                irp));
            }
            assertThat(lab.socketsWithRecords()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-01", "WSK-02"})
    void unknownCode_isAnInvalidRequest(AddressFamily family) {
        try (ControlBench lab = open(family)) {
            WskConnectionSocket accepted = lab.redirected();
            for (int code : new int[] {0, 0x980000DB, 0x980000DF, 0x180000DC, 0xC8000006}) {
                lab.assertRefused(
                        NtStatus.STATUS_INVALID_DEVICE_REQUEST,
                        irp -> typed(WskControlRequestType.WskIoctl, code, 0, accepted, irp));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-03")
    void level_isNotLookedAt(AddressFamily family) {
        try (ControlBench lab = open(family)) {
            WskConnectionSocket accepted = lab.redirected();
            for (int code : QUERIES) {
                IoStatus canonical = lab.bench
                        .send(irp -> typed(WskControlRequestType.WskIoctl, code, 0, accepted, irp))
                        .outcome();
                assertThat(canonical.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
                for (int level : new int[] {41, -1, 0xFFFF}) {
                    assertThat(lab.bench
                                    .send(irp -> typed(WskControlRequestType.WskIoctl, code, level, accepted, irp))
                                    .outcome())
                            .isEqualTo(canonical);
                }
            }
        }
    }

    // ---- IRQL and IRP

    static List<Function<WskSocket, Function<Irp, NtStatus>>> redirectCalls() {
        return List.of(
                socket -> irp -> typed(WskControlRequestType.WskIoctl, RECORDS, 0, socket, irp),
                socket -> irp -> typed(WskControlRequestType.WskIoctl, CONTEXT, 0, socket, irp),
                socket -> irp -> control(socket, SET, 8, ByteBuffer.allocate(8), 0, null, null, irp));
    }

    @ParameterizedTest
    @MethodSource("redirectCalls")
    @Spec("WSK-04")
    void call_atDispatchLevel_isAFaultAndStartsNothing(Function<WskSocket, Function<Irp, NtStatus>> call) {
        for (AddressFamily family : AddressFamily.values()) {
            try (ControlBench lab = new ControlBench(family, ControlBench.manual())) {
                WskConnectionSocket accepted = lab.redirected();
                Irp irp = lab.bench.driver.io().ioAllocateIrp(1, false);
                lab.bench.driver.io().ioSetCompletionRoutine(irp, (d, i, c) -> null, null, true, true, true);
                lab.bench
                        .sim
                        .irql()
                        .runAt(
                                Irql.DISPATCH_LEVEL,
                                () -> assertThat(call.apply(accepted).apply(irp))
                                        .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER));

                lab.assertFaults(Fault.IRQL_TOO_HIGH);
                assertThat(lab.bench.sim.dispatcher().pending()).isZero();
                lab.bench.driver.io().ioFreeIrp(irp);
                lab.assertFaults(Fault.IRQL_TOO_HIGH);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("redirectCalls")
    @Spec("WSK-07")
    void call_withoutIrp_isInvalidAndStartsNothing(Function<WskSocket, Function<Irp, NtStatus>> call) {
        for (AddressFamily family : AddressFamily.values()) {
            try (ControlBench lab = new ControlBench(family, ControlBench.manual())) {
                WskConnectionSocket accepted = lab.redirected();

                assertThat(call.apply(accepted).apply(null)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);

                assertThat(lab.bench.sim.dispatcher().pending()).isZero();
                lab.assertFaults();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-07")
    void call_withoutIrpOrWithoutRoutine_leavesSizesAndBuffersAlone(AddressFamily family) {
        try (ControlBench lab = new ControlBench(family, SimOptions.defaults().completionMode(CompletionMode.INLINE))) {
            WskConnectionSocket accepted = lab.redirected();
            PoolBlock out = lab.bench.block(ROOMY);
            Irp without = lab.bench.driver.io().ioAllocateIrp(1, false);

            assertThat(lab.query(accepted, RECORDS, ROOMY, out, null)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(lab.query(accepted, RECORDS, ROOMY, out, without)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);

            lab.assertFaults(Fault.IRP_NO_COMPLETION_ROUTINE);
            assertThat(lab.size.value()).isEqualTo(UNTOUCHED);
            assertThat(out.bytes()).isEqualTo(ByteBuffer.allocate(ROOMY));
            assertThat(NonPagedBlock.of(out).isLent()).isFalse();
            lab.bench.driver.io().ioFreeIrp(without);
        }
    }

    // ---- version and category

    @ParameterizedTest
    @MethodSource("redirectCalls")
    @Spec("WSK-05")
    void codes_onWindows7_areInvalidRequests(Function<WskSocket, Function<Irp, NtStatus>> call) {
        for (AddressFamily family : AddressFamily.values()) {
            try (WskBench bench =
                    new WskBench(family, SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7))) {
                WskConnectionSocket socket = bench.connection(0);

                assertThat(bench.run(call.apply(socket))).isEqualTo(NtStatus.STATUS_INVALID_DEVICE_REQUEST);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("redirectCalls")
    @Spec("WSK-08")
    void call_onSocketThatIsNoConnection_isAnInvalidRequest(Function<WskSocket, Function<Irp, NtStatus>> call) {
        for (AddressFamily family : AddressFamily.values()) {
            try (ControlBench lab = open(family)) {
                WskBench bench = lab.bench;
                WskStreamSocket listening =
                        (WskStreamSocket) bench.socket(WskFlags.WSK_FLAG_STREAM_SOCKET, 1, WskBench.TCP, 0);
                bench.succeed(irp -> listening.wskBind(bench.any(), 0, irp));
                bench.succeed(listening::wskListen);
                for (WskSocket other : List.of(
                        bench.socket(WskFlags.WSK_FLAG_BASIC_SOCKET, 1, WskBench.TCP, 0),
                        bench.socket(WskFlags.WSK_FLAG_LISTEN_SOCKET, 1, WskBench.TCP, 0),
                        lab.listener,
                        bench.socket(WskFlags.WSK_FLAG_DATAGRAM_SOCKET, 2, WskBench.UDP, 0),
                        listening)) {
                    lab.assertRefused(NtStatus.STATUS_INVALID_DEVICE_REQUEST, call.apply(other));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-08")
    void streamSocket_actingAsConnection_setsAndIsAsked(AddressFamily family) throws Exception {
        try (ControlBench lab = open(family)) {
            WskBench bench = lab.bench;
            byte[] record = lab.record();
            bench.close(lab.listener);
            WskStreamSocket listening =
                    (WskStreamSocket) bench.socket(WskFlags.WSK_FLAG_STREAM_SOCKET, 1, WskBench.TCP, 0);
            bench.succeed(irp -> listening.wskBind(bench.proxyAddress, 0, irp));
            bench.succeed(listening::wskListen);
            bench.app.winsock().tcpSocket(family).connect(bench.remote(10));
            WskStreamSocket accepted =
                    (WskStreamSocket) bench.send(irp -> listening.wskAccept(0, null, null, null, null, irp))
                            .pointer();
            WskSocket onward = bench.socket(WskFlags.WSK_FLAG_STREAM_SOCKET, 1, WskBench.TCP, 0);

            assertThat(lab.bytes(accepted, CONTEXT)).isEqualTo(WHO);
            bench.succeed(irp -> set(onward, record, irp));
            assertThat(lab.socketsWithRecords()).isOne();
        }
    }

    // ---- shape of queries

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-11", "WSK-12"})
    void query_withInput_isInvalidUnlessLenient(AddressFamily family) {
        ByteBuffer in = ByteBuffer.allocate(4);
        try (ControlBench lab = open(family)) {
            WskConnectionSocket accepted = lab.redirected();
            ByteBuffer out = ByteBuffer.allocate(ROOMY);
            for (int code : QUERIES) {
                lab.assertRefused(
                        NtStatus.STATUS_INVALID_PARAMETER,
                        irp -> control(accepted, code, 4, in, ROOMY, out, lab.size, irp));
                lab.assertRefused(
                        NtStatus.STATUS_INVALID_PARAMETER,
                        irp -> control(accepted, code, 0, in, ROOMY, out, lab.size, irp));
                lab.assertRefused(
                        NtStatus.STATUS_INVALID_PARAMETER,
                        irp -> control(accepted, code, 4, null, ROOMY, out, lab.size, irp));
                assertThat(lab.bench.run(irp -> control(accepted, code, 0, null, ROOMY, out, null, irp)))
                        .isEqualTo(NtStatus.STATUS_SUCCESS);
            }
        }
        try (ControlBench lab = lenient(family)) {
            WskConnectionSocket accepted = lab.redirected();
            for (int code : QUERIES) {
                ByteBuffer out = ByteBuffer.allocate(ROOMY);
                lab.bench.succeed(irp -> control(accepted, code, 4, in, ROOMY, out, lab.size, irp));
                lab.bench.succeed(irp -> control(accepted, code, -1, in, ROOMY, out, lab.size, irp));
                lab.bench.succeed(irp -> control(accepted, code, 4, null, ROOMY, out, lab.size, irp));
            }
            PoolBlock freed = lab.bench.driver.pool().allocate(4, "Free");
            freed.free();
            lab.bench.succeed(irp -> accepted.wskControlSocket(
                    WskControlRequestType.WskIoctl,
                    RECORDS,
                    0,
                    4,
                    WskControlBuffer.of(freed),
                    ROOMY,
                    WskControlBuffer.of(lab.bench.block(ROOMY)),
                    null,
                    irp));
            lab.assertFaults();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-13", "WSK-14", "WSK-15"})
    void information_holdsTheNumberWithAndWithoutOutputSizeReturned(AddressFamily family) {
        try (ControlBench lab = open(family)) {
            WskConnectionSocket accepted = lab.redirected();
            for (int code : QUERIES) {
                int length = lab.bytes(accepted, code).length;
                for (int offered : new int[] {ROOMY, length, length - 1, 0}) {
                    NtStatus expected = offered < length ? NtStatus.STATUS_BUFFER_TOO_SMALL : NtStatus.STATUS_SUCCESS;
                    ByteBuffer out = ByteBuffer.allocate(ROOMY);
                    OutUlong returned = new OutUlong();
                    for (OutUlong receiver : Arrays.asList(returned, null)) {
                        assertThat(lab.bench
                                        .send(irp -> control(accepted, code, 0, null, offered, out, receiver, irp))
                                        .outcome())
                                .isEqualTo(new IoStatus(expected, length));
                    }
                    assertThat(returned.unsigned()).isEqualTo(length);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-16", "WSK-17"})
    void oversizedRecord_isFetchedByEitherWayOfLearningItsSize(AddressFamily family) {
        SimOptions padded = SimOptions.defaults().minimumRecordSize(3 * ROOMY);
        try (ControlBench lab = new ControlBench(family, padded)) {
            WskConnectionSocket accepted = lab.redirected();

            IoStatus first = lab.bench
                    .send(irp -> lab.query(accepted, RECORDS, ROOMY, lab.bench.block(ROOMY), irp))
                    .outcome();
            long needed = first.information();
            IoStatus asked = lab.bench
                    .send(irp -> lab.query(accepted, RECORDS, 0, NONE, irp))
                    .outcome();
            PoolBlock exact = lab.bench.block((int) needed);
            IoStatus second = lab.bench
                    .send(irp -> lab.query(accepted, RECORDS, needed, exact, irp))
                    .outcome();

            assertThat(first.status()).isEqualTo(NtStatus.STATUS_BUFFER_TOO_SMALL);
            assertThat(asked).isEqualTo(first);
            assertThat(second).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, needed));
            byte[] record = new byte[(int) needed];
            exact.bytes().get(record);
            lab.bench.succeed(irp -> set(lab.bench.connection(0), record, irp));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-18")
    void sizeQuery_withKnobSuccess_succeedsWithTheSameSize(AddressFamily family) {
        SimOptions options = SimOptions.defaults().with(Deviation.WSK_SIZE_QUERY_STATUS_SUCCESS);
        try (ControlBench lab = new ControlBench(family, options)) {
            WskConnectionSocket accepted = lab.redirected();
            for (int code : QUERIES) {
                int length = lab.bytes(accepted, code).length;

                assertThat(lab.bench
                                .send(irp -> lab.query(accepted, code, 0, NONE, irp))
                                .outcome())
                        .isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, length));
                assertThat(lab.size.unsigned()).isEqualTo(length);
                assertThat(lab.bench
                                .send(irp -> lab.query(accepted, code, 1, ByteBuffer.allocate(1), irp))
                                .outcome())
                        .as("the knob is about way two only")
                        .isEqualTo(new IoStatus(NtStatus.STATUS_BUFFER_TOO_SMALL, length));
            }
            WskConnectionSocket fresh = lab.bench.connection(0);
            assertThat(lab.bench.run(irp -> lab.query(fresh, RECORDS, 0, NONE, irp)))
                    .isEqualTo(NtStatus.STATUS_NOT_FOUND);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-19")
    void sizeZeroWithABuffer_isWayTwo_andABufferThatCannotBeWrittenIsInvalid(AddressFamily family) {
        try (ControlBench lab = open(family)) {
            WskConnectionSocket accepted = lab.redirected();
            ByteBuffer readOnly = ByteBuffer.allocate(ROOMY).asReadOnlyBuffer();
            for (int code : QUERIES) {
                IoStatus way2 = new IoStatus(NtStatus.STATUS_BUFFER_TOO_SMALL, lab.bytes(accepted, code).length);

                assertThat(lab.bench
                                .send(irp -> lab.query(accepted, code, 0, ByteBuffer.allocate(ROOMY), irp))
                                .outcome())
                        .isEqualTo(way2);
                assertThat(lab.bench
                                .send(irp -> lab.query(accepted, code, 0, readOnly, irp))
                                .outcome())
                        .isEqualTo(way2);
                lab.size.set(UNTOUCHED);
                for (long size : new long[] {1, ROOMY, FOUR_GIB, -1}) {
                    lab.assertRefused(
                            NtStatus.STATUS_INVALID_PARAMETER, irp -> lab.query(accepted, code, size, NONE, irp));
                    lab.assertRefused(
                            NtStatus.STATUS_INVALID_PARAMETER, irp -> lab.query(accepted, code, size, readOnly, irp));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-29", "REC-38"})
    void outputSizeBeyond4GiB_isFineByItself(AddressFamily family) {
        try (ControlBench lab = open(family)) {
            WskConnectionSocket accepted = lab.redirected();
            for (int code : QUERIES) {
                byte[] all = lab.bytes(accepted, code);
                for (long size : new long[] {FOUR_GIB, FOUR_GIB + 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
                    PoolBlock out = lab.bench.block(ROOMY);
                    assertThat(lab.bench
                                    .send(irp -> lab.query(accepted, code, size, out, irp))
                                    .outcome())
                            .as("size %s", Long.toUnsignedString(size))
                            .isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, all.length));
                    assertThat(out.bytes().limit(all.length)).isEqualTo(ByteBuffer.wrap(all));
                    ByteBuffer little = ByteBuffer.allocate(all.length - 1);
                    assertThat(lab.bench.run(irp -> lab.query(accepted, code, size, little, irp)))
                            .as("nothing is written beyond the memory that there is")
                            .isEqualTo(NtStatus.STATUS_BUFFER_TOO_SMALL);
                }
            }
        }
    }

    // ---- shape of SET

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-31", "WSK-32"})
    void set_withOutput_isInvalidUnlessLenient(AddressFamily family) {
        ByteBuffer out = ByteBuffer.allocate(4);
        try (ControlBench lab = open(family)) {
            byte[] record = lab.record();
            ByteBuffer in = ByteBuffer.wrap(record);
            int length = record.length;
            WskConnectionSocket fresh = lab.bench.connection(0);
            NtStatus invalid = NtStatus.STATUS_INVALID_PARAMETER;
            lab.assertRefused(invalid, irp -> control(fresh, SET, length, in, 4, out, null, irp));
            lab.assertRefused(invalid, irp -> control(fresh, SET, length, in, 4, null, null, irp));
            lab.assertRefused(invalid, irp -> control(fresh, SET, length, in, 0, out, null, irp));
            lab.assertRefused(invalid, irp -> control(fresh, SET, length, in, 0, null, lab.size, irp));
            lab.assertRefused(invalid, irp -> control(fresh, SET, length, null, 0, null, null, irp));
            lab.assertRefused(invalid, irp -> control(fresh, SET, 0, in, 0, null, null, irp));
            assertThat(lab.socketsWithRecords()).isZero();

            assertThat(lab.bench
                            .send(irp -> control(fresh, SET, length, in, 0, null, null, irp))
                            .outcome())
                    .isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, 0));
        }
        try (ControlBench lab = lenient(family)) {
            byte[] record = lab.record();
            WskConnectionSocket fresh = lab.bench.connection(0);
            assertThat(lab.bench
                            .send(irp ->
                                    control(fresh, SET, record.length, ByteBuffer.wrap(record), 4, out, lab.size, irp))
                            .outcome())
                    .isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, 0));
            assertThat(lab.size.value()).isEqualTo(UNTOUCHED);
            lab.assertRefused(
                    NtStatus.STATUS_INVALID_PARAMETER, irp -> control(fresh, SET, 4, null, 0, null, null, irp));
            lab.assertRefused(
                    NtStatus.STATUS_INVALID_PARAMETER,
                    irp -> control(fresh, SET, 0, ByteBuffer.allocate(4), 0, null, null, irp));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-37", "REC-38"})
    void set_withDeclaredSizeBeyond32Bits_overflows_andBeyondItsMemoryIsDenied(AddressFamily family) {
        try (ControlBench lab = open(family)) {
            byte[] record = lab.record();
            WskConnectionSocket fresh = lab.bench.connection(0);
            for (long size : new long[] {FOUR_GIB, Long.MAX_VALUE, -1}) {
                assertThat(lab.bench.run(irp -> control(fresh, SET, size, ByteBuffer.wrap(record), 0, null, null, irp)))
                        .isEqualTo(NtStatus.STATUS_INTEGER_OVERFLOW);
            }
            for (long size : new long[] {FOUR_GIB - 1, record.length + 1, record.length - 1, 1}) {
                assertThat(lab.bench.run(irp -> control(fresh, SET, size, ByteBuffer.wrap(record), 0, null, null, irp)))
                        .isEqualTo(NtStatus.STATUS_ACCESS_DENIED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-34", "WSK-35"})
    void set_onSocketOfWskSocketConnect_comesTooLateWithEitherKnob(AddressFamily family) throws Exception {
        for (SimOptions options :
                List.of(SimOptions.defaults(), SimOptions.defaults().with(Deviation.SET_AFTER_BIND_ALLOWED))) {
            try (ControlBench lab = new ControlBench(family, options)) {
                byte[] record = lab.record();
                WskBench bench = lab.bench;
                try (var server = bench.sim.network().listen(bench.remote(20))) {
                    WskConnectionSocket socket = (WskConnectionSocket) bench.send(irp -> bench.npi.wskSocketConnect(
                                    1, WskBench.TCP, bench.any(), server.address(), 0, null, null, 0, irp))
                            .pointer();

                    assertThat(bench.run(irp -> set(socket, record, irp)))
                            .isEqualTo(NtStatus.STATUS_INVALID_DEVICE_STATE);
                }
            }
        }
    }

    // ---- misuse

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-41", "WSK-22"})
    void freedBuffer_isAFaultAndTheIrpCompletesAllTheSame(AddressFamily family) {
        try (ControlBench lab = new ControlBench(family, ControlBench.manual())) {
            WskConnectionSocket accepted = lab.redirected();
            PoolBlock freed = lab.bench.driver.pool().allocate(ROOMY, "Free");
            freed.free();

            lab.assertRefused(
                    NtStatus.STATUS_INVALID_PARAMETER, irp -> lab.query(accepted, RECORDS, ROOMY, freed, irp));

            lab.assertFaults(Fault.BUFFER_FREED_WHILE_PENDING);
        }
    }
}
