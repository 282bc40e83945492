package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Contexts that callouts tie to flows, in the odd moments of a flow. */
@Timeout(20)
class FlowContextTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
    private final List<Long> deleted = new ArrayList<>();
    private final List<Long> flows = new ArrayList<>();

    @AfterEach
    void closeBench() {
        bench.close();
    }

    private int register(FwpsFlowDeleteFn0 flowDeleteFn) {
        ClassifyFn1 nothing = (values, meta, data, context, filter, flow, out) -> {};
        Out<Integer> id = Out.empty();
        bench.fwps.fwpsCalloutRegister1(new FwpsCallout1(new UUID(60, 1), nothing, null, flowDeleteFn), id);
        return Objects.requireNonNull(id.get());
    }

    private NtStatus tie(long flow, Layer layer, int callout, long context) {
        return bench.fwps.fwpsFlowAssociateContext0(flow, layer, callout, context);
    }

    @Test
    @Spec("WFP-32")
    void flowThatIsBlockedAtItsBirth_endsAndFreesItsContext() {
        int callout = register((layer, id, context) -> deleted.add(context));
        bench.at(LAYER, call -> {
            assertThat(tie(call.meta().flowHandle(), LAYER, callout, 7)).isEqualTo(NtStatus.STATUS_SUCCESS);
            call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
        });

        bench.failToConnect();

        assertThat(deleted).containsExactly(7L);
        assertThat(bench.fwps.fwpsCalloutUnregisterById0(callout)).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    @Test
    @Spec("WFP-32")
    void flowThatHasEndedOrNeverWas_takesNoContext() {
        int callout = register((layer, id, context) -> deleted.add(context));
        bench.at(LAYER, call -> flows.add(call.meta().flowHandle()));
        bench.connect().close();

        assertThat(tie(flows.get(0), LAYER, callout, 7)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        assertThat(tie(987_654_321, LAYER, callout, 7)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);

        assertThat(bench.fwps.fwpsCalloutUnregisterById0(callout)).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    @Test
    @Spec("WFP-32")
    void flowDeleteFn_thatTiesAnewContextToTheEndingFlow_isRefused() {
        List<NtStatus> again = new ArrayList<>();
        int callout = register((layer, id, context) -> again.add(tie(flows.get(0), layer, id, context + 1)));
        bench.at(LAYER, call -> {
            flows.add(call.meta().flowHandle());
            tie(call.meta().flowHandle(), LAYER, callout, 7);
        });

        bench.connect().close();

        assertThat(again).containsExactly(NtStatus.STATUS_INVALID_PARAMETER);
        assertThat(bench.fwps.fwpsCalloutUnregisterById0(callout)).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    @Test
    @Spec("WFP-32")
    void context_belongsToItsLayerOnly() {
        Layer other = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
        int callout = register((layer, id, context) -> deleted.add(context));
        bench.at(LAYER, call -> {
            long flow = call.meta().flowHandle();
            assertThat(tie(flow, LAYER, callout, 7)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.fwps.fwpsFlowRemoveContext0(flow, other, callout)).isEqualTo(NtStatus.STATUS_UNSUCCESSFUL);
            assertThat(tie(flow, other, callout, 8)).isEqualTo(NtStatus.STATUS_SUCCESS);
        });

        bench.connect().close();

        assertThat(bench.faults()).isEmpty();
        assertThat(deleted).containsExactlyInAnyOrder(7L, 8L);
    }

    @Test
    @Spec({"WFP-32", "WFP-80"})
    void flowDeleteFn_ofAnUnloadedDriver_isNeverCalled() throws Exception {
        int callout = register((layer, id, context) -> deleted.add(context));
        bench.at(LAYER, call -> tie(call.meta().flowHandle(), LAYER, callout, 7));
        var socket = bench.connect();

        bench.driver.unload();
        socket.close();

        assertThat(deleted).isEmpty();
    }
}
