package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.verifier.Fault;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** notifyFn and flowDeleteFn that throw, or answer nothing. */
@Timeout(20)
class ThrowingCallbackTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final UUID KEY = new UUID(60, 1);

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
    private final Fwpm fwpm = bench.sim.fwpm();

    @AfterEach
    void closeBench() {
        bench.close();
    }

    private int register(@Nullable FwpsNotifyFn1 notifyFn, @Nullable FwpsFlowDeleteFn0 flowDeleteFn) {
        ClassifyFn1 nothing = (values, meta, data, context, filter, flow, out) -> {};
        Out<Integer> id = Out.empty();
        bench.fwps.fwpsCalloutRegister1(new FwpsCallout1(KEY, nothing, notifyFn, flowDeleteFn), id);
        return Objects.requireNonNull(id.get());
    }

    @Test
    @Spec("WFP-34")
    void notifyFn_thatThrows_stopsTheAdditionAndIsAFault() {
        register(
                (type, key, filter) -> {
                    throw new ArithmeticException("division by zero");
                },
                null);

        assertThat(fwpm.fwpmFilterAdd0(Filter.at(LAYER).key(KEY).callout(KEY), null))
                .isEqualTo(Win32Error.FWP_E_CALLOUT_NOTIFICATION_FAILED);

        assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_FILTER_NOT_FOUND);
        assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
    }

    @Test
    @Spec("WFP-34")
    @SuppressWarnings("NullAway")
    void notifyFn_thatAnswersNothing_stopsTheAdditionAndIsAFault() {
        register((type, key, filter) -> null, null);

        assertThat(fwpm.fwpmFilterAdd0(Filter.at(LAYER).callout(KEY), null))
                .isEqualTo(Win32Error.FWP_E_CALLOUT_NOTIFICATION_FAILED);
        assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
    }

    @Test
    @Spec("WFP-34")
    void notifyFn_thatThrowsWhenAProcessEnds_leavesNoneOfItsSessions() {
        register(
                (type, key, filter) -> {
                    if (type == NotifyType.FWPS_CALLOUT_NOTIFY_DELETE_FILTER) {
                        throw new ArithmeticException("division by zero");
                    }
                    return NtStatus.STATUS_SUCCESS;
                },
                null);
        Fwpm first = bench.proxy.openEngine(FwpmSession.dynamic("first"));
        Fwpm second = bench.proxy.openEngine(FwpmSession.dynamic("second"));
        first.addFilter(Filter.at(LAYER).callout(KEY));
        second.fwpmTransactionBegin0(0);

        bench.proxy.close();

        assertThat(fwpm.fwpmTransactionBegin0(0))
                .as("the transaction of the dead process was aborted")
                .isEqualTo(Win32Error.NO_ERROR);
        assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
    }

    @Test
    @Spec("WFP-32")
    void flowDeleteFn_thatThrowsWhenAProcessEnds_leavesNoneOfItsSockets() {
        int callout = register(null, (layer, id, context) -> {
            throw new ArithmeticException("division by zero");
        });
        bench.at(
                Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                call -> bench.fwps.fwpsFlowAssociateContext0(call.meta().flowHandle(), LAYER, callout, 7));
        bench.connect();
        bench.connect();

        bench.app.close();

        assertThat(bench.sim.connections()).as("the proxy's listener").hasSize(1);
        assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW, Fault.CALLOUT_THREW);
    }
}
