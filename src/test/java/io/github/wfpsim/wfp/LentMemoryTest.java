package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.redirect.RedirectContext;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.wfp.RedirectBench.Call;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What WFP lends to a callout, used after the callout's turn: all of it has one lifetime. */
@Timeout(20)
class LentMemoryTest {

    /** All that one turn was lent. */
    private record Lent(
            Call call,
            @Nullable RedirectRecords records,
            @Nullable RedirectContext context,
            ClassifyHandle handle,
            ConnectRequest request) {}

    /** A use of something lent, and what the fault calls it. */
    private enum Use {
        LAYER("inFixedValues.layerId", (bench, lent) -> lent.call().values().layer()),
        REMOTE(
                "inFixedValues.IP_REMOTE_ADDRESS",
                (bench, lent) -> lent.call().values().remote()),
        PORT(
                "inFixedValues.IP_REMOTE_ADDRESS",
                (bench, lent) -> lent.call().values().remotePort()),
        FLAGS("inFixedValues.FLAGS", (bench, lent) -> lent.call().values().flags()),
        BY_FIELD(
                "inFixedValues.incomingValue",
                (bench, lent) -> lent.call().values().value(ConditionField.FWPM_CONDITION_ALE_APP_ID)),
        METADATA("inMetaValues.", (bench, lent) -> lent.call().meta().processId()),
        METADATA_BITS(
                "inMetaValues.currentMetadataValues",
                (bench, lent) -> lent.call().meta().currentMetadataValues()),
        RECORD_HANDLE(
                "FwpsQueryConnectionRedirectState0",
                (bench, lent) -> bench.fwps.fwpsQueryConnectionRedirectState0(lent.records(), bench.handle, null)),
        RECORDS(
                "FwpsQueryConnectionSioFormatRedirectRecords0",
                (bench, lent) ->
                        bench.fwps.fwpsQueryConnectionSioFormatRedirectRecords0(lent.records(), null, 0, null)),
        CONTEXT_BYTES("redirectContext.bytes", (bench, lent) -> lent.context().bytes()),
        CONTEXT_SIZE("redirectContext.size", (bench, lent) -> lent.context().declaredSize()),
        CLASSIFY_CONTEXT("FwpsAcquireClassifyHandle0", (bench, lent) -> {
            Out<ClassifyHandle> handle = Out.empty();
            if (bench.fwps
                    .fwpsAcquireClassifyHandle0(lent.call().context(), 0, handle)
                    .isSuccess()) {
                bench.fwps.fwpsReleaseClassifyHandle0(Objects.requireNonNull(handle.get()));
            }
        }),
        FILTER("filter.filterId", (bench, lent) -> lent.call().filter().filterId()),
        FILTER_CONTEXT("filter.context", (bench, lent) -> lent.call().filter().context()),
        PROVIDER_CONTEXT(
                "filter.providerContext", (bench, lent) -> lent.call().filter().providerContext()),
        OUT_READ("classifyOut.rights", (bench, lent) -> lent.call().out().canWrite()),
        OUT_WRITTEN(
                "classifyOut.actionType",
                (bench, lent) -> lent.call().out().setActionType(ActionType.FWP_ACTION_BLOCK)),
        OUT_CLEARED("classifyOut.rights", (bench, lent) -> lent.call().out().clearWriteRight()),
        REQUEST_READ(
                "layerData.remoteAddressAndPort",
                (bench, lent) -> lent.request().remoteAddressAndPort()),
        REQUEST_WRITTEN(
                "layerData.localRedirectTargetPID",
                (bench, lent) -> lent.request().setLocalRedirectTargetPid(1)),
        PREVIOUS("layerData.previousVersion", (bench, lent) -> lent.request().previousVersion());

        private final String object;

        @SuppressWarnings("ImmutableEnumChecker") // Functions without state.
        private final BiConsumer<RedirectBench, Lent> use;

        Use(String object, BiConsumer<RedirectBench, Lent> use) {
            this.object = object;
            this.use = use;
        }

        boolean isOfClassifyOut() {
            return name().startsWith("OUT_");
        }

        /** Applied layer data cannot be written, stale or not. */
        boolean isOfFrozenRequest() {
            return this == REQUEST_WRITTEN;
        }
    }

    /** A redirecting callout that keeps what it was lent; the classification pends if it is to. */
    private static Lent borrow(RedirectBench bench, Call call, boolean pends) {
        ClassifyHandle handle = bench.acquireHandle(call);
        if (pends) {
            bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out());
        }
        ConnectRequest request = bench.acquireRequest(call, handle);
        bench.toProxy(request);
        request.setLocalRedirectContext(bench.driver.pool().allocate(new byte[] {1, 2, 3}, "cTxt"), 3);
        bench.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
        Out<RedirectContext> context = Out.empty();
        RedirectRecords records = call.meta().redirectRecords();
        bench.fwps.fwpsQueryConnectionRedirectState0(records, bench.handle, context);
        call.out().setActionType(pends ? ActionType.FWP_ACTION_BLOCK : ActionType.FWP_ACTION_PERMIT);
        return new Lent(call, records, Objects.requireNonNull(context.get()), handle, request);
    }

    /** Waits until classifyFn has returned and its callout holds the connection. */
    private static void awaitHeld(RedirectBench bench) {
        while (bench.sim.connections().stream().noneMatch(connection -> connection.heldBy() != null)) {
            Thread.onSpinWait();
        }
    }

    private static void assertStale(RedirectBench bench, Use use) {
        assertThat(bench.faults()).as("%s", use).containsExactly(Fault.STALE_REFERENCE);
        Finding<Fault> fault = bench.sim.verifier().violations().get(0);
        assertThat(fault.toString()).contains(use.object, "acme.sys", "after");
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    @Spec("WFP-19")
    void whatWasLent_isStaleOnceClassifyFnHasReturned(Use use) {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Lent> lent = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                Lent borrowed = borrow(bench, call, false);
                bench.fwps.fwpsReleaseClassifyHandle0(borrowed.handle());
                lent.add(borrowed);
                if (!use.isOfFrozenRequest()) {
                    use.use.accept(bench, borrowed);
                    call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
                }
                assertThat(bench.faults()).isEmpty();
            });
            // Asked while the request is open still: what the first was lent is stale all the same.
            bench.atConnectRedirect(call -> use.use.accept(bench, lent.get(0)));

            bench.connect();

            assertStale(bench, use);
            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.driver.held().held())
                    .extracting(held -> held.kind())
                    .doesNotContain("classify handle");
        }
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    @Spec("WFP-19")
    void whatWasLent_livesUntilThePendIsCompleted_butForClassifyOut(Use use) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CompletableFuture<Lent> lent = new CompletableFuture<>();
            bench.atConnectRedirect(call -> lent.complete(borrow(bench, call, true)));
            CompletableFuture<Void> connect = CompletableFuture.runAsync(bench::connect);
            Lent borrowed = lent.get(10, TimeUnit.SECONDS);
            awaitHeld(bench);
            if (!use.isOfFrozenRequest()) {
                use.use.accept(bench, borrowed);
            }
            assertThat(bench.faults())
                    .containsExactlyElementsOf(
                            use.isOfClassifyOut() ? List.of(Fault.STALE_REFERENCE) : List.<Fault>of());

            bench.fwps.fwpsCompleteClassify0(borrowed.handle(), 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
            connect.get(10, TimeUnit.SECONDS);
            use.use.accept(bench, borrowed);
            bench.fwps.fwpsReleaseClassifyHandle0(borrowed.handle());

            assertThat(bench.faults())
                    .containsExactlyElementsOf(
                            Collections.nCopies(use.isOfClassifyOut() ? 2 : 1, Fault.STALE_REFERENCE));
            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
        }
    }

    @Test
    @Spec({"WFP-19", "WFP-28"})
    void classifyOutWrittenAfterTheReturn_decidesNothing() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<ClassifyOut> kept = new ArrayList<>();
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
                kept.add(call.out());
            });
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                kept.get(0).setActionType(ActionType.FWP_ACTION_BLOCK);
                assertThat(kept.get(0).actionType()).isEqualTo(ActionType.FWP_ACTION_PERMIT);
            });

            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE, Fault.STALE_REFERENCE);
        }
    }

    @Test
    @Spec({"WFP-19", "WFP-61"})
    void completionWithTheLentClassifyOut_isAFault_andDecidesAsItWasLeft() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CompletableFuture<Lent> lent = new CompletableFuture<>();
            bench.atConnectRedirect(call -> lent.complete(borrow(bench, call, true)));
            CompletableFuture<Void> connect = CompletableFuture.runAsync(bench::connect);
            Lent borrowed = lent.get(10, TimeUnit.SECONDS);
            awaitHeld(bench);

            bench.fwps.fwpsCompleteClassify0(
                    borrowed.handle(), 0, borrowed.call().out());
            bench.fwps.fwpsReleaseClassifyHandle0(borrowed.handle());
            connect.get(10, TimeUnit.SECONDS);

            assertThat(bench.faults()).contains(Fault.STALE_REFERENCE, Fault.BLOCK_AT_REDIRECT_LAYER);
        }
    }

    @Test
    @Spec({"REC-29", "REC-31", "WFP-19"})
    void contextThatWfpFreed_isStaleEvenDuringAPend_andWhatItOwnsIsNotTheDriversToFree() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CompletableFuture<Lent> lent = new CompletableFuture<>();
            bench.atConnectRedirect(call -> lent.complete(borrow(bench, call, true)));
            SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
            CompletableFuture<Void> connect = CompletableFuture.runAsync(() -> {
                try {
                    socket.connect(bench.origin);
                } catch (WinsockException closed) {
                    throw new CompletionException(closed);
                }
            });
            Lent borrowed = lent.get(10, TimeUnit.SECONDS);
            PoolBlock block = borrowed.request().localRedirectContext();
            assertThat(borrowed.context().bytes()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            block.free();
            assertThat(bench.faults()).containsExactly(Fault.CONTEXT_USED_AFTER_TRANSFER);
            awaitHeld(bench);

            socket.close();
            assertThat(connect).failsWithin(10, TimeUnit.SECONDS);

            assertThat(borrowed.context().bytes().remaining()).isZero();
            assertThat(borrowed.context().isFreed()).isTrue();
            assertThat(borrowed.request().remoteAddressAndPort()).isEqualTo(bench.proxyAddress);
            block.free();
            assertThat(bench.faults())
                    .containsExactly(Fault.CONTEXT_USED_AFTER_TRANSFER, Fault.STALE_REFERENCE, Fault.POOL_DOUBLE_FREE);
            assertThat(bench.sim.verifier().violations().get(1).toString()).contains("WFP had freed it");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-43", "WFP-44", "WFP-46"})
    void handleOfATurnThatIsOver_changesNothing_whileACalloutBelowHoldsTheRequest(AddressFamily family)
            throws Exception {
        for (boolean pended : List.of(false, true)) {
            try (RedirectBench bench = new RedirectBench(family)) {
                List<ClassifyHandle> upper = new ArrayList<>();
                List<Long> upperFilter = new ArrayList<>();
                CompletableFuture<ClassifyHandle> lower = new CompletableFuture<>();
                bench.atConnectRedirect(call -> {
                    ClassifyHandle handle = bench.acquireHandle(call);
                    if (pended) {
                        bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out());
                        bench.fwps.fwpsCompleteClassify0(handle, 0, new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, 0));
                    }
                    upper.add(handle);
                    upperFilter.add(call.filter().filterId());
                });
                bench.atConnectRedirect(call -> {
                    ClassifyHandle handle = bench.acquireHandle(call);
                    bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out());
                    call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                    lower.complete(handle);
                });
                CompletableFuture<Void> connect = CompletableFuture.runAsync(bench::connect);
                ClassifyHandle held = lower.get(10, TimeUnit.SECONDS);

                Out<Object> data = Out.empty();
                NtStatus late = bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                        upper.get(0), upperFilter.get(0), 0, data, new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, 0));
                bench.fwps.fwpsApplyModifiedLayerData0(upper.get(0), new Object(), 0);
                bench.fwps.fwpsReleaseClassifyHandle0(upper.get(0));
                bench.fwps.fwpsCompleteClassify0(held, 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
                bench.fwps.fwpsReleaseClassifyHandle0(held);
                connect.get(10, TimeUnit.SECONDS);

                assertThat(late).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
                assertThat(data.get()).isNull();
                assertThat(bench.destination()).isEqualTo(bench.origin);
                assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_HANDLE_MISUSE, Fault.APPLY_MISUSE);
                assertThat(bench.sim.verifier().violations().get(0).toString())
                        .contains(pended ? "whose classification was completed" : "without a pend", "dead");
            }
        }
    }

    @Test
    @Spec({"WFP-43", "WFP-46"})
    void layerDataAcquiredInTime_cannotBeAppliedAfterTheReturn() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Lent> lent = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                ClassifyHandle handle = bench.acquireHandle(call);
                ConnectRequest request = bench.acquireRequest(call, handle);
                bench.toProxy(request);
                lent.add(new Lent(call, null, null, handle, request));
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            });
            bench.atConnectRedirect(call -> {
                Lent late = lent.get(0);
                bench.fwps.fwpsApplyModifiedLayerData0(late.handle(), late.request(), 0);
                bench.fwps.fwpsReleaseClassifyHandle0(late.handle());
            });

            bench.connect();

            assertThat(bench.destination()).isEqualTo(bench.origin);
            assertThat(bench.faults()).containsExactly(Fault.APPLY_MISUSE, Fault.APPLY_MISSING);
        }
    }
}
