package io.github.wfpsim.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.net.Hosts;
import io.github.wfpsim.wfp.FilterCondition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a condition's value matches. */
class ComparisonTest {

    private static FilterCondition port(MatchType type, Object value) {
        return new FilterCondition(ConditionField.FWPM_CONDITION_IP_REMOTE_PORT, type, value);
    }

    private static FilterCondition flags(MatchType type, int mask) {
        return new FilterCondition(ConditionField.FWPM_CONDITION_FLAGS, type, mask);
    }

    @ParameterizedTest(name = "{1} {0} {2}: {3}")
    @CsvSource({
        "FWP_MATCH_EQUAL, 80, 80, true",
        "FWP_MATCH_EQUAL, 81, 80, false",
        "FWP_MATCH_NOT_EQUAL, 80, 80, false",
        "FWP_MATCH_NOT_EQUAL, 81, 80, true",
        "FWP_MATCH_GREATER, 80, 80, false",
        "FWP_MATCH_GREATER, 81, 80, true",
        "FWP_MATCH_GREATER, 79, 80, false",
        "FWP_MATCH_GREATER, -1, 80, true",
        "FWP_MATCH_GREATER_OR_EQUAL, 80, 80, true",
        "FWP_MATCH_GREATER_OR_EQUAL, 79, 80, false",
        "FWP_MATCH_LESS, 80, 80, false",
        "FWP_MATCH_LESS, 79, 80, true",
        "FWP_MATCH_LESS, -1, 80, false",
        "FWP_MATCH_LESS_OR_EQUAL, 80, 80, true",
        "FWP_MATCH_LESS_OR_EQUAL, 81, 80, false"
    })
    @Spec("WFP-21")
    void numbers_compareWithoutSign(MatchType type, int actual, int value, boolean expected) {
        assertThat(Comparison.matches(port(type, value), actual)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"79, false", "80, true", "85, true", "90, true", "91, false", "-1, false"})
    @Spec("WFP-21")
    void range_includesBothEnds(int actual, boolean expected) {
        assertThat(Comparison.matches(port(MatchType.FWP_MATCH_RANGE, new FilterCondition.Range(80, 90)), actual))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "FWP_MATCH_FLAGS_ALL_SET, 3, 3, true",
        "FWP_MATCH_FLAGS_ALL_SET, 7, 3, true",
        "FWP_MATCH_FLAGS_ALL_SET, 1, 3, false",
        "FWP_MATCH_FLAGS_ANY_SET, 1, 3, true",
        "FWP_MATCH_FLAGS_ANY_SET, 4, 3, false",
        "FWP_MATCH_FLAGS_NONE_SET, 4, 3, true",
        "FWP_MATCH_FLAGS_NONE_SET, 5, 3, false"
    })
    @Spec("WFP-21")
    void flags_compareByBits(MatchType type, int actual, int mask, boolean expected) {
        assertThat(Comparison.matches(flags(type, mask), actual)).isEqualTo(expected);
    }

    @Test
    @Spec("WFP-21")
    void texts_compareWithAndWithoutCase() {
        ConditionField sid = ConditionField.FWPM_CONDITION_ALE_PACKAGE_ID;
        assertThat(Comparison.matches(new FilterCondition(sid, MatchType.FWP_MATCH_EQUAL, "s-1"), "S-1"))
                .isFalse();
        assertThat(Comparison.matches(
                        new FilterCondition(sid, MatchType.FWP_MATCH_EQUAL_CASE_INSENSITIVE, "s-1"), "S-1"))
                .isTrue();
    }

    @Test
    @Spec({"WFP-12", "WFP-21"})
    void applicationIds_compareByteByByte() {
        FilterCondition app = FilterCondition.appId(FwpByteBlob.ofText("\\device\\app.exe"));
        assertThat(Comparison.matches(app, FwpByteBlob.ofText("\\device\\app.exe")))
                .isTrue();
        assertThat(Comparison.matches(app, FwpByteBlob.ofText("\\device\\App.exe")))
                .isFalse();
        assertThat(Comparison.matches(app, FwpByteBlob.ofText("\\device\\app.exe\0")))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(MatchType.class)
    @Spec("WFP-21")
    void absentValue_meetsNotEqualOnly(MatchType type) {
        Object value = switch (type) {
            case FWP_MATCH_RANGE -> new FilterCondition.Range(0, -1);
            case FWP_MATCH_EQUAL_CASE_INSENSITIVE -> "text";
            default -> 0;
        };

        assertThat(Comparison.matches(port(type, value), null)).isEqualTo(type == MatchType.FWP_MATCH_NOT_EQUAL);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.0, 16, 10.1.255.255, true",
        "10.1.0.0, 16, 10.2.0.0, false",
        "10.1.2.3, 32, 10.1.2.3, true",
        "10.1.2.3, 32, 10.1.2.2, false",
        "10.1.2.3, 0, 203.0.113.1, true",
        "10.0.0.0, 8, 2001:db8::1, false",
        "2001:db8::, 32, 2001:db8:ffff::1, true",
        "2001:db8::, 32, 2001:db9::1, false",
        "128.0.0.0, 1, 255.255.255.255, true",
        "128.0.0.0, 1, 127.255.255.255, false"
    })
    void subnet_holdsTheAddressesWithItsFirstBits(String address, int prefix, String other, boolean holds) {
        FilterCondition condition =
                FilterCondition.remoteSubnet(new FilterCondition.Subnet(Hosts.literal(address), prefix));

        assertThat(Comparison.matches(condition, Hosts.literal(other))).isEqualTo(holds);
    }
}
