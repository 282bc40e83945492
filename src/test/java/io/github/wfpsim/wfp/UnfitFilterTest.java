package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.Win32Error;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Filters that could never match or decide. */
class UnfitFilterTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    private static Win32Error add(Filter filter) {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            return bench.sim.fwpm().fwpmFilterAdd0(filter, null);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FWP_MATCH_EQUAL", "FWP_MATCH_NOT_EQUAL", "FWP_MATCH_RANGE"})
    @Spec("WFP-21")
    void range_isComparedAsARangeOnly(MatchType matchType) {
        FilterCondition ports = new FilterCondition(
                ConditionField.FWPM_CONDITION_IP_REMOTE_PORT, matchType, new FilterCondition.Range(1, 1023));

        assertThat(add(Filter.at(LAYER).when(ports).permit()))
                .isEqualTo(
                        matchType == MatchType.FWP_MATCH_RANGE ? Win32Error.NO_ERROR : Win32Error.FWP_E_TYPE_MISMATCH);
    }

    @ParameterizedTest
    @EnumSource(names = {"FWP_ACTION_CONTINUE", "FWP_ACTION_NONE", "FWP_ACTION_NONE_NO_MATCH"})
    @Spec("WFP-21")
    void answerOfACallout_isNoActionOfAFilter(ActionType action) {
        Filter filter = new Filter(
                "undecided",
                LAYER,
                SubLayer.UNIVERSAL.key(),
                FilterWeight.automatic(),
                List.of(),
                action,
                null,
                Set.of(),
                null,
                null,
                0,
                null,
                0,
                0);

        assertThat(add(filter)).isEqualTo(Win32Error.FWP_E_INVALID_ACTION_TYPE);
    }
}
