package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.engine.EngineParts;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.RedirectBench.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Classify handles and the writable layer data that they give access to. */
@Timeout(20)
class ClassifyHandleTest {

    private static RedirectBench connected(AddressFamily family, BiConsumer<RedirectBench, Call> body) {
        RedirectBench bench = new RedirectBench(family);
        bench.atConnectRedirect(call -> body.accept(bench, call));
        bench.connect();
        return bench;
    }

    private static void assertUnredirected(RedirectBench bench, Fault... faults) {
        assertThat(bench.destination()).isEqualTo(bench.origin);
        assertThat(bench.faults()).containsExactly(faults);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-42")
    void acquire_withFlagsOrWithoutContext_failsAndLeavesTheOutputAlone(AddressFamily family) {
        Out<ClassifyHandle> out = Out.empty();
        try (RedirectBench bench = connected(family, (b, call) -> {
            assertThat(b.fwps.fwpsAcquireClassifyHandle0(call.context(), 1, out))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(b.fwps.fwpsAcquireClassifyHandle0(null, 0, out)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        })) {
            assertThat(out.get()).isNull();
            assertUnredirected(bench);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-19", "WFP-42"})
    void acquire_afterTheClassification_failsWithAFault(AddressFamily family) {
        List<ClassifyContext> kept = new ArrayList<>();
        try (RedirectBench bench = connected(family, (b, call) -> kept.add(call.context()))) {
            Out<ClassifyHandle> out = Out.empty();

            assertThat(bench.fwps.fwpsAcquireClassifyHandle0(kept.get(0), 0, out))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);

            assertThat(out.get()).isNull();
            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-42", "WFP-80"})
    void handle_neverReleased_isALeakAtUnload(AddressFamily family) {
        try (RedirectBench bench = connected(family, RedirectBench::acquireHandle)) {
            bench.unregisterAll();

            assertThat(bench.driver.held().held())
                    .extracting(held -> held.kind())
                    .containsExactly("classify handle");
            bench.driver.unload();

            assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_HANDLE_LEAK);
            assertThat(bench.sim.verifier().violations().get(0).toString())
                    .contains("CONNECT_REDIRECT", "app.exe", "filter ", "callout {", "acme.sys")
                    .doesNotContain("classify handle classify handle", " ms");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-43")
    void handle_releasedTwice_isAFault(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle handle = b.acquireHandle(call);
            b.fwps.fwpsReleaseClassifyHandle0(handle);
            b.fwps.fwpsReleaseClassifyHandle0(handle);
        })) {
            assertUnredirected(bench, Fault.CLASSIFY_HANDLE_MISUSE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-43")
    void handle_usedAfterRelease_isAFaultAndChangesNothing(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle handle = b.acquireHandle(call);
            ConnectRequest request = b.acquireRequest(call, handle);
            b.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            b.fwps.fwpsReleaseClassifyHandle0(handle);
            Out<Object> data = Out.empty();
            assertThat(b.fwps.fwpsAcquireWritableLayerDataPointer0(
                            handle, call.filter().filterId(), 0, data, call.out()))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(data.get()).isNull();
            b.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        })) {
            assertUnredirected(bench, Fault.CLASSIFY_HANDLE_MISUSE, Fault.CLASSIFY_HANDLE_MISUSE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-43", "WFP-46"})
    void handle_releasedBeforeApply_dropsTheChange(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle handle = b.acquireHandle(call);
            b.toProxy(b.acquireRequest(call, handle));
            b.fwps.fwpsReleaseClassifyHandle0(handle);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        })) {
            assertUnredirected(bench, Fault.APPLY_MISSING);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-44", "WFP-55"})
    void layerData_whileACopyIsOutThroughAnotherHandle_isRefused(AddressFamily family) {
        List<NtStatus> second = new ArrayList<>();
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle one = b.acquireHandle(call);
            ClassifyHandle other = b.acquireHandle(call);
            ConnectRequest request = b.acquireRequest(call, one);
            Out<Object> data = Out.empty();
            second.add(b.fwps.fwpsAcquireWritableLayerDataPointer0(
                    other, call.filter().filterId(), 0, data, call.out()));
            b.toProxy(request);
            b.fwps.fwpsApplyModifiedLayerData0(one, request, 0);
            second.add(b.fwps.fwpsAcquireWritableLayerDataPointer0(
                    other, call.filter().filterId(), 0, data, call.out()));
            b.fwps.fwpsApplyModifiedLayerData0(other, data.get(), 0);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            b.fwps.fwpsReleaseClassifyHandle0(one);
            b.fwps.fwpsReleaseClassifyHandle0(other);
        })) {
            assertThat(second).containsExactly(NtStatus.STATUS_INVALID_PARAMETER, NtStatus.STATUS_SUCCESS);
            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-46")
    void layerData_neitherAppliedNorReleased_isReportedWhenTheDriverUnloads(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            b.acquireRequest(call, b.acquireHandle(call));
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        })) {
            bench.unregisterAll();
            bench.driver.unload();

            assertUnredirected(bench, Fault.APPLY_MISSING, Fault.CLASSIFY_HANDLE_LEAK);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-46")
    void apply_twice_isAFaultAndTheFirstCounts(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle handle = b.acquireHandle(call);
            ConnectRequest request = b.acquireRequest(call, handle);
            b.toProxy(request);
            b.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            b.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            b.fwps.fwpsReleaseClassifyHandle0(handle);
        })) {
            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.faults()).containsExactly(Fault.APPLY_MISUSE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-46")
    void apply_ofAnotherPointer_isAFaultAndChangesNothing(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle handle = b.acquireHandle(call);
            ConnectRequest acquired = b.acquireRequest(call, handle);
            ConnectRequest other = EngineParts.copyOf(acquired, call.filter().filterId());
            b.toProxy(other);
            b.fwps.fwpsApplyModifiedLayerData0(handle, other, 0);
            b.fwps.fwpsApplyModifiedLayerData0(handle, acquired, 0);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            b.fwps.fwpsReleaseClassifyHandle0(handle);
        })) {
            assertUnredirected(bench, Fault.APPLY_MISUSE);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-46")
    void apply_ofUnmodifiedData_isFine(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> b.redirect(call, request -> {}))) {
            assertUnredirected(bench);
            assertThat(bench.sim.connections())
                    .allSatisfy(c -> assertThat(c.redirectChain()).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-46")
    void acquire_whileACopyIsOut_fails(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle handle = b.acquireHandle(call);
            ConnectRequest request = b.acquireRequest(call, handle);
            assertThat(b.fwps.fwpsAcquireWritableLayerDataPointer0(
                            handle, call.filter().filterId(), 0, Out.empty(), call.out()))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            b.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            b.fwps.fwpsReleaseClassifyHandle0(handle);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        })) {
            assertUnredirected(bench);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-44")
    void acquire_atOtherLayers_fails(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Layer> refused = new ArrayList<>();
            Consumer<Call> tryToAcquire = call -> {
                ClassifyHandle handle = bench.acquireHandle(call);
                Out<Object> data = Out.empty();
                ClassifyOut out = call.out();
                NtStatus status = bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                        handle, call.filter().filterId(), 0, data, out);
                assertThat(status).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
                assertThat(data.get()).isNull();
                assertThat(out.canWrite()).isTrue();
                bench.fwps.fwpsReleaseClassifyHandle0(handle);
                refused.add(call.values().layer());
            };
            for (Layer layer : List.of(
                    Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4,
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4)) {
                bench.at(layer, tryToAcquire);
            }

            bench.connect();

            assertThat(refused)
                    .containsExactly(
                            Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4.withFamily(family),
                            Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family),
                            Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-44")
    void acquire_atTheRedirectLayers_givesAPrivateCopyNamedAfterTheFilter(AddressFamily family) {
        List<Object> copies = new ArrayList<>();
        List<Long> modifiers = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            Consumer<Call> acquireTwice = call -> {
                for (int i = 0; i < 2; i++) {
                    ClassifyHandle handle = bench.acquireHandle(call);
                    Out<Object> data = Out.empty();
                    bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                            handle, call.filter().filterId(), 0, data, call.out());
                    copies.add(data.get());
                    modifiers.add(((WritableLayerData) data.get()).modifierFilterId());
                    bench.fwps.fwpsApplyModifiedLayerData0(handle, data.get(), 0);
                    bench.fwps.fwpsReleaseClassifyHandle0(handle);
                }
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            };
            long atBind = bench.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, acquireTwice)
                    .filterId();
            long atConnect = bench.atConnectRedirect(acquireTwice).filterId();

            bench.connect();

            assertThat(copies).hasSize(4).doesNotHaveDuplicates();
            assertThat(copies.get(0)).isInstanceOf(BindRequest.class);
            assertThat(copies.get(2)).isInstanceOf(ConnectRequest.class);
            assertThat(modifiers).containsExactly(atBind, atBind, atConnect, atConnect);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-45")
    void acquire_setsBlockAndClearsTheRight(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            ClassifyHandle handle = b.acquireHandle(call);
            ConnectRequest request = b.acquireRequest(call, handle);
            assertThat(call.out().actionType()).isEqualTo(ActionType.FWP_ACTION_BLOCK);
            assertThat(call.out().canWrite()).isFalse();
            b.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            b.fwps.fwpsReleaseClassifyHandle0(handle);
            assertThat(call.out().actionType()).isEqualTo(ActionType.FWP_ACTION_BLOCK);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        })) {
            assertUnredirected(bench);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-45")
    void acquire_thatFails_leavesActionAndRightAlone(AddressFamily family) {
        try (RedirectBench bench = connected(family, (b, call) -> {
            ClassifyHandle handle = b.acquireHandle(call);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            Out<Object> data = Out.empty();
            assertThat(b.fwps.fwpsAcquireWritableLayerDataPointer0(
                            handle, call.filter().filterId(), 1, data, call.out()))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(call.out().actionType()).isEqualTo(ActionType.FWP_ACTION_PERMIT);
            assertThat(call.out().canWrite()).isTrue();
            assertThat(data.get()).isNull();
            b.fwps.fwpsReleaseClassifyHandle0(handle);
        })) {
            assertUnredirected(bench);
        }
    }
}
