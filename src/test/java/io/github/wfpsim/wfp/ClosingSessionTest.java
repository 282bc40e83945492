package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Win32Error;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A session that is used while it closes. */
class ClosingSessionTest {

    private static final UUID KEY = new UUID(60, 1);

    @Test
    @Spec("WFP-31")
    void closedSession_answersThatItWasAborted_whateverElseIsWrong() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm session = bench.sim.fwpm().open(FwpmSession.dynamic("service"));
            SubLayer subLayer = session.addSubLayer(new SubLayer(KEY, "goes with it", 3));
            Filter filter = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                    .subLayer(subLayer)
                    .permit();
            session.close();

            assertThat(List.of(
                            session.fwpmTransactionBegin0(0),
                            session.fwpmTransactionCommit0(),
                            session.fwpmTransactionAbort0(),
                            session.fwpmFilterAdd0(filter, null),
                            session.fwpmFilterDeleteById0(4711),
                            session.fwpmFilterDeleteByKey0(KEY),
                            session.fwpmSubLayerDeleteByKey0(KEY),
                            session.fwpmProviderDeleteByKey0(KEY),
                            session.fwpmCalloutDeleteByKey0(KEY),
                            session.fwpmEngineClose0()))
                    .containsOnly(Win32Error.FWP_E_SESSION_ABORTED);
        }
    }

    @Test
    void transactionBegunWhileItsSessionCloses_isRefusedAndHoldsNobodyUp() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm session = bench.sim.fwpm().open(FwpmSession.dynamic("service"));
            FwpsNotifyFn1 beginning = (type, key, filter) -> {
                if (type == NotifyType.FWPS_CALLOUT_NOTIFY_DELETE_FILTER) {
                    assertThat(session.fwpmTransactionBegin0(0)).isEqualTo(Win32Error.FWP_E_SESSION_ABORTED);
                }
                return NtStatus.STATUS_SUCCESS;
            };
            ClassifyFn1 nothing = (values, meta, data, context, filter, flow, out) -> {};
            bench.fwps.fwpsCalloutRegister1(new FwpsCallout1(KEY, nothing, beginning, null), null);
            session.fwpmTransactionBegin0(0);
            session.addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4).callout(KEY));

            session.close();

            assertThat(bench.sim.fwpm().fwpmTransactionBegin0(0)).isEqualTo(Win32Error.NO_ERROR);
        }
    }
}
