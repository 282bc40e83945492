package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.Filter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes on all the same when drivers fail: their routines, their callouts, their unload. */
@Timeout(20)
class WskFailureTest {

    private static final ClassifyFn1 BROKEN = (values, meta, data, context, filter, flow, out) -> {
        throw new IllegalStateException("callout");
    };

    /** A machine that throws faults. */
    private static WskBench strict(CompletionMode mode) {
        return new WskBench(
                AddressFamily.AF_INET, WfpSim.open(SimOptions.defaults().completionMode(mode)));
    }

    private static void ask(WskBench bench, Layer layer, ClassifyFn1 classifyFn) {
        UUID key = new UUID(7, 7);
        bench.driver.registerCallout(key, classifyFn);
        bench.sim.fwpm().addFilter(Filter.at(layer).callout(key));
    }

    /** Makes a call that may throw; how its IRP ends. */
    private static CompletableFuture<IoStatus> outcomeOf(WskBench bench, Function<Irp, NtStatus> call) {
        CompletableFuture<IoStatus> ended = new CompletableFuture<>();
        Irp irp = bench.driver.io().ioAllocateIrp(1, false);
        bench.driver
                .io()
                .ioSetCompletionRoutine(
                        irp,
                        (device, completed, context) -> {
                            IoStatus status = completed.ioStatus();
                            bench.driver.io().ioFreeIrp(completed);
                            ended.complete(status);
                            return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                        },
                        null,
                        true,
                        true,
                        true);
        Throwable thrown = catchThrowable(() -> call.apply(irp));
        assertThat(thrown)
                .satisfiesAnyOf(
                        none -> assertThat(none).isNull(),
                        fault -> assertThat(fault).isInstanceOf(FaultException.class));
        return ended;
    }

    private static NtStatus statusOf(CompletableFuture<IoStatus> ended) throws Exception {
        return ended.get(10, TimeUnit.SECONDS).status();
    }

    @Test
    @Spec("WSKS-01")
    void unload_withSocketsLeft_closesAllOfThem_thoughFaultsAreThrown() {
        WskBench bench = strict(CompletionMode.PENDING);
        bench.bound(0);
        bench.bound(0);

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(bench.driver::unload)
                .satisfies(first -> assertThat(first.getSuppressed()).hasSize(2));

        assertThat(bench.sim.connections()).isEmpty();
        bench.close();
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-11")
    void close_whoseClosureACalloutSpoils_endsAllTheSame(CompletionMode mode) throws Exception {
        WskBench bench = strict(mode);
        ask(bench, Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, BROKEN);
        WskListenSocket listener = bench.listener(8080, 0);

        NtStatus status = statusOf(outcomeOf(bench, listener::wskCloseSocket));

        assertThat(status).isEqualTo(NtStatus.STATUS_SUCCESS);
        bench.unload();
        assertThatExceptionOfType(FaultException.class).isThrownBy(bench::close);
    }

    @ParameterizedTest
    @CsvSource({"PENDING, BACKGROUND", "INLINE, BACKGROUND", "PENDING, INLINE", "INLINE, INLINE"})
    @Spec({"WSKS-11", "WSK-41"})
    void close_cancelsAndEnds_whateverTheRoutinesThrow(CompletionMode mode, DispatcherMode dispatcher) {
        WskBench bench = new WskBench(
                AddressFamily.AF_INET,
                SimOptions.defaults().completionMode(mode).dispatcher(dispatcher));
        WskListenSocket listener = bench.listener(8080, 0);
        List<NtStatus> ended = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 3; i++) {
            Irp irp = bench.driver.io().ioAllocateIrp(1, false);
            bench.driver
                    .io()
                    .ioSetCompletionRoutine(
                            irp,
                            (device, completed, context) -> {
                                ended.add(completed.ioStatus().status());
                                bench.driver.io().ioFreeIrp(completed);
                                throw new IllegalStateException("routine");
                            },
                            null,
                            true,
                            true,
                            true);
            listener.wskAccept(0, null, null, null, null, irp);
        }

        bench.close(listener);

        assertThat(ended)
                .containsExactly(NtStatus.STATUS_CANCELLED, NtStatus.STATUS_CANCELLED, NtStatus.STATUS_CANCELLED);
        bench.unload();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(bench::close)
                .withMessage("routine");
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSK-41")
    void connect_whoseCalloutCommitsAFault_endsAsTheConnectDid(CompletionMode mode) throws Exception {
        WskBench bench = strict(mode);
        WskListenSocket listener = bench.listener(8080, 0);
        ask(bench, Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, (values, meta, data, context, filter, flow, out) -> {
            bench.driver.pool().allocate(1, "Test").free();
            bench.driver.wsk().wskReleaseProviderNpi(released(bench));
        });
        WskConnectionSocket socket = bench.bound(0);

        NtStatus connected = statusOf(outcomeOf(bench, irp -> socket.wskConnect(bench.local(8080), 0, irp)));
        NtStatus inOneStep = statusOf(outcomeOf(
                bench, irp -> bench.npi.wskSocketConnect(1, 6, bench.any(), bench.local(8080), 0, null, null, 0, irp)));

        assertThat(connected).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(inOneStep).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(listener).isNotNull();
        assertThat(catchThrowable(bench::close)).isInstanceOf(FaultException.class);
    }

    /** A registration that has nothing to release. */
    private static WskRegistration released(WskBench bench) {
        Out<WskRegistration> another = Out.empty();
        bench.wsk.wskRegister(WskClientNpi.ofVersion10(), another);
        return Objects.requireNonNull(another.get());
    }

    @Test
    @Spec("IRP-10")
    void waitingForARequest_onTheDispatcher_saysSoInsteadOfHanging() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskConnectionSocket socket = bench.bound(0);
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();

            bench.sim
                    .dispatcher()
                    .execute(() -> thrown.complete(catchThrowable(
                            bench.driver.io().send(irp -> socket.wskGetLocalAddress(Out.empty(), irp))::join)));

            assertThat(thrown.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("thenCompose");
        }
    }

    // ---- a bind that a callout holds

    private final List<Boolean> pends = new ArrayList<>(List.of(true));

    private void holdFirstBind(WskBench bench) {
        ask(bench, Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, (values, meta, data, context, filter, flow, out) -> {
            if (!pends.isEmpty()) {
                pends.clear();
                Out<ClassifyHandle> handle = Out.empty();
                bench.driver.fwps().fwpsAcquireClassifyHandle0(Objects.requireNonNull(context), 0, handle);
                bench.driver.fwps().fwpsPendClassify0(Objects.requireNonNull(handle.get()), filter.filterId(), 0, out);
                out.setActionType(ActionType.FWP_ACTION_BLOCK);
                out.clearWriteRight();
            }
        });
    }

    private static WskListenSocket unboundListener(WskBench bench) {
        return (WskListenSocket) bench.socket(WskFlags.WSK_FLAG_LISTEN_SOCKET, 1, WskBench.TCP, 0);
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("IRP-14")
    void bindOfAListener_thatIsCancelled_leavesItAsItWas(CompletionMode mode) {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            holdFirstBind(bench);
            WskListenSocket listener = unboundListener(bench);
            WskBench.Sent bind = bench.send(irp -> listener.wskBind(bench.local(8080), 0, irp));

            bench.driver.io().ioCancelIrp(bind.irp());

            assertThat(bind.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
            bench.succeed(irp -> listener.wskBind(bench.local(8080), 0, irp));
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-11")
    void closeOfAListener_whileItsBindIsHeld_endsTheBindFirst(CompletionMode mode) {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            holdFirstBind(bench);
            WskListenSocket listener = unboundListener(bench);
            WskBench.Sent bind = bench.send(irp -> listener.wskBind(bench.local(8080), 0, irp));

            bench.close(listener);

            assertThat(bind.isOver()).isTrue();
            assertThat(bind.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
        }
    }
}
