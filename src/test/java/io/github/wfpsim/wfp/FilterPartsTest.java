package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Lists of a filter's parts that have a hole. */
class FilterPartsTest {

    @Test
    @SuppressWarnings("NullAway")
    void nullInsideAList_isNamed() {
        List<FilterCondition> conditions = Collections.singletonList(null);
        Set<FilterFlag> flags = new HashSet<>();
        flags.add(null);

        assertThatNullPointerException()
                .isThrownBy(() -> filter(conditions, Set.of()))
                .withMessageContaining("condition must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> filter(List.of(), flags))
                .withMessageContaining("flag must not be null");
    }

    private static Filter filter(List<FilterCondition> conditions, Set<FilterFlag> flags) {
        return new Filter(
                "of the test",
                Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                SubLayer.UNIVERSAL.key(),
                FilterWeight.automatic(),
                conditions,
                ActionType.FWP_ACTION_PERMIT,
                null,
                flags,
                null,
                null,
                0,
                null,
                0,
                0);
    }
}
