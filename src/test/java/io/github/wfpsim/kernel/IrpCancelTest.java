package io.github.wfpsim.kernel;

import static io.github.wfpsim.kernel.Bench.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.CancelRoutine;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpFromAbove;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cancelling: of own IRPs, by the I/O manager, by drivers that put IRPs aside, and through a future. */
@Timeout(20)
class IrpCancelTest {

    private static final IoStatus CANCELLED = new IoStatus(NtStatus.STATUS_CANCELLED, 0);

    private final Bench bench = Bench.throwing();
    private final Io io = bench.io;
    private final List<Object> seen = new ArrayList<>();
    private final IoCompletionRoutine keeping = (device, irp, context) -> {
        seen.add(irp.ioStatus());
        return KEEP;
    };

    @Test
    @Spec({"IRP-13", "IRP-14"})
    void cancel_whilePending_isTrueAndEndsWithCancelledAndNoBytes() {
        Irp irp = bench.ownIrp(keeping);
        bench.call(irp, () -> {
            seen.add("worked");
            return Bench.FIVE_BYTES;
        });

        assertThat(io.ioCancelIrp(irp)).isTrue();
        assertThat(irp.isCancelled()).isTrue();
        assertThat(io.ioCancelIrp(irp)).isFalse();
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly(CANCELLED);
        assertThat(io.ioCancelIrp(irp)).isFalse();
    }

    @Test
    @Spec("IRP-13")
    void cancel_afterCompletion_isFalseAndSetsTheFlag() {
        Irp irp = bench.ownIrp(keeping);
        bench.call(irp);
        bench.dispatcher.runAll();

        assertThat(io.ioCancelIrp(irp)).isFalse();

        assertThat(irp.isCancelled()).isTrue();
        assertThat(seen).containsExactly(Bench.FIVE_BYTES);
    }

    @Test
    @Spec("IRP-13")
    void cancel_inSeededRandomMode_meetsEitherOutcome() {
        List<NtStatus> outcomes = outcomesInSeededRandomMode(1);

        assertThat(outcomes).contains(NtStatus.STATUS_SUCCESS, NtStatus.STATUS_CANCELLED);
        assertThat(outcomesInSeededRandomMode(1)).isEqualTo(outcomes);
        assertThat(outcomesInSeededRandomMode(2)).isNotEqualTo(outcomes);
    }

    private static List<NtStatus> outcomesInSeededRandomMode(long seed) {
        Bench bench = new Bench(
                Bench.manual().completionMode(CompletionMode.SEEDED_RANDOM).seed(seed));
        List<NtStatus> outcomes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Irp irp = bench.ownIrp((device, completed, context) -> {
                outcomes.add(completed.ioStatus().status());
                return KEEP;
            });
            NtStatus returned = bench.call(irp);
            assertThat(bench.io.ioCancelIrp(irp)).isEqualTo(returned == NtStatus.STATUS_PENDING);
            bench.dispatcher.runAll();
            bench.io.ioFreeIrp(irp);
        }
        assertThat(outcomes).hasSize(40);
        return outcomes;
    }

    @Test
    @Spec("IRP-13")
    void cancel_beforeTheRequestPends_endsItAtOnce() {
        Irp irp = bench.ownIrp(keeping);
        assertThat(io.ioCancelIrp(irp)).isFalse();

        IrpRequest request = bench.pend(irp, () -> seen.add("taken out"));

        assertThat(request.isOver()).isTrue();
        assertThat(request.complete(NtStatus.STATUS_SUCCESS, 5)).isFalse();
        bench.dispatcher.runAll();
        assertThat(seen).containsExactly("taken out", CANCELLED);
    }

    @Test
    @Spec({"IRP-13", "IRP-14"})
    void cancelHook_runsOnceBeforeTheRequestEnds_alsoForTheProvidersClose() {
        IrpRequest request = bench.pend(bench.ownIrp(keeping), () -> seen.add("taken out"));

        assertThat(request.cancel()).isTrue();
        assertThat(request.cancel()).isFalse();
        assertThat(request.take()).isFalse();
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly("taken out", CANCELLED);
    }

    @Test
    @Spec("IRP-13")
    void request_thatIsGivenBackAfterACancel_isCancelledThen() {
        Irp irp = bench.ownIrp(keeping);
        IrpRequest request = bench.pend(irp, () -> seen.add("taken out"));
        assertThat(request.take()).isTrue();
        assertThat(io.ioCancelIrp(irp)).isFalse();

        request.giveBack();

        bench.dispatcher.runAll();
        assertThat(seen).containsExactly("taken out", CANCELLED);
    }

    @Test
    void callIsOver_onceTheRoutineHasReturned_howeverTheRequestEnds() {
        IrpRequest cancelled = begin();
        cancelled.pend(() -> seen.add("taken out"));
        cancelled.cancel();
        bench.dispatcher.runAll();
        assertThat(seen).containsExactly("taken out", CANCELLED, "over");

        seen.clear();
        begin().completeNow(NtStatus.STATUS_SUCCESS, 5);
        assertThat(seen).containsExactly(Bench.FIVE_BYTES, "over");
    }

    private IrpRequest begin() {
        return Objects.requireNonNull(
                IrpRequest.begin(io, bench.ownIrp(keeping), "WskReceive", () -> seen.add("over")));
    }

    @Test
    @Spec("IRP-13")
    void request_thatIsTaken_isNotCancelledAnyMore() {
        Irp irp = bench.ownIrp(keeping);
        IrpRequest request = bench.pend(irp, () -> seen.add("taken out"));
        assertThat(request.take()).isTrue();

        assertThat(io.ioCancelIrp(irp)).isFalse();
        request.finish(NtStatus.STATUS_SUCCESS, 5, null);
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly(Bench.FIVE_BYTES);
        assertThatIllegalStateException().isThrownBy(() -> request.finish(NtStatus.STATUS_SUCCESS, 5, null));
    }

    @Test
    @Spec("IRP-13")
    void ioManager_cancelsWhatItSent() {
        DeviceObject device = io.ioCreateDevice("\\Device\\Acme", 2, (self, irp) -> {
            bench.pend(irp);
            return NtStatus.STATUS_PENDING;
        });
        IrpFromAbove above = device.irpFromAbove();
        above.send(null);

        assertThat(above.cancel()).isTrue();
        bench.dispatcher.runAll();

        assertThat(above.outcome()).isCompletedWithValue(CANCELLED);
    }

    @Test
    @Spec("IRP-13")
    void driver_thatPutsAnIrpAside_hearsOfItsCancellation() {
        CancelRoutine routine = (device, irp) -> {
            seen.add(device.name() + " at " + bench.irql.get());
            irp.setIoStatus(NtStatus.STATUS_CANCELLED, 0);
            io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
        };
        DeviceObject device = io.ioCreateDevice("\\Device\\Acme", 1, (self, irp) -> {
            io.ioMarkIrpPending(irp);
            assertThat(io.ioSetCancelRoutine(irp, routine)).isNull();
            return NtStatus.STATUS_PENDING;
        });
        IrpFromAbove cancelled = device.irpFromAbove();
        cancelled.send(null);
        IrpFromAbove finished = device.irpFromAbove();
        finished.send(null);
        assertThat(io.ioSetCancelRoutine(finished.irp(), null)).isSameAs(routine);

        assertThat(cancelled.cancel()).isTrue();
        assertThat(finished.cancel()).isFalse();

        assertThat(seen).containsExactly("\\Device\\Acme at " + Irql.DISPATCH_LEVEL);
        assertThat(cancelled.outcome()).isCompletedWithValue(CANCELLED);
        finished.irp().setIoStatus(NtStatus.STATUS_SUCCESS, 0);
        io.ioCompleteRequest(finished.irp(), Io.IO_NO_INCREMENT);
        assertThat(finished.outcome()).isCompleted();
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("IRP-13")
    void cancelRoutine_thatWasNotTakenBack_isGoneOnceTheIrpIsCompleted() {
        DeviceObject device = io.ioCreateDevice("\\Device\\Acme", 1, (self, irp) -> {
            io.ioSetCancelRoutine(irp, (d, i) -> seen.add("called"));
            irp.setIoStatus(NtStatus.STATUS_SUCCESS, 0);
            io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
            return NtStatus.STATUS_SUCCESS;
        });
        IrpFromAbove above = device.irpFromAbove();
        above.send(null);

        assertThat(above.cancel()).isFalse();
        assertThat(seen).isEmpty();
    }

    // ---- the future

    @Test
    void future_endsWithTheOutcomeAndFreesTheIrp() {
        CompletableFuture<IoStatus> future = io.send(bench::call);
        assertThat(future).isNotDone();
        assertThat(bench.driver.held().held()).hasSize(1);

        bench.dispatcher.runAll();

        assertThat(future).isCompletedWithValue(Bench.FIVE_BYTES);
        assertThat(bench.driver.held().isEmpty()).isTrue();
        assertThat(future.cancel(true)).isFalse();
    }

    @Test
    @Spec({"IRP-13", "IRP-14"})
    void future_whenCancelled_cancelsTheIrpAndEndsWithIt() {
        CompletableFuture<IoStatus> future = io.send(bench::call);

        assertThat(future.cancel(true)).isTrue();
        assertThat(future).isNotDone();
        bench.dispatcher.runAll();

        assertThat(future).isCancelled();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(future::join);
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void future_whenItIsTooLateToCancel_endsWithTheOutcome() {
        AtomicReference<IrpRequest> request = new AtomicReference<>();
        CompletableFuture<IoStatus> future = io.send(irp -> {
            request.set(bench.pend(irp));
            return NtStatus.STATUS_PENDING;
        });
        request.get().take();

        assertThat(future.cancel(true)).isFalse();
        request.get().finish(NtStatus.STATUS_SUCCESS, 5, null);
        bench.dispatcher.runAll();

        assertThat(future).isCompletedWithValue(Bench.FIVE_BYTES);
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void future_ofACallThatIsRefused_carriesTheStatus() {
        CompletableFuture<IoStatus> refused = io.send(
                irp -> IrpRequest.begin(io, irp, "WskConnect").completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0));
        CompletableFuture<IoStatus> untouched = io.send(irp -> NtStatus.STATUS_NOT_SUPPORTED);

        assertThat(refused).isCompletedWithValue(new IoStatus(NtStatus.STATUS_INVALID_PARAMETER, 0));
        assertThat(untouched).isCompletedWithValue(new IoStatus(NtStatus.STATUS_NOT_SUPPORTED, 0));
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void future_ofACallThatThrows_endsWithThatAndFreesTheIrp() throws Exception {
        IllegalStateException failure = new IllegalStateException("before");
        CompletableFuture<IoStatus> before = io.send(irp -> {
            throw failure;
        });
        CompletableFuture<IoStatus> afterwards = io.send(irp -> {
            bench.call(irp);
            throw failure;
        });
        CompletableFuture<IoStatus> withoutStatus = io.send(irp -> null);
        bench.dispatcher.runAll();

        for (CompletableFuture<IoStatus> future : List.of(before, afterwards)) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(future::get)
                    .withCause(failure);
        }
        assertThat(withoutStatus).isCompletedExceptionally();
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void future_whenTheDriverUnloads_endsAllTheSame() {
        AtomicInteger ends = new AtomicInteger();
        CompletableFuture<IoStatus> future = io.send(irp -> {
            bench.pend(irp);
            return NtStatus.STATUS_PENDING;
        });
        CompletableFuture<IoStatus> told = future.whenComplete((outcome, failure) -> ends.incrementAndGet());
        try {
            bench.driver.unload();
        } catch (RuntimeException leak) {
            seen.add(leak);
        }
        bench.dispatcher.runAll();

        assertThat(seen).hasSize(1);
        assertThat(ends).hasValue(1);
        assertThat(told).isDone();
        assertThat(future).isCancelled();
    }
}
