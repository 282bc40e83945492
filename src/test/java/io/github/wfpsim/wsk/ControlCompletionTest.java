package io.github.wfpsim.wsk;

import static io.github.wfpsim.wsk.ControlBench.CONTEXT;
import static io.github.wfpsim.wsk.ControlBench.RECORDS;
import static io.github.wfpsim.wsk.ControlBench.ROOMY;
import static io.github.wfpsim.wsk.ControlBench.UNTOUCHED;
import static io.github.wfpsim.wsk.ControlBench.WHO;
import static io.github.wfpsim.wsk.ControlBench.control;
import static io.github.wfpsim.wsk.ControlBench.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpFromAbove;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** When the redirect ioctls complete, who is told, and what they may touch until then. */
@Timeout(20)
class ControlCompletionTest {

    private static final NtStatus KEEP = NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
    private static final NtStatus PENDING = NtStatus.STATUS_PENDING;

    private static ControlBench manual(AddressFamily family) {
        return new ControlBench(family, ControlBench.manual());
    }

    private static boolean isZero(PoolBlock block) {
        return block.bytes().equals(ByteBuffer.allocate((int) block.size()));
    }

    // ---- what a pending request leaves alone

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-21", "WSK-40", "WSK-42"})
    void query_whilePending_hasChangedNothing(AddressFamily family) {
        try (ControlBench lab = manual(family)) {
            WskConnectionSocket accepted = lab.redirected();
            PoolBlock out = lab.bench.block(ROOMY);

            WskBench.Sent sent = lab.bench.send(irp -> lab.query(accepted, CONTEXT, ROOMY, out, irp));

            assertThat(sent.returned).isEqualTo(PENDING);
            assertThat(sent.isOver()).isFalse();
            assertThat(isZero(out)).isTrue();
            assertThat(lab.size.value()).isEqualTo(UNTOUCHED);
            assertThat(sent.irp().ioStatus()).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, 0));
            lab.assertFaults(Fault.IRP_USED_AFTER_COMPLETION);

            lab.bench.sim.dispatcher().runAll();

            assertThat(sent.isOver()).isTrue();
            assertThat(sent.outcome()).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, WHO.length));
            assertThat(lab.size.value()).isEqualTo(WHO.length);
            assertThat(out.bytes().limit(WHO.length)).isEqualTo(ByteBuffer.wrap(WHO));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-21")
    void query_intoABufferWhoseViewIsMovedMeanwhile_writesWhereItWas(AddressFamily family) {
        try (ControlBench lab = manual(family)) {
            WskConnectionSocket accepted = lab.redirected();
            ByteBuffer view = ByteBuffer.allocate(ROOMY).position(1);

            WskBench.Sent sent = lab.bench.send(irp -> lab.query(accepted, CONTEXT, WHO.length, view, irp));
            view.position(500).limit(501);

            assertThat(sent.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(view.clear().slice(1, WHO.length)).isEqualTo(ByteBuffer.wrap(WHO));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-39", "WSK-36"})
    void set_readsItsBytesWhenItIsProcessed(AddressFamily family) {
        try (ControlBench lab = manual(family)) {
            byte[] record = lab.record();
            PoolBlock overwritten = lab.block(record);
            PoolBlock filledLate = lab.bench.block(record.length);
            WskConnectionSocket socket = lab.bench.connection(0);

            WskBench.Sent bad = lab.bench.send(irp -> set(socket, overwritten, irp));
            overwritten.write(record.length - 1, (byte) ~record[record.length - 1]);
            assertThat(bad.status()).isEqualTo(NtStatus.STATUS_ACCESS_DENIED);
            assertThat(lab.socketsWithRecords()).isZero();

            WskBench.Sent good = lab.bench.send(irp -> set(socket, filledLate, irp));
            filledLate.write(0, record);
            assertThat(good.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(lab.socketsWithRecords()).isOne();
        }
    }

    // ---- cancelling and closing

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-21", "WSK-36", "IRP-14"})
    void cancelledRequests_changeNothing(AddressFamily family) {
        try (ControlBench lab = manual(family)) {
            byte[] record = lab.record();
            WskConnectionSocket accepted = lab.redirected();
            WskConnectionSocket socket = lab.bench.connection(0);
            PoolBlock out = lab.bench.block(ROOMY);
            WskBench.Sent query = lab.bench.send(irp -> lab.query(accepted, CONTEXT, ROOMY, out, irp));
            WskBench.Sent set = lab.bench.send(irp -> set(socket, record, irp));

            assertThat(lab.bench.driver.io().ioCancelIrp(query.irp())).isTrue();
            assertThat(lab.bench.driver.io().ioCancelIrp(set.irp())).isTrue();

            for (WskBench.Sent sent : List.of(query, set)) {
                assertThat(sent.outcome()).isEqualTo(new IoStatus(NtStatus.STATUS_CANCELLED, 0));
            }
            assertThat(isZero(out)).isTrue();
            assertThat(lab.size.value()).isEqualTo(UNTOUCHED);
            assertThat(lab.socketsWithRecords()).isZero();
            lab.bench.succeed(irp -> set(socket, record, irp));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-10", "WSK-41"})
    void close_cancelsWhatIsPending_andRefusesWhatComesLater(AddressFamily family) {
        try (ControlBench lab = manual(family)) {
            WskConnectionSocket accepted = lab.redirected();
            PoolBlock out = lab.bench.block(ROOMY);
            WskBench.Sent query = lab.bench.send(irp -> lab.query(accepted, RECORDS, ROOMY, out, irp));

            WskBench.Sent close = lab.bench.send(accepted::wskCloseSocket);
            lab.assertRefused(
                    NtStatus.STATUS_INVALID_DEVICE_STATE, irp -> lab.query(accepted, RECORDS, ROOMY, out, irp));

            assertThat(close.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(query.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
            assertThat(isZero(out)).isTrue();
            lab.assertFaults(Fault.SOCKET_USED_AFTER_CLOSE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-40")
    void reset_beforeOrDuringTheRequest_isForcedClosed(AddressFamily family) {
        try (ControlBench lab = manual(family)) {
            WskConnectionSocket accepted = lab.redirected();
            WskBench.Sent pending =
                    lab.bench.send(irp -> lab.query(accepted, RECORDS, ROOMY, lab.bench.block(ROOMY), irp));

            lab.client().abort();

            assertThat(pending.returned).isEqualTo(PENDING);
            assertThat(pending.status()).isEqualTo(NtStatus.STATUS_FILE_FORCED_CLOSED);
            lab.assertRefused(
                    NtStatus.STATUS_FILE_FORCED_CLOSED,
                    irp -> lab.query(accepted, RECORDS, ROOMY, lab.bench.block(ROOMY), irp));
            WskConnectionSocket ownReset = lab.redirected();
            lab.bench.succeed(irp -> ownReset.wskDisconnect(null, WskFlags.WSK_FLAG_ABORTIVE, irp));
            lab.assertRefused(
                    NtStatus.STATUS_FILE_FORCED_CLOSED,
                    irp -> lab.query(ownReset, CONTEXT, ROOMY, lab.bench.block(ROOMY), irp));
            lab.bench.close(accepted);
            lab.bench.close(ownReset);
        }
    }

    // ---- buffers

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-22", "WSK-38"})
    void buffer_freedWhilePending_isAFault(AddressFamily family) {
        try (ControlBench lab = manual(family)) {
            byte[] record = lab.record();
            WskConnectionSocket accepted = lab.redirected();
            PoolBlock out = lab.bench.driver.pool().allocate(ROOMY, "Out ");
            PoolBlock in = lab.bench.driver.pool().allocate(record, "In  ");
            WskConnectionSocket socket = lab.bench.connection(0);
            WskBench.Sent query = lab.bench.send(irp -> lab.query(accepted, RECORDS, ROOMY, out, irp));
            WskBench.Sent set = lab.bench.send(irp -> set(socket, in, irp));
            out.free();
            lab.assertFaults(Fault.BUFFER_FREED_WHILE_PENDING);
            in.free();
            lab.assertFaults(Fault.BUFFER_FREED_WHILE_PENDING, Fault.BUFFER_FREED_WHILE_PENDING);

            assertThat(query.isOver() || set.isOver()).isFalse();
            lab.bench.sim.dispatcher().runAll();
            assertThat(query.isOver() && set.isOver()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSK-22", "WSK-38"})
    void buffer_freedByTheCompletionRoutine_isInOrder(AddressFamily family, CompletionMode mode) throws Exception {
        try (ControlBench lab = new ControlBench(family, SimOptions.defaults().completionMode(mode))) {
            byte[] record = lab.record();
            WskConnectionSocket accepted = lab.redirected();
            WskConnectionSocket socket = lab.bench.connection(0);
            List<NtStatus> ended = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                PoolBlock out = lab.bench.driver.pool().allocate(ROOMY, "Out ");
                PoolBlock in = lab.bench.driver.pool().allocate(record, "In  ");
                ended.add(awaitAndFree(lab, out, irp -> lab.query(accepted, RECORDS, ROOMY, out, irp)));
                ended.add(awaitAndFree(lab, in, irp -> set(socket, in, irp)));
            }

            assertThat(ended).containsOnly(NtStatus.STATUS_SUCCESS);
            lab.assertFaults();
        }
    }

    /** As S1 says: the completion routine looks at the status and releases everything. */
    private static NtStatus awaitAndFree(ControlBench lab, PoolBlock buffer, Function<Irp, NtStatus> call)
            throws Exception {
        var end = new CompletableFuture<NtStatus>();
        Irp irp = lab.bench.driver.io().ioAllocateIrp(1, false);
        lab.bench
                .driver
                .io()
                .ioSetCompletionRoutine(
                        irp,
                        (device, completed, context) -> {
                            NtStatus status = completed.ioStatus().status();
                            ((PoolBlock) Objects.requireNonNull(context)).free();
                            lab.bench.driver.io().ioFreeIrp(completed);
                            end.complete(status);
                            return KEEP;
                        },
                        buffer,
                        true,
                        true,
                        true);
        assertThat(call.apply(irp)).isIn(PENDING, NtStatus.STATUS_SUCCESS);
        return end.get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-38")
    void bufferAndIrp_stillAllocatedAtUnload_areLeaks(AddressFamily family) {
        ControlBench lab = new ControlBench(family, SimOptions.defaults());
        byte[] record = lab.record();
        WskConnectionSocket socket = lab.bench.connection(0);
        PoolBlock in = lab.bench.driver.pool().allocate(record, "In  ");
        Irp kept = lab.bench.driver.io().ioAllocateIrp(1, false);
        lab.bench.driver.io().ioSetCompletionRoutine(kept, (d, i, c) -> KEEP, null, true, true, true);
        set(socket, in, kept);
        lab.bench.succeed(irp -> set(socket, record, irp));

        lab.bench.driver.unload();

        assertThat(lab.bench.faults()).contains(Fault.POOL_LEAK, Fault.IRP_LEAK);
        lab.close();
    }

    // ---- who is told

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSK-09", "WSK-23", "WSK-24", "WSK-40", "WSK-41", "WSK-42"})
    void routine_runsOnceWithTheRegisteredContextAndTheReturnedStatus(AddressFamily family, CompletionMode mode)
            throws Exception {
        try (ControlBench lab = new ControlBench(family, SimOptions.defaults().completionMode(mode))) {
            WskConnectionSocket accepted = lab.redirected();
            WskConnectionSocket fresh = lab.bench.connection(0);
            ByteBuffer in = ByteBuffer.allocate(8);
            PoolBlock out = lab.bench.block(ROOMY);
            for (Object context : Arrays.asList(out, "any object", null)) {
                Told told = new Told(lab, context);
                told.expect(NtStatus.STATUS_SUCCESS, irp -> lab.query(accepted, CONTEXT, ROOMY, out, irp));
                assertThat(told.last.information()).isEqualTo(WHO.length);
                told.expect(NtStatus.STATUS_BUFFER_TOO_SMALL, irp -> lab.query(accepted, CONTEXT, 1, out, irp));
                told.expect(NtStatus.STATUS_NOT_FOUND, irp -> lab.query(fresh, CONTEXT, ROOMY, out, irp));
                told.expect(
                        NtStatus.STATUS_INVALID_PARAMETER,
                        irp -> control(accepted, CONTEXT, 8, in, 0, null, null, irp));
                told.expect(
                        NtStatus.STATUS_INVALID_DEVICE_REQUEST, irp -> control(fresh, 1, 0, null, 0, null, null, irp));
                told.expect(NtStatus.STATUS_ACCESS_DENIED, irp -> set(fresh, new byte[8], irp));
                told.expect(NtStatus.STATUS_INVALID_DEVICE_STATE, irp -> set(accepted, new byte[8], irp));
            }
            lab.assertFaults();
        }
    }

    /** Counts and compares what a completion routine gets. */
    private static final class Told {

        private final ControlBench lab;
        private final @Nullable Object context;
        private IoStatus last = new IoStatus(NtStatus.STATUS_SUCCESS, 0);

        Told(ControlBench lab, @Nullable Object context) {
            this.lab = lab;
            this.context = context;
        }

        void expect(NtStatus expected, Function<Irp, NtStatus> call) throws Exception {
            var calls = new LinkedBlockingQueue<IoStatus>();
            List<Object> contexts = new ArrayList<>();
            Irp irp = lab.bench.driver.io().ioAllocateIrp(1, false);
            lab.bench
                    .driver
                    .io()
                    .ioSetCompletionRoutine(
                            irp,
                            (device, completed, given) -> {
                                contexts.add(given);
                                assertThat(completed).isSameAs(irp);
                                calls.add(completed.ioStatus());
                                return KEEP;
                            },
                            context,
                            true,
                            true,
                            true);
            NtStatus returned = call.apply(irp);
            last = Objects.requireNonNull(calls.poll(10, TimeUnit.SECONDS));
            assertThat(last.status()).isEqualTo(expected);
            assertThat(returned).isIn(expected, PENDING);
            assertThat(contexts).hasSize(1).first().isSameAs(context);
            lab.bench.settle();
            assertThat(calls).isEmpty();
            lab.bench.driver.io().ioFreeIrp(irp);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSK-06", "WSK-41"})
    void irpFromAbove_completesOnceWhateverTheMode(AddressFamily family, CompletionMode mode) throws Exception {
        try (ControlBench lab = new ControlBench(family, SimOptions.defaults().completionMode(mode))) {
            WskConnectionSocket accepted = lab.redirected();
            PoolBlock out = lab.bench.block(ROOMY);
            List<IoStatus> seen = new ArrayList<>();
            for (boolean withRoutine : new boolean[] {true, false}) {
                DeviceObject device = lab.bench.driver.io().ioCreateDevice("\\Device\\Acme", 2, (self, irp) -> {
                    if (withRoutine) {
                        lab.bench
                                .driver
                                .io()
                                .ioSetCompletionRoutine(
                                        irp,
                                        (own, completed, context) -> {
                                            seen.add(completed.ioStatus());
                                            if (completed.pendingReturned()) {
                                                lab.bench.driver.io().ioMarkIrpPending(completed);
                                            }
                                            return NtStatus.STATUS_SUCCESS;
                                        },
                                        out,
                                        true,
                                        true,
                                        true);
                    }
                    return lab.query(accepted, CONTEXT, ROOMY, out, irp);
                });
                for (int i = 0; i < 5; i++) {
                    IrpFromAbove request = device.irpFromAbove();
                    NtStatus returned = request.send(null);
                    IoStatus outcome = request.outcome().get(10, TimeUnit.SECONDS);

                    assertThat(outcome).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, WHO.length));
                    assertThat(returned).isIn(PENDING, NtStatus.STATUS_SUCCESS);
                }
            }
            assertThat(seen).hasSize(5).containsOnly(new IoStatus(NtStatus.STATUS_SUCCESS, WHO.length));
            lab.assertFaults();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-22", "WSK-41"})
    void faultAboutABuffer_thrownOutOfTheCall_stillCompletesTheIrp(AddressFamily family) {
        try (WfpSim sim = WfpSim.open(SimOptions.defaults().dispatcher(DispatcherMode.MANUAL))) {
            WskBench bench = new WskBench(family, sim);
            WskConnectionSocket socket = bench.connection(0);
            PoolBlock freed = bench.driver.pool().allocate(8, "Free");
            freed.free();
            List<NtStatus> told = new ArrayList<>();
            Irp irp = bench.driver.io().ioAllocateIrp(1, false);
            bench.driver
                    .io()
                    .ioSetCompletionRoutine(
                            irp,
                            (device, completed, context) -> {
                                told.add(completed.ioStatus().status());
                                return KEEP;
                            },
                            null,
                            true,
                            true,
                            true);

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> set(socket, freed, irp))
                    .satisfies(thrown ->
                            assertThat(thrown.violation().kind()).isEqualTo(Fault.BUFFER_FREED_WHILE_PENDING));

            assertThat(told).containsExactly(NtStatus.STATUS_INVALID_PARAMETER);
            bench.driver.io().ioFreeIrp(irp);
            bench.close(socket);
            bench.unload();
        }
    }

    // ---- modes

    private static List<NtStatus> returnedInSeededMode(AddressFamily family, long seed) {
        List<NtStatus> returned = new ArrayList<>();
        SimOptions options = SimOptions.defaults()
                .completionMode(CompletionMode.SEEDED_RANDOM)
                .seed(seed);
        try (ControlBench lab = new ControlBench(family, options)) {
            WskConnectionSocket accepted = lab.redirected();
            for (int i = 0; i < 64; i++) {
                WskBench.Sent sent =
                        lab.bench.send(irp -> lab.query(accepted, CONTEXT, ROOMY, ByteBuffer.allocate(ROOMY), irp));
                assertThat(sent.outcome()).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, WHO.length));
                returned.add(sent.returned);
            }
        }
        return returned;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSK-42")
    void seededMode_repeatsForAnEqualSeed(AddressFamily family) {
        List<NtStatus> first = returnedInSeededMode(family, 42);

        assertThat(first).contains(PENDING, NtStatus.STATUS_SUCCESS);
        assertThat(returnedInSeededMode(family, 42)).isEqualTo(first);
        assertThat(returnedInSeededMode(family, 43)).isNotEqualTo(first);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-40", "WSK-42"})
    void defaultMode_pendsAndCompletesOnAnotherThread_inlineModeBeforeTheCallReturns(AddressFamily family)
            throws Exception {
        for (CompletionMode mode : List.of(CompletionMode.PENDING, CompletionMode.INLINE)) {
            try (ControlBench lab =
                    new ControlBench(family, SimOptions.defaults().completionMode(mode))) {
                WskConnectionSocket accepted = lab.redirected();
                var thread = new CompletableFuture<Thread>();
                Irp irp = lab.bench.driver.io().ioAllocateIrp(1, false);
                lab.bench
                        .driver
                        .io()
                        .ioSetCompletionRoutine(
                                irp,
                                (device, completed, context) -> {
                                    lab.bench.driver.io().ioFreeIrp(completed);
                                    thread.complete(Thread.currentThread());
                                    return KEEP;
                                },
                                null,
                                true,
                                true,
                                true);

                NtStatus returned = lab.query(accepted, CONTEXT, ROOMY, lab.bench.block(ROOMY), irp);

                boolean inline = mode == CompletionMode.INLINE;
                assertThat(returned).isEqualTo(inline ? NtStatus.STATUS_SUCCESS : PENDING);
                assertThat(thread.get(10, TimeUnit.SECONDS) == Thread.currentThread())
                        .isEqualTo(inline);
            }
        }
    }

    // ---- owning process

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"REC-35", "REC-36", "WSK-28", "WSK-37"})
    void socket_actsForItsOwningProcess_whichAcceptedSocketsInherit(AddressFamily family, CompletionMode mode)
            throws Exception {
        SimOptions options = SimOptions.defaults().completionMode(mode);
        try (WskBench bench = new WskBench(family, options)) {
            SimProcess service = bench.sim.process("C:\\service.exe", Token.STANDARD_USER);
            int port = 9000;
            for (SimProcess target : List.of(service, bench.sim.system())) {
                bench.redirectApp(bench.local(port), target, WHO);
                for (int owner : new int[] {service.id(), bench.sim.system().id(), 0}) {
                    int actsFor = owner == 0 ? bench.sim.system().id() : owner;
                    WskListenSocket listener = bench.listener(port, owner);
                    bench.app.winsock().tcpSocket(family).connect(bench.remote(10));
                    WskConnectionSocket accepted = bench.accept(listener);
                    NtStatus expected =
                            actsFor == target.id() ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_ACCESS_DENIED;
                    for (int code : new int[] {RECORDS, CONTEXT}) {
                        assertThat(bench.run(irp ->
                                        control(accepted, code, 0, null, ROOMY, ByteBuffer.allocate(ROOMY), null, irp)))
                                .as("%s asks about a connection for %s", actsFor, target)
                                .isEqualTo(expected);
                    }
                    bench.close(accepted);
                    bench.close(listener);
                }
                bench.withdraw();
                port++;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-36", "REC-37", "WSK-37"})
    void set_isForSocketsOfTheProcessThatTheRecordNames(AddressFamily family) {
        try (ControlBench lab = new ControlBench(family, SimOptions.defaults())) {
            byte[] record = lab.record();

            assertThat(lab.bench.run(irp -> set(lab.bench.connection(lab.bench.app.id()), record, irp)))
                    .isEqualTo(NtStatus.STATUS_ACCESS_DENIED);
            lab.bench.succeed(irp -> set(lab.bench.connection(lab.system().id()), record, irp));
            lab.bench.succeed(irp -> set(lab.bench.connection(0), record, irp));
        }
    }
}
