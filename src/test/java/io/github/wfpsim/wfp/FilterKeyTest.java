package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Win32Error;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whose a filter key is: of two filters that are added at the same time, and of one that has gone. */
class FilterKeyTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final UUID CALLOUT = new UUID(60, 1);
    private static final UUID KEY = new UUID(60, 2);

    @Test
    void filterKey_takenWhileNotifyFnRuns_existsAlready() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm fwpm = bench.sim.fwpm();
            List<Win32Error> faster = new ArrayList<>();
            FwpsNotifyFn1 adding = (type, key, filter) -> {
                if (faster.isEmpty()) {
                    faster.add(fwpm.fwpmFilterAdd0(Filter.at(LAYER).key(KEY).permit(), null));
                }
                return NtStatus.STATUS_SUCCESS;
            };
            ClassifyFn1 nothing = (values, meta, data, context, filter, flow, out) -> {};
            bench.fwps.fwpsCalloutRegister1(new FwpsCallout1(CALLOUT, nothing, adding, null), null);

            Win32Error slower = fwpm.fwpmFilterAdd0(Filter.at(LAYER).key(KEY).callout(CALLOUT), null);

            assertThat(faster).containsExactly(Win32Error.NO_ERROR);
            assertThat(slower).isEqualTo(Win32Error.FWP_E_ALREADY_EXISTS);
            assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.NO_ERROR);
            assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_FILTER_NOT_FOUND);
        }
    }

    @Test
    void filterKey_ofAFilterThatHasGone_isFreeAgain() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm fwpm = bench.sim.fwpm();
            Filter.Builder filter = Filter.at(LAYER).key(KEY);

            long id = fwpm.addFilter(filter.permit());
            fwpm.fwpmFilterDeleteById0(id);
            fwpm.addFilter(filter.permit());
            fwpm.fwpmFilterDeleteByKey0(KEY);
            try (Fwpm session = fwpm.open(FwpmSession.dynamic("service"))) {
                session.addFilter(filter.permit());
            }
            fwpm.fwpmTransactionBegin0(0);
            fwpm.addFilter(filter.permit());
            fwpm.fwpmTransactionAbort0();

            assertThat(fwpm.fwpmFilterAdd0(filter.permit(), null)).isEqualTo(Win32Error.NO_ERROR);
            assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.NO_ERROR);
        }
    }

    @Test
    void filterKey_takenOverInATransactionThatIsAborted_belongsToTheOldFilterAgain() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm fwpm = bench.sim.fwpm();
            long old = fwpm.addFilter(Filter.at(LAYER).key(KEY).permit());
            fwpm.fwpmTransactionBegin0(0);
            fwpm.fwpmFilterDeleteByKey0(KEY);
            fwpm.addFilter(Filter.at(LAYER).key(KEY).block());
            fwpm.fwpmTransactionAbort0();

            assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.NO_ERROR);

            assertThat(fwpm.fwpmFilterDeleteById0(old)).isEqualTo(Win32Error.FWP_E_FILTER_NOT_FOUND);
        }
    }
}
