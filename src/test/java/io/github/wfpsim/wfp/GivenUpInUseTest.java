package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimSocket;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contexts and callouts that are given up while a function of the callout runs. */
@Timeout(20)
class GivenUpInUseTest {

    private static final UUID KEY = new UUID(60, 1);
    private static final Layer ESTABLISHED = Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;
    private static final Layer AUTHORIZED = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private int callout;

    @AfterEach
    void closeBench() {
        goOn.countDown();
        bench.close();
    }

    /** Registers a callout and has it asked at some layers. */
    private void register(ClassifyFn1 classifyFn, FwpsNotifyFn1 notifyFn, Layer... layers) {
        Out<Integer> id = Out.empty();
        FwpsFlowDeleteFn0 flowDeleteFn = (layer, calloutId, context) -> log.add("deleted " + context);
        bench.fwps.fwpsCalloutRegister1(new FwpsCallout1(KEY, classifyFn, notifyFn, flowDeleteFn), id);
        callout = Objects.requireNonNull(id.get());
        for (Layer layer : layers) {
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(layer).weight(FilterWeight.explicit(1)).callout(KEY));
        }
    }

    private NtStatus tie(IncomingMetadataValues meta, long context) {
        return bench.fwps.fwpsFlowAssociateContext0(meta.flowHandle(), ESTABLISHED, callout, context);
    }

    private NtStatus remove(long flow) {
        return bench.fwps.fwpsFlowRemoveContext0(flow, ESTABLISHED, callout);
    }

    private static <T> CompletableFuture<T> onThread(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, task -> {
            Thread thread = new Thread(task, "other");
            thread.setDaemon(true);
            thread.start();
        });
    }

    private static <T> T await(CompletableFuture<T> call) throws Exception {
        return call.get(10, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Spec("WFP-32")
    void contextRemovedUnderItsClassifyFn_isPending_andGoesWhenThatReturns(boolean byAnotherThread) {
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    long flow = meta.flowHandle();
                    tie(meta, 7);
                    log.add(String.valueOf(
                            byAnotherThread ? onThread(() -> remove(flow)).join() : remove(flow)));
                    log.add(String.valueOf(remove(flow)));
                    log.add("returns");
                },
                null,
                ESTABLISHED);

        bench.connect();

        assertThat(log).containsExactly("STATUS_PENDING", "STATUS_UNSUCCESSFUL", "returns", "deleted 7");
        assertThat(bench.fwps.fwpsCalloutUnregisterById0(callout)).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    @Test
    @Spec("WFP-32")
    void contextThatIsPending_doesNotGoWhenTheClassifyFnOfAnotherFlowReturns() throws Exception {
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    if (running.getCount() == 0) {
                        return;
                    }
                    tie(meta, 7);
                    log.add(String.valueOf(remove(meta.flowHandle())));
                    running.countDown();
                    await(goOn);
                    log.add("returns");
                },
                null,
                ESTABLISHED);
        CompletableFuture<SimSocket> first = onThread(bench::connect);
        await(running);

        bench.connect();
        assertThat(log).containsExactly("STATUS_PENDING");
        goOn.countDown();
        await(first).close();

        assertThat(log).containsExactly("STATUS_PENDING", "returns", "deleted 7");
    }

    @Test
    @Spec("WFP-32")
    void contextOfAnotherFlow_goesAtOnce() {
        List<Long> flows = new CopyOnWriteArrayList<>();
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    flows.add(meta.flowHandle());
                    if (flows.size() == 1) {
                        tie(meta, 7);
                    } else {
                        log.add(String.valueOf(remove(flows.get(0))));
                        log.add("returns");
                    }
                },
                null,
                ESTABLISHED);

        bench.connect();
        bench.connect();

        assertThat(log).containsExactly("deleted 7", "STATUS_SUCCESS", "returns");
    }

    @Test
    @Spec("WFP-32")
    void contextOfAFlowThatEndsUnderItsClassifyFn_goesWhenThatReturns() throws Exception {
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    out.setActionType(ActionType.FWP_ACTION_PERMIT);
                    if (values.layer() == ESTABLISHED) {
                        tie(meta, 7);
                    } else if (values.reauthorizeReason() != 0) {
                        running.countDown();
                        await(goOn);
                        log.add("returns");
                    }
                },
                null,
                AUTHORIZED,
                ESTABLISHED);
        SimSocket socket = bench.connect();
        CompletableFuture<Long> change = onThread(() -> bench.sim
                .fwpm()
                .addFilter(
                        Filter.at(AUTHORIZED).weight(FilterWeight.explicit(0)).permit()));
        await(running);

        CompletableFuture<Void> close = CompletableFuture.runAsync(socket::close);
        while (bench.sim.connections().stream().anyMatch(c -> c.process().equals(bench.app))) {
            Thread.onSpinWait();
        }
        assertThat(log).isEmpty();
        assertThat(bench.fwps.fwpsCalloutUnregisterById0(callout)).isEqualTo(NtStatus.STATUS_DEVICE_BUSY);
        goOn.countDown();
        await(change);
        close.get(10, TimeUnit.SECONDS);

        assertThat(log).containsExactly("returns", "deleted 7");
    }

    @Test
    @Spec({"WFP-32", "WFP-33"})
    void callout_isUnregisteredWhenItsClassifyFnHasReturned() throws Exception {
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    running.countDown();
                    await(goOn);
                    log.add("returns");
                    out.setActionType(ActionType.FWP_ACTION_PERMIT);
                },
                null,
                AUTHORIZED);
        CompletableFuture<SimSocket> connect = onThread(bench::connect);
        await(running);
        CompletableFuture<NtStatus> unregistered = onThread(() -> bench.fwps.fwpsCalloutUnregisterById0(callout));
        while (bench.sim.waits().stream().noneMatch(wait -> wait.contains("the functions of callout {" + KEY))) {
            Thread.onSpinWait();
        }

        assertThat(bench.fwps.fwpsCalloutUnregisterById0(callout)).isEqualTo(NtStatus.STATUS_FWP_IN_USE);
        assertThat(bench.fwps.fwpsCalloutUnregisterByKey0(KEY)).isEqualTo(NtStatus.STATUS_FWP_IN_USE);
        assertThat(bench.failToConnect()).as("nobody is asked any more").isEqualTo(Win32Error.WSAEACCES);
        assertThat(unregistered).isNotDone();
        goOn.countDown();

        assertThat(await(unregistered)).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(log).containsExactly("returns");
        await(connect).close();
        assertThat(bench.fwps.fwpsCalloutUnregisterById0(callout)).isEqualTo(NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND);
    }

    @Test
    @Spec("WFP-32")
    void callout_cannotBeUnregisteredInItsOwnFunctions() {
        Supplier<String> unregister =
                () -> bench.fwps.fwpsCalloutUnregisterByKey0(KEY).name();
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    out.setActionType(ActionType.FWP_ACTION_PERMIT);
                    log.add("classifyFn " + unregister.get());
                },
                (type, key, filter) -> {
                    log.add("notifyFn " + unregister.get());
                    return NtStatus.STATUS_SUCCESS;
                },
                AUTHORIZED);

        bench.connect();

        assertThat(log).containsExactly("notifyFn STATUS_DEVICE_BUSY", "classifyFn STATUS_DEVICE_BUSY");
        assertThat(unregister.get()).isEqualTo("STATUS_SUCCESS");
    }

    @Test
    @Spec("WFP-32")
    void callout_isUnregisteredWhenItsNotifyFnHasReturned() throws Exception {
        register((values, meta, data, context, filter, flowContext, out) -> {}, (type, key, filter) -> {
            running.countDown();
            await(goOn);
            log.add("returns");
            return NtStatus.STATUS_SUCCESS;
        });
        CompletableFuture<Long> add =
                onThread(() -> bench.sim.fwpm().addFilter(Filter.at(AUTHORIZED).callout(KEY)));
        await(running);
        CompletableFuture<NtStatus> unregistered = onThread(() -> bench.fwps.fwpsCalloutUnregisterById0(callout));
        while (bench.sim.waits().isEmpty()) {
            Thread.onSpinWait();
        }
        goOn.countDown();

        assertThat(await(unregistered)).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(log).containsExactly("returns");
        await(add);
    }

    @Test
    @Spec({"WFP-32", "WFP-80"})
    void driverUnloadedUnderItsClassifyFn_isToldSo() throws Exception {
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    running.countDown();
                    await(goOn);
                },
                null,
                AUTHORIZED);
        CompletableFuture<SimSocket> connect = onThread(bench::connect);
        await(running);

        bench.driver.unload();
        goOn.countDown();
        await(connect).close();

        assertThat(bench.faults()).contains(Fault.CALLOUT_LEAK);
        assertThat(bench.sim.verifier().violations().toString()).contains("one of its functions runs still");
    }

    @Test
    @Spec({"WFP-19", "WFP-91"})
    void filterOfANotification_isStaleAfterIt() {
        List<FwpsFilter> kept = new CopyOnWriteArrayList<>();
        register((values, meta, data, context, filter, flowContext, out) -> {}, (type, key, filter) -> {
            kept.add(filter);
            log.add(filter.name());
            return NtStatus.STATUS_SUCCESS;
        });
        bench.sim.fwpm().addFilter(Filter.at(AUTHORIZED).name("mine").callout(KEY));
        assertThat(bench.faults()).isEmpty();

        kept.get(0).context();

        assertThat(log).containsExactly("mine");
        assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE);
        assertThat(bench.sim.verifier().violations().toString()).contains("filter.context", "notifyFn had returned");
    }

    @Test
    @Spec("WFP-32")
    void manyCallsAtOnce_areAllWaitedFor() throws Exception {
        int calls = 20;
        CountDownLatch inside = new CountDownLatch(calls);
        register(
                (values, meta, data, context, filter, flowContext, out) -> {
                    inside.countDown();
                    await(goOn);
                    log.add("returns");
                    out.setActionType(ActionType.FWP_ACTION_PERMIT);
                },
                null,
                AUTHORIZED);
        List<CompletableFuture<SimSocket>> connects = new CopyOnWriteArrayList<>();
        for (int i = 0; i < calls; i++) {
            connects.add(onThread(bench::connect));
        }
        await(inside);
        CompletableFuture<NtStatus> unregistered = onThread(() -> bench.fwps.fwpsCalloutUnregisterById0(callout));
        while (bench.sim.waits().isEmpty()) {
            Thread.onSpinWait();
        }
        goOn.countDown();

        assertThat(await(unregistered)).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(log).hasSize(calls);
        for (CompletableFuture<SimSocket> connect : connects) {
            await(connect).close();
        }
    }
}
