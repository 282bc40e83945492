package io.github.wfpsim.kernel;

import static io.github.wfpsim.kernel.Bench.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where and at which level routines run, and that every request completes. */
@Timeout(20)
class CompletionThreadTest {

    private final List<Object> seen = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(
            value = Irql.class,
            names = {"PASSIVE_LEVEL", "DISPATCH_LEVEL"})
    @Spec("IRP-10")
    void routine_runsAtTheLevelOfTheOption(Irql level) {
        Bench bench = new Bench(Bench.manual().completionIrql(level));
        bench.call(bench.ownIrp((device, irp, context) -> {
            seen.add(bench.irql.get());
            return KEEP;
        }));
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly(level);
        assertThat(bench.irql.get()).isEqualTo(Irql.PASSIVE_LEVEL);
    }

    @Test
    @Spec("IRP-10")
    void actionOfAFuture_runsAsInAWorkItem_notAsInARoutine() {
        Bench bench = new Bench(Bench.manual().completionIrql(Irql.DISPATCH_LEVEL));
        Supplier<String> where = () -> bench.irql.get() + " " + bench.manager.isInCompletionRoutine();
        CompletableFuture<IoStatus> second = bench.io.send(bench::call).thenCompose(first -> {
            seen.add(where.get());
            return bench.io.send(bench::call);
        });
        bench.call(bench.ownIrp((device, irp, context) -> {
            seen.add(where.get());
            return KEEP;
        }));
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly("PASSIVE_LEVEL false", "DISPATCH_LEVEL true");
        assertThat(where.get()).isEqualTo("PASSIVE_LEVEL false");
        assertThat(second).isCompletedWithValue(Bench.FIVE_BYTES);
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("IRP-10")
    void routine_onAThreadAtAHigherLevel_staysThere() {
        Bench bench = Bench.inline();
        Irp irp = bench.ownIrp((device, completed, context) -> {
            seen.add(bench.irql.get());
            return KEEP;
        });

        bench.irql.runAt(Irql.DISPATCH_LEVEL, () -> bench.call(irp));

        assertThat(seen).containsExactly(Irql.DISPATCH_LEVEL);
    }

    @Test
    @Spec("IRP-10")
    void routine_runsOnTheDispatcherByDefault() throws Exception {
        Bench bench = new Bench(SimOptions.defaults());
        CompletableFuture<Thread> ranOn = new CompletableFuture<>();
        bench.call(bench.ownIrp((device, irp, context) -> {
            ranOn.complete(Thread.currentThread());
            return KEEP;
        }));

        assertThat(ranOn.get(10, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
        bench.dispatcher.close();
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    void everyMode_endsInTheSameState(CompletionMode mode) {
        Bench bench = new Bench(Bench.manual().completionMode(mode));
        for (int i = 0; i < 20; i++) {
            Irp irp = bench.ownIrp((device, completed, context) -> {
                seen.add(completed.ioStatus());
                return KEEP;
            });
            NtStatus returned = bench.call(irp);
            assertThat(seen).hasSize(returned == NtStatus.STATUS_PENDING ? i : i + 1);
            bench.dispatcher.runAll();
            assertThat(seen).hasSize(i + 1).containsOnly(Bench.FIVE_BYTES);
            bench.io.ioFreeIrp(irp);
        }
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    void refusal_completesInlineInEveryMode_withTheStatusReturned() {
        Bench bench = Bench.throwing();
        Irp irp = bench.ownIrp((device, completed, context) -> {
            seen.add(completed.ioStatus().status());
            seen.add(completed.pendingReturned());
            return KEEP;
        });

        NtStatus returned = IrpRequest.begin(bench.io, irp, "WskBind").completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);

        assertThat(returned).isEqualTo(NtStatus.STATUS_NOT_SUPPORTED);
        assertThat(seen).containsExactly(NtStatus.STATUS_NOT_SUPPORTED, false);
    }

    @Test
    void work_isDoneWhenTheRequestIsProcessed_notWhenItIsIssued() {
        Bench bench = Bench.throwing();
        bench.call(bench.ownIrp((device, irp, context) -> KEEP), () -> {
            seen.add("worked");
            return Bench.FIVE_BYTES;
        });

        assertThat(seen).isEmpty();
        bench.dispatcher.runAll();
        assertThat(seen).containsExactly("worked");
    }

    @ParameterizedTest
    @EnumSource(
            value = CompletionMode.class,
            names = {"PENDING", "INLINE"})
    void work_thatThrows_completesTheRequestAllTheSame(CompletionMode mode) {
        Bench bench = new Bench(Bench.manual().completionMode(mode));
        Irp irp = bench.ownIrp((device, completed, context) -> {
            seen.add(completed.ioStatus());
            return KEEP;
        });
        IllegalStateException failure = new IllegalStateException("provider");

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> {
                    bench.call(irp, () -> {
                        throw failure;
                    });
                    bench.dispatcher.runAll();
                })
                .isSameAs(failure);

        assertThat(seen).containsExactly(new IoStatus(NtStatus.STATUS_UNSUCCESSFUL, 0));
        bench.io.ioFreeIrp(irp);
    }

    @Test
    void routine_thatThrows_leavesTheIrpWithItsDriver() {
        Bench bench = Bench.throwing();
        IllegalStateException failure = new IllegalStateException("routine");
        Irp irp = bench.ownIrp((device, completed, context) -> {
            throw failure;
        });
        bench.call(irp);

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(bench.dispatcher::runAll)
                .isSameAs(failure);
        bench.io.ioFreeIrp(irp);
    }

    @Test
    void completion_afterTheDispatcherClosed_runsAtOnce() {
        Bench bench = new Bench(SimOptions.defaults().dispatcher(DispatcherMode.BACKGROUND));
        IrpRequest request = bench.pend(bench.ownIrp((device, irp, context) -> {
            seen.add(irp.ioStatus());
            return KEEP;
        }));
        bench.dispatcher.close();

        request.complete(NtStatus.STATUS_SUCCESS, 5);

        assertThat(seen).containsExactly(Bench.FIVE_BYTES);
    }

    @Test
    void request_isNotCompletedWithStatusPending() {
        Bench bench = Bench.throwing();
        IrpRequest request = bench.pend(bench.ownIrp((device, irp, context) -> KEEP));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> request.complete(NtStatus.STATUS_PENDING, 0))
                .withMessageContaining("final status");
        assertThat(request.isOver()).isFalse();
        request.complete(NtStatus.STATUS_SUCCESS, 0);
    }
}
