package io.github.wfpsim.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.redirect.RedirectRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectRightsTest {

    private static final RedirectRecord NEWEST = Chains.record(1, 1);
    private static final SimOptions NAMED_ONLY = SimOptions.defaults();
    private static final SimOptions ANY = NAMED_ONLY.with(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS);
    private static final int STRANGER = Chains.TARGET_PID + 4;

    @Test
    @Spec("REC-35")
    void mayQuery_onlyTheNamedProcessUnlessTheKnobSaysAny() {
        assertThat(RedirectRights.mayQuery(NAMED_ONLY, Chains.TARGET_PID, NEWEST.targetPid()))
                .isTrue();
        assertThat(RedirectRights.mayQuery(NAMED_ONLY, STRANGER, NEWEST.targetPid()))
                .isFalse();
        assertThat(RedirectRights.mayQuery(ANY, STRANGER, NEWEST.targetPid())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"STANDARD_USER, false", "FILTERED_ADMINISTRATOR, false", "ELEVATED_ADMINISTRATOR, true", "SYSTEM, true"
    })
    @Spec("REC-37")
    void maySet_onlyElevated(Token token, boolean expected) {
        assertThat(RedirectRights.maySet(token)).isEqualTo(expected);
    }

    @Test
    @Spec("REC-37")
    void isAddressedTo_onlyTheProcessOfTheNewest() {
        assertThat(RedirectRights.isAddressedTo(Chains.of(1, 2), Chains.TARGET_PID))
                .isTrue();
        assertThat(RedirectRights.isAddressedTo(Chains.of(1, 2), STRANGER)).isFalse();
        assertThat(RedirectRights.isAddressedTo(RedirectChain.empty(), 0)).isFalse();
    }
}
