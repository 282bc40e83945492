package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.engine.FilterRound;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.RedirectBench.Call;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A callout that decides later. */
@Timeout(20)
class PendClassifyTest {

    private static final int REAUTHORIZE = ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code();

    /** A classification that a test's callout has pended. */
    private record Pended(Call call, ClassifyHandle handle) {}

    private final BlockingQueue<Pended> pended = new LinkedBlockingQueue<>();

    /** Acquires a handle and pends by the book. */
    private Pended pend(RedirectBench bench, Call call) {
        ClassifyHandle handle = bench.acquireHandle(call);
        assertThat(bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out()))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
        call.out().clearWriteRight();
        Pended held = new Pended(call, handle);
        pended.add(held);
        return held;
    }

    /** Waits until a callout has pended and returned, so that the connection waits. */
    private Pended awaitPended(RedirectBench bench) throws InterruptedException {
        Pended held = Objects.requireNonNull(pended.poll(10, TimeUnit.SECONDS), "nothing was pended in time");
        long endpoint = held.call().meta().transportEndpointHandle();
        while (bench.sim.connections().stream()
                .noneMatch(connection -> connection.endpoint() == endpoint && connection.heldBy() != null)) {
            Thread.onSpinWait();
        }
        return held;
    }

    private interface Connecting {
        SimSocket run() throws WinsockException;
    }

    private static CompletableFuture<SimSocket> started(Connecting call) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return call.run();
                    } catch (WinsockException failed) {
                        throw new CompletionException(failed);
                    }
                },
                PendClassifyTest::onThreadOfItsOwn);
    }

    private static SimSocket finished(CompletableFuture<SimSocket> call) throws Exception {
        return call.get(10, TimeUnit.SECONDS);
    }

    private static void onThreadOfItsOwn(Runnable task) {
        Thread thread = new Thread(task, "connecting");
        thread.setDaemon(true);
        thread.start();
    }

    private static ClassifyOut permit() {
        return new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0);
    }

    private static void complete(RedirectBench bench, Pended held, @Nullable ClassifyOut out) {
        bench.fwps.fwpsCompleteClassify0(held.handle(), 0, out);
        bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
    }

    /** Acquires the request outside classifyFn, where its classify-out is gone. */
    private static ConnectRequest acquireLater(RedirectBench bench, Pended held) {
        Out<Object> data = Out.empty();
        assertThat(bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                        held.handle(), held.call().filter().filterId(), 0, data, permit()))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        return (ConnectRequest) Objects.requireNonNull(data.get());
    }

    /** What a worker does: edit and apply through the handle, then permit. */
    private static void redirectAndComplete(RedirectBench bench, Pended held, Consumer<ConnectRequest> edit) {
        ConnectRequest request = acquireLater(bench, held);
        edit.accept(request);
        bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);
        complete(bench, held, permit());
    }

    private static CompletableFuture<SimSocket> connecting(RedirectBench bench) {
        return CompletableFuture.supplyAsync(bench::connect, PendClassifyTest::onThreadOfItsOwn);
    }

    private static Win32Error failure(CompletableFuture<SimSocket> connect) throws Exception {
        try {
            throw new AssertionError("connected: " + finished(connect));
        } catch (ExecutionException failed) {
            assertThat(failed).hasCauseInstanceOf(WinsockException.class);
            return ((WinsockException) failed.getCause()).error();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-58", "WFP-60", "WFP-63"})
    void connect_waitsForTheWorkerWhileOthersProceed(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                if (call.meta().processId() == bench.app.id()) {
                    pend(bench, call);
                }
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);

            bench.proxy.winsock().tcpSocket(family).connect(bench.origin).close();
            assertThat(connect).isNotDone();

            redirectAndComplete(bench, held, bench::toProxy);
            finished(connect);

            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.accept().queryRedirectRecords().orElseThrow()).isNotEmpty();
            assertThat(bench.faults()).isEmpty();
            bench.unregisterAll();
            assertThat(bench.driver.held().isEmpty()).isTrue();
        }
    }

    private enum Way {
        INLINE,
        PENDED_IN_PLACE,
        PENDED_WITH_A_WORKER
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    @Spec("WFP-63")
    void redirect_doneInAnyWay_hasTheSameResult(Way way) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                if (way == Way.INLINE) {
                    bench.redirect(call, bench::toProxy);
                    return;
                }
                Pended held = pend(bench, call);
                if (way == Way.PENDED_IN_PLACE) {
                    redirectAndComplete(bench, held, bench::toProxy);
                }
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            if (way == Way.PENDED_WITH_A_WORKER) {
                redirectAndComplete(bench, awaitPended(bench), bench::toProxy);
            }

            assertThat(finished(connect).remoteAddress()).isEqualTo(bench.origin);

            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-63")
    void applyInsideClassifyFnAfterAPend_onWindows7_isMisuse() {
        try (RedirectBench bench = new RedirectBench(
                AddressFamily.AF_INET, SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7))) {
            bench.atConnectRedirect(call -> redirectAndComplete(bench, pend(bench, call), bench::toProxy));

            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.PEND_MISUSE);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Layer.class,
            names = {
                "FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4",
                "FWPS_LAYER_ALE_AUTH_CONNECT_V4",
                "FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4"
            })
    @Spec("WFP-58")
    void pend_atAnotherLayer_isRefused(Layer layer) {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<NtStatus> answers = new ArrayList<>();
            bench.at(layer, call -> {
                ClassifyHandle handle = bench.acquireHandle(call);
                answers.add(bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out()));
                bench.fwps.fwpsReleaseClassifyHandle0(handle);
            });

            bench.connect();

            assertThat(answers).containsExactly(NtStatus.STATUS_FWP_CANNOT_PEND);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-59")
    void pend_withFlags_isRefused_andNoPendTouchesClassifyOut() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<NtStatus> answers = new ArrayList<>();
            List<String> outs = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                ClassifyHandle handle = bench.acquireHandle(call);
                answers.add(bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 1, call.out()));
                outs.add(call.out().toString());
                answers.add(bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out()));
                outs.add(call.out().toString());
                bench.fwps.fwpsCompleteClassify0(handle, 0, permit());
                bench.fwps.fwpsReleaseClassifyHandle0(handle);
            });

            bench.connect();

            assertThat(answers).containsExactly(NtStatus.STATUS_INVALID_PARAMETER, NtStatus.STATUS_SUCCESS);
            assertThat(outs).containsExactly("FWP_ACTION_CONTINUE", "FWP_ACTION_CONTINUE");
            assertThat(bench.faults()).isEmpty();
            assertThat(diagnostics(bench)).isEmpty();
        }
    }

    private static List<Diagnostic> diagnostics(RedirectBench bench) {
        return bench.sim.verifier().diagnostics().stream()
                .map(found -> found.kind())
                .toList();
    }

    /** What the guide does with the right after a pend, and what WFPSampler does. */
    private enum Right {
        CLEARED {
            @Override
            void change(ClassifyOut out) {
                out.clearWriteRight();
            }
        },
        TOGGLED {
            @Override
            void change(ClassifyOut out) {
                out.setRights(out.rights() ^ ActionType.FWPS_RIGHT_ACTION_WRITE);
            }
        },
        LEFT_ALONE {
            @Override
            void change(ClassifyOut out) {
                // That is it.
            }
        };

        abstract void change(ClassifyOut out);
    }

    @ParameterizedTest
    @EnumSource(Right.class)
    @Spec({"WFP-45", "WFP-59"})
    void layerDataAcquiredBeforeThePend_isNoObstacle_whateverBecomesOfTheRight(Right right) throws Exception {
        for (boolean acquiredFirst : List.of(true, false)) {
            try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
                List<ConnectRequest> requests = new CopyOnWriteArrayList<>();
                List<NtStatus> answers = new CopyOnWriteArrayList<>();
                bench.atConnectRedirect(call -> {
                    ClassifyHandle handle = bench.acquireHandle(call);
                    if (acquiredFirst) {
                        requests.add(bench.acquireRequest(call, handle));
                    }
                    answers.add(
                            bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out()));
                    if (!acquiredFirst) {
                        requests.add(bench.acquireRequest(call, handle));
                    }
                    call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                    right.change(call.out());
                    pended.add(new Pended(call, handle));
                });
                CompletableFuture<SimSocket> connect = connecting(bench);
                Pended held = awaitPended(bench);
                bench.toProxy(requests.get(0));
                bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), requests.get(0), 0);
                complete(bench, held, permit());
                finished(connect);

                assertThat(answers).containsExactly(NtStatus.STATUS_SUCCESS);
                assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
                assertThat(bench.faults()).isEmpty();
                assertThat(diagnostics(bench)).isEmpty();
            }
        }
    }

    @Test
    @Spec("WFP-59")
    void pend_ofOneHandleTwice_isMisuse() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                Pended held = pend(bench, call);
                call.out().setRights(ActionType.FWPS_RIGHT_ACTION_WRITE);
                assertThat(bench.fwps.fwpsPendClassify0(
                                held.handle(), call.filter().filterId(), 0, call.out()))
                        .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
                call.out().clearWriteRight();
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            complete(bench, awaitPended(bench), permit());
            finished(connect);

            assertThat(bench.faults()).containsExactly(Fault.PEND_MISUSE);
        }
    }

    @Test
    @Spec("WFP-59")
    void pend_outsideClassifyFn_isMisuse() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<ClassifyHandle> second = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                second.add(bench.acquireHandle(call));
                pend(bench, call);
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            ClassifyOut out = new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, ActionType.FWPS_RIGHT_ACTION_WRITE);

            NtStatus status = bench.fwps.fwpsPendClassify0(
                    second.get(0), held.call().filter().filterId(), 0, out);

            bench.fwps.fwpsReleaseClassifyHandle0(second.get(0));
            complete(bench, held, permit());
            finished(connect);
            assertThat(status).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.faults()).containsExactly(Fault.PEND_MISUSE);
        }
    }

    @Test
    @Spec("WFP-59")
    void pend_whoseCalloutLeavesClassifyOutAlone_isDiagnosed() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                pend(bench, call);
                call.out().setActionType(ActionType.FWP_ACTION_CONTINUE);
                call.out().setRights(ActionType.FWPS_RIGHT_ACTION_WRITE);
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            complete(bench, awaitPended(bench), permit());
            finished(connect);

            assertThat(bench.faults()).isEmpty();
            assertThat(diagnostics(bench)).containsExactly(Diagnostic.PENDED_WITHOUT_BLOCK);
        }
    }

    @Test
    @Spec("WFP-59")
    void pend_ofTwoHandles_oneCompletedInPlace_isNoFault() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                ClassifyHandle first = bench.acquireHandle(call);
                bench.fwps.fwpsPendClassify0(first, call.filter().filterId(), 0, call.out());
                pend(bench, call);
                bench.fwps.fwpsCompleteClassify0(first, 0, permit());
                bench.fwps.fwpsReleaseClassifyHandle0(first);
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            complete(bench, awaitPended(bench), permit());
            finished(connect);

            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-59")
    void pend_whoseCalloutClearsTheRightOnly_isDiagnosed() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                pend(bench, call);
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            complete(bench, awaitPended(bench), permit());
            finished(connect);

            assertThat(bench.faults()).isEmpty();
            assertThat(diagnostics(bench)).containsExactly(Diagnostic.PENDED_WITHOUT_BLOCK);
        }
    }

    @Test
    @Spec("WFP-59")
    void pend_belowAHardPermit_isPossibleAndDiagnosed() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
                call.out().clearWriteRight();
            });
            bench.atConnectRedirect(call -> pend(bench, call));
            CompletableFuture<SimSocket> connect = connecting(bench);
            redirectAndComplete(bench, awaitPended(bench), bench::toProxy);
            finished(connect);

            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.faults()).isEmpty();
            assertThat(diagnostics(bench)).containsExactly(Diagnostic.PENDED_WITHOUT_RIGHT);
        }
    }

    @Test
    @Spec("WFP-60")
    void complete_withoutPendTwiceOrAfterRelease_isMisuse() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                ClassifyHandle never = bench.acquireHandle(call);
                bench.fwps.fwpsCompleteClassify0(never, 0, permit());
                bench.fwps.fwpsReleaseClassifyHandle0(never);
                pend(bench, call);
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            bench.fwps.fwpsCompleteClassify0(held.handle(), 0, permit());
            bench.fwps.fwpsCompleteClassify0(held.handle(), 0, permit());
            bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            bench.fwps.fwpsCompleteClassify0(held.handle(), 0, permit());
            finished(connect);

            assertThat(bench.faults())
                    .containsExactly(Fault.COMPLETE_MISUSE, Fault.COMPLETE_MISUSE, Fault.COMPLETE_MISUSE);
        }
    }

    /** When a driver releases its own reference to a handle that it has pended. */
    private enum Release {
        RIGHT_AFTER_THE_PEND,
        BEFORE_THE_EDIT,
        BEFORE_THE_COMPLETION,
        AFTER_THE_COMPLETION
    }

    @ParameterizedTest
    @EnumSource(Release.class)
    @Spec({"WFP-43", "WFP-46", "WFP-60"})
    void ownReference_releasedBeforeOrAfterTheCompletion_isEquallyRight(Release release) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                Pended held = pend(bench, call);
                if (release == Release.RIGHT_AFTER_THE_PEND) {
                    bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
                }
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            if (release == Release.BEFORE_THE_EDIT) {
                bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            }
            ConnectRequest request = acquireLater(bench, held);
            bench.toProxy(request);
            if (release == Release.BEFORE_THE_COMPLETION) {
                bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            }
            bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);
            bench.fwps.fwpsCompleteClassify0(held.handle(), 0, permit());
            if (release == Release.AFTER_THE_COMPLETION) {
                assertThat(bench.driver.held().held()).extracting(h -> h.kind()).contains("classify handle");
                bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            }
            finished(connect);

            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            bench.unregisterAll();
            assertThat(bench.driver.held().isEmpty()).isTrue();
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec({"WFP-43", "WFP-60"})
    void referenceOfThePend_isNotTheDriversToRelease() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> pend(bench, call));
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);

            bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_HANDLE_MISUSE);
            redirectAndCompleteOnly(bench, held);
            finished(connect);

            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_HANDLE_MISUSE);
        }
    }

    private static void redirectAndCompleteOnly(RedirectBench bench, Pended held) {
        ConnectRequest request = acquireLater(bench, held);
        bench.toProxy(request);
        bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);
        bench.fwps.fwpsCompleteClassify0(held.handle(), 0, permit());
    }

    /** When the upper callout's pend is completed, and by whom. */
    private enum Completion {
        IN_PLACE,
        BY_A_WORKER_BEFORE_THE_RETURN,
        BY_A_WORKER_AFTER_THE_RETURN
    }

    @ParameterizedTest
    @EnumSource(Completion.class)
    @Spec({"WFP-59", "WFP-63", "WFP-65"})
    void whenThePendIsCompleted_makesNoDifferenceToAnybody(Completion completion) throws Exception {
        for (Layer layer : List.of(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4)) {
            try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
                List<String> seenBelow = new CopyOnWriteArrayList<>();
                boolean atConnect = layer == Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
                bench.at(layer, call -> {
                    Pended held = pend(bench, call);
                    Runnable rest = () -> finish(bench, held, atConnect);
                    if (completion == Completion.IN_PLACE) {
                        rest.run();
                    } else if (completion == Completion.BY_A_WORKER_BEFORE_THE_RETURN) {
                        CompletableFuture.runAsync(rest, PendClassifyTest::onThreadOfItsOwn)
                                .join();
                    }
                });
                bench.at(
                        layer,
                        call -> seenBelow.add(call.values().flags() + " "
                                + call.values().reauthorizeReason() + " "
                                + call.out().canWrite() + " "
                                + (atConnect
                                        ? bench.fwps.fwpsQueryConnectionRedirectState0(
                                                call.meta().redirectRecords(), bench.handle, null)
                                        : "")));
                CompletableFuture<SimSocket> connect = connecting(bench);
                if (completion == Completion.BY_A_WORKER_AFTER_THE_RETURN) {
                    finish(bench, awaitPended(bench), atConnect);
                }
                finished(connect);

                int reason = ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION.code();
                assertThat(seenBelow)
                        .containsExactly(REAUTHORIZE + " " + reason + " false "
                                + (atConnect ? RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF : ""));
                assertThat(bench.destination()).isEqualTo(atConnect ? bench.proxyAddress : bench.origin);
                assertThat(bench.faults()).isEmpty();
                assertThat(diagnostics(bench)).isEmpty();
            }
        }
    }

    private static void finish(RedirectBench bench, Pended held, boolean atConnect) {
        if (atConnect) {
            redirectAndComplete(bench, held, bench::toProxy);
        } else {
            complete(bench, held, permit());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Completion.class,
            names = {"BY_A_WORKER_BEFORE_THE_RETURN", "BY_A_WORKER_AFTER_THE_RETURN"})
    @Spec("WFP-59")
    void adviceToWriteBlock_doesNotDependOnWhenTheWorkerIsDone(Completion completion) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                Pended held = pend(bench, call);
                call.out().setActionType(ActionType.FWP_ACTION_CONTINUE);
                if (completion == Completion.BY_A_WORKER_BEFORE_THE_RETURN) {
                    CompletableFuture.runAsync(() -> complete(bench, held, null), PendClassifyTest::onThreadOfItsOwn)
                            .join();
                }
                bench.sim.fwpm().fwpmFilterDeleteById0(call.filter().filterId());
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            if (completion == Completion.BY_A_WORKER_AFTER_THE_RETURN) {
                complete(bench, awaitPended(bench), null);
            }
            finished(connect);

            assertThat(diagnostics(bench)).containsExactly(Diagnostic.PENDED_WITHOUT_BLOCK);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Completion.class,
            names = {"BY_A_WORKER_BEFORE_THE_RETURN", "BY_A_WORKER_AFTER_THE_RETURN"})
    @Spec("WFP-38")
    void whatAWorkerAppliedForAClassifyFnThatThrew_isUndoneWheneverItCame(Completion completion) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                Pended held = pend(bench, call);
                if (completion == Completion.BY_A_WORKER_BEFORE_THE_RETURN) {
                    CompletableFuture.runAsync(() -> finish(bench, held, true), PendClassifyTest::onThreadOfItsOwn)
                            .join();
                }
                throw new IllegalStateException("thrown by the test");
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            if (completion == Completion.BY_A_WORKER_AFTER_THE_RETURN) {
                finish(bench, awaitPended(bench), true);
            }
            finished(connect);

            assertThat(bench.destination()).isEqualTo(bench.origin);
            assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
        }
    }

    @Test
    @Spec("WFP-63")
    void workerThatAppliesBeforeTheReturn_onWindows7_isNoMisuse() throws Exception {
        try (RedirectBench bench = new RedirectBench(
                AddressFamily.AF_INET, SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7))) {
            bench.atConnectRedirect(call -> {
                Pended held = pend(bench, call);
                CompletableFuture.runAsync(() -> finish(bench, held, true), PendClassifyTest::onThreadOfItsOwn)
                        .join();
            });

            bench.connect();

            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-60", "WFP-67", "WFP-80"})
    void classification_neverCompleted_isReportedWithItsHolder(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            FwpsFilter filter = bench.atConnectRedirect(call -> pend(bench, call));
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            bench.sim.clock().advance(Duration.ofSeconds(3));

            String report = bench.sim.held().toString();
            assertThat(report)
                    .contains("pended classification", "CONNECT_REDIRECT", "app.exe", "acme.sys", "3000 ms")
                    .contains("filter " + filter.filterId(), "CLASSIFY_NEVER_COMPLETED");
            assertThat(bench.sim.connections())
                    .filteredOn(connection -> connection.heldBy() != null)
                    .extracting(ConnectionSnapshot::state)
                    .containsExactly(ConnectionState.CONNECTING);
            bench.unregisterAll();
            bench.driver.unload();

            finished(connect);
            assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_NEVER_COMPLETED, Fault.CLASSIFY_HANDLE_LEAK);
            assertThat(held.handle()).asString().endsWith("(released)");
        }
    }

    @Test
    @Spec("WFP-60")
    void handle_releasedWithoutCompleting_keepsTheConnectionWaitingAndIsReported() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> pend(bench, call));
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);

            bench.fwps.fwpsReleaseClassifyHandle0(held.handle());

            assertThat(connect).isNotDone();
            bench.unregisterAll();
            bench.driver.unload();
            finished(connect);
            assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_NEVER_COMPLETED);
        }
    }

    @Test
    @Spec({"WFP-61", "WFP-65"})
    void completionWithoutClassifyOut_asksTheLayerAnewAsARepeat() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Integer> flags = new CopyOnWriteArrayList<>();
            List<RedirectState> states = new CopyOnWriteArrayList<>();
            bench.atConnectRedirect(call -> {
                flags.add(call.values().flags());
                states.add(bench.fwps.fwpsQueryConnectionRedirectState0(
                        call.meta().redirectRecords(), bench.handle, null));
                if (flags.size() == 1) {
                    pend(bench, call);
                }
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            ConnectRequest request = acquireLater(bench, held);
            bench.toProxy(request);
            bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);
            bench.fwps.fwpsCompleteClassify0(held.handle(), 0, null);
            bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            finished(connect);

            assertThat(flags).containsExactly(0, REAUTHORIZE);
            assertThat(states)
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_NOT_REDIRECTED,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec({"WFP-31", "WFP-61"})
    void freshClassification_asksTheFiltersOfNow() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<String> asked = new CopyOnWriteArrayList<>();
            bench.atConnectRedirect(call -> {
                if ((call.values().flags() & REAUTHORIZE) == 0) {
                    pend(bench, call);
                }
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            bench.atConnectRedirect(call -> asked.add("added meanwhile"));

            complete(bench, held, null);
            finished(connect);

            assertThat(asked).containsExactly("added meanwhile");
        }
    }

    @Test
    @Spec({"WFP-29", "WFP-61"})
    void freshClassification_whenTheLastFilterIsGone_permits() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            FwpsFilter only = bench.atConnectRedirect(call -> pend(bench, call));
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            bench.sim.fwpm().fwpmFilterDeleteById0(only.filterId());

            complete(bench, held, null);
            finished(connect);

            assertThat(bench.destination()).isEqualTo(bench.origin);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-65")
    void freshClassificationsWithoutEnd_areEndedAtTheLimit() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Integer> calls = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                calls.add(1);
                Pended held = pend(bench, call);
                bench.fwps.fwpsCompleteClassify0(held.handle(), 0, null);
                bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            });

            bench.connect();

            assertThat(calls).hasSize(1 + FilterRound.MOST_REPEATS);
            assertThat(bench.faults()).contains(Fault.RECLASSIFY_LIMIT);
        }
    }

    @Test
    @Spec({"WFP-62", "WFP-65"})
    void classifyOut_isReadAtCompletionAndLowerCalloutsRunThenAndSeeTheRedirect() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<String> lower = new CopyOnWriteArrayList<>();
            bench.atConnectRedirect(call -> pend(bench, call));
            bench.atConnectRedirect(call -> lower.add(
                    bench.fwps.fwpsQueryConnectionRedirectState0(call.meta().redirectRecords(), bench.handle, null)
                            + " " + call.values().flags()
                            + " " + call.out().canWrite()));
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            assertThat(lower).isEmpty();

            redirectAndComplete(bench, held, bench::toProxy);
            finished(connect);

            assertThat(lower)
                    .containsExactly(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF + " " + REAUTHORIZE + " false");
        }
    }

    @Test
    @Spec("WFP-31")
    void filterRemovedOrAddedDuringAPend_changesNothingForIt() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<String> asked = new CopyOnWriteArrayList<>();
            bench.atConnectRedirect(call -> pend(bench, call));
            FwpsFilter lower = bench.atConnectRedirect(call -> asked.add("lower"));
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);

            bench.sim.fwpm().fwpmFilterDeleteById0(lower.filterId());
            bench.atConnectRedirect(call -> asked.add("added"));
            complete(bench, held, permit());
            finished(connect);

            assertThat(asked).containsExactly("lower");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-64")
    void calloutWithTheFlag_isAskedAgainOnceAfterAnothersChange(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Integer> flags = new CopyOnWriteArrayList<>();
            bench.atConnectRedirect(call -> {
                flags.add(call.values().flags());
                if (flags.size() == 1) {
                    pend(bench, call);
                }
            });
            bench.atConnectRedirect(call -> bench.redirect(call, request -> request.setPortReservationToken(7)));
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            ConnectRequest request = acquireLater(bench, held);
            bench.toProxy(request);
            bench.fwps.fwpsApplyModifiedLayerData0(
                    held.handle(), request, Fwps.FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS);
            complete(bench, held, permit());
            finished(connect);

            assertThat(flags).containsExactly(0, REAUTHORIZE);
            assertThat(bench.sim.verifier().diagnostics()).isEmpty();
            assertThat(bench.faults()).isEmpty();
        }
    }

    private void redirectWatching(RedirectBench bench, Call call, Consumer<ConnectRequest> edit) {
        ClassifyHandle handle = bench.acquireHandle(call);
        ConnectRequest request = bench.acquireRequest(call, handle);
        edit.accept(request);
        bench.fwps.fwpsApplyModifiedLayerData0(
                handle, request, Fwps.FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS);
        call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        bench.fwps.fwpsReleaseClassifyHandle0(handle);
    }

    @Test
    @Spec("WFP-64")
    void flag_inline_worksTheSameAndIsAdvisedAgainst() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Integer> flags = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                flags.add(call.values().flags());
                if (flags.size() == 1) {
                    redirectWatching(bench, call, bench::toProxy);
                }
            });
            bench.atConnectRedirect(call -> bench.redirect(call, request -> request.setPortReservationToken(7)));

            bench.connect();

            assertThat(flags).containsExactly(0, REAUTHORIZE);
            assertThat(bench.sim.verifier().diagnostics())
                    .extracting(found -> found.kind())
                    .containsExactly(Diagnostic.REAUTHORIZE_FLAG_INLINE);
        }
    }

    @Test
    @Spec("WFP-65")
    void calloutsThatAlterEachOthersRequestForEver_areEndedAtTheLimit() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<String> calls = new ArrayList<>();
            for (String name : List.of("one", "other")) {
                bench.atConnectRedirect(call -> {
                    calls.add(name);
                    redirectWatching(bench, call, request -> request.setPortReservationToken(calls.size()));
                });
            }

            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.RECLASSIFY_LIMIT);
            assertThat(calls).hasSizeBetween(2 + FilterRound.MOST_REPEATS, 2 + 2 * FilterRound.MOST_REPEATS);
        }
    }

    private enum End {
        SOCKET_CLOSES,
        PROCESS_ENDS,
        MACHINE_CLOSES
    }

    @ParameterizedTest
    @EnumSource(End.class)
    @Spec({"WFP-66", "REC-29"})
    void endDuringAPend_failsTheConnectAtOnceAndLaterCallsDoNoHarm(End end) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> pend(bench, call));
            SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
            CompletableFuture<SimSocket> connect = started(() -> socket.connect(bench.origin));
            Pended held = awaitPended(bench);
            bench.unregisterAll();
            PoolBlock context = bench.driver.pool().allocate(8, "cTxt");
            if (end == End.MACHINE_CLOSES) {
                context.free();
            }

            switch (end) {
                case SOCKET_CLOSES -> socket.close();
                case PROCESS_ENDS -> bench.app.close();
                case MACHINE_CLOSES -> bench.sim.close();
            }

            assertThat(failure(connect)).isIn(Win32Error.WSAEINTR, Win32Error.WSANOTINITIALISED);
            if (end == End.MACHINE_CLOSES) {
                assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_NEVER_COMPLETED, Fault.CLASSIFY_HANDLE_LEAK);
                return;
            }
            redirectAndComplete(bench, held, request -> {
                request.setRemoteAddressAndPort(bench.proxyAddress);
                request.setLocalRedirectTargetPid(bench.proxy.id());
                request.setLocalRedirectContext(context, 8);
            });
            assertThat(context.state()).isEqualTo(PoolBlock.State.FREED);
            assertThat(bench.driver.held().isEmpty()).isTrue();
        }
    }

    @Test
    @Spec("WFP-66")
    void contextAppliedBeforeTheSocketCloses_isFreedOnce() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> pend(bench, call));
            SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
            CompletableFuture<SimSocket> connect = started(() -> socket.connect(bench.origin));
            Pended held = awaitPended(bench);
            PoolBlock context = bench.driver.pool().allocate(8, "cTxt");
            ConnectRequest request = acquireLater(bench, held);
            bench.toProxy(request);
            request.setLocalRedirectContext(context, 8);
            bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);
            assertThat(context.state()).isEqualTo(PoolBlock.State.ENGINE_OWNED);

            socket.close();
            assertThat(failure(connect)).isEqualTo(Win32Error.WSAEINTR);

            assertThat(context.state()).isEqualTo(PoolBlock.State.FREED);
            complete(bench, held, permit());
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec({"WFP-66", "REC-29"})
    void contextOfARedirectAppliedAfterTheSocketClosed_isFreedAtOnce() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> pend(bench, call));
            SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
            CompletableFuture<SimSocket> connect = started(() -> socket.connect(bench.origin));
            Pended held = awaitPended(bench);
            PoolBlock context = bench.driver.pool().allocate(8, "cTxt");
            ConnectRequest request = acquireLater(bench, held);
            bench.toProxy(request);
            request.setLocalRedirectContext(context, 8);

            socket.close();
            assertThat(failure(connect)).isEqualTo(Win32Error.WSAEINTR);
            bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);

            assertThat(context.state()).isEqualTo(PoolBlock.State.FREED);
            complete(bench, held, permit());
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-19")
    void metadataAndRecordHandle_liveUntilThePendIsCompleted() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<RedirectRecords> records = new CopyOnWriteArrayList<>();
            bench.atConnectRedirect(call -> {
                records.add(call.meta().redirectRecords());
                pend(bench, call);
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            Pended held = awaitPended(bench);
            assertThat(held.call().meta().processId()).isEqualTo(bench.app.id());
            bench.fwps.fwpsQueryConnectionRedirectState0(records.get(0), bench.handle, null);
            bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
            bench.fwps.fwpsQueryConnectionRedirectState0(records.get(0), bench.handle, null);
            assertThat(bench.faults()).isEmpty();

            bench.fwps.fwpsCompleteClassify0(held.handle(), 0, permit());
            finished(connect);
            bench.fwps.fwpsQueryConnectionRedirectState0(records.get(0), bench.handle, null);
            assertThat(held.call().meta().processId()).isZero();
            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE, Fault.STALE_REFERENCE);
        }
    }

    @Test
    @Spec("WFP-58")
    void severalConnections_pendedAtOnce_goOnInAnyOrder() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> pend(bench, call));
            List<CompletableFuture<SimSocket>> connects = new ArrayList<>();
            List<Pended> held = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                connects.add(connecting(bench));
                held.add(awaitPended(bench));
            }

            for (int i = 4; i >= 0; i--) {
                complete(bench, held.get(i), permit());
                finished(connects.get(i));
            }

            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec({"WFP-58", "WFP-60"})
    void classification_pendedThroughTwoHandles_waitsForBoth() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> {
                pend(bench, call);
                call.out().setRights(ActionType.FWPS_RIGHT_ACTION_WRITE);
                pend(bench, call);
            });
            CompletableFuture<SimSocket> connect = connecting(bench);
            complete(bench, awaitPended(bench), permit());
            Pended second = awaitPended(bench);
            assertThat(connect).isNotDone();

            complete(bench, second, permit());

            finished(connect);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-58")
    void bind_waitsForTheWorkerToo() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> pend(bench, call));
            SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
            CompletableFuture<SimSocket> bind = started(() -> socket.bind(bench.proxyAddress));
            Pended held = awaitPended(bench);
            Out<Object> data = Out.empty();
            bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                    held.handle(), held.call().filter().filterId(), 0, data, null);
            BindRequest request = (BindRequest) Objects.requireNonNull(data.get());
            request.setLocalAddressAndPort(new InetSocketAddress(bench.proxyAddress.getAddress(), 9999));
            bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);
            complete(bench, held, permit());

            assertThat(finished(bind).localAddress().getPort()).isEqualTo(9999);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-05")
    void endpointClosure_whenPended_delaysTheReleaseButNotTheClose(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            BlockingQueue<Layer> released = new LinkedBlockingQueue<>();
            bench.at(
                    Layer.FWPS_LAYER_ALE_RESOURCE_RELEASE_V4,
                    call -> released.add(call.values().layer()));
            bench.at(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, call -> {
                if (call.meta().processId() == bench.app.id()) {
                    pend(bench, call);
                }
            });
            SimSocket socket = bench.connect();

            socket.close();
            Pended held = awaitPended(bench);
            assertThat(released).isEmpty();
            complete(bench, held, permit());

            assertThat(released.poll(10, TimeUnit.SECONDS)).isNotNull();
            ((TaskQueue) bench.sim.dispatcher()).close();
            assertThat(bench.sim.connections()).as("only the listener is left").hasSize(1);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(DispatcherMode.class)
    @Spec("WFP-05")
    void endpointClosure_goesOnWhereTheDispatcherRunsItsTasks(DispatcherMode mode) throws Exception {
        try (RedirectBench bench =
                new RedirectBench(AddressFamily.AF_INET, SimOptions.defaults().dispatcher(mode))) {
            bench.at(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, call -> {
                if (call.meta().processId() == bench.app.id()) {
                    pend(bench, call);
                }
            });
            bench.connect().close();
            complete(bench, awaitPended(bench), permit());

            if (mode == DispatcherMode.MANUAL) {
                assertThat(bench.sim.connections()).as("nobody ran the rest").hasSize(2);
                assertThat(bench.sim.dispatcher().runAll()).isEqualTo(1);
            } else {
                ((TaskQueue) bench.sim.dispatcher()).close();
            }

            assertThat(bench.sim.connections()).as("the listener").hasSize(1);
        }
    }

    @Test
    @Spec({"WFP-05", "WFP-67"})
    void endpointClosure_neverCompleted_endsWithTheMachine() throws Exception {
        RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
        bench.at(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, call -> pend(bench, call));
        bench.connect().close();
        awaitPended(bench);

        assertThat(bench.sim.held().toString()).contains("ENDPOINT_CLOSURE", "acme.sys");
        bench.unregisterAll();
        bench.close();

        assertThat(bench.sim.connections()).isEmpty();
        assertThat(bench.faults()).contains(Fault.CLASSIFY_NEVER_COMPLETED);
    }

    @Test
    void story_tellsOfThePendAndItsCompletion() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.atConnectRedirect(call -> pend(bench, call));
            CompletableFuture<SimSocket> connect = connecting(bench);
            complete(bench, awaitPended(bench), permit());
            finished(connect);

            assertThat(new TextRenderer().render(bench.sim.trace().log().entries()))
                    .contains("acme.sys pends CONNECT_REDIRECT_V4")
                    .contains("acme.sys completes CONNECT_REDIRECT_V4 with PERMIT");
        }
    }
}
