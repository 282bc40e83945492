package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.Hosts;
import io.github.wfpsim.net.IpAddress;
import java.net.InetAddress;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class FilterConditionTest {

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
        assertThat(port(type, value).matches(actual)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"79, false", "80, true", "85, true", "90, true", "91, false", "-1, false"})
    @Spec("WFP-21")
    void range_includesBothEnds(int actual, boolean expected) {
        assertThat(port(MatchType.FWP_MATCH_RANGE, new FilterCondition.Range(80, 90))
                        .matches(actual))
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
        assertThat(flags(type, mask).matches(actual)).isEqualTo(expected);
    }

    @Test
    @Spec("WFP-21")
    void texts_compareWithAndWithoutCase() {
        ConditionField app = ConditionField.FWPM_CONDITION_ALE_APP_ID;
        assertThat(new FilterCondition(app, MatchType.FWP_MATCH_EQUAL, "c:\\app.exe").matches("C:\\app.exe"))
                .isFalse();
        assertThat(new FilterCondition(app, MatchType.FWP_MATCH_EQUAL_CASE_INSENSITIVE, "c:\\app.exe")
                        .matches("C:\\APP.exe"))
                .isTrue();
        assertThat(FilterCondition.appId("C:\\App.exe").matches("c:\\app.exe")).isTrue();
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

        assertThat(port(type, value).matches(null)).isEqualTo(type == MatchType.FWP_MATCH_NOT_EQUAL);
    }

    @Test
    void valueOfTheWrongType_isRefusedWithTheReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> port(MatchType.FWP_MATCH_RANGE, 5))
                .withMessageContaining("FWP_MATCH_RANGE compares with Range");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> port(MatchType.FWP_MATCH_GREATER, "80"))
                .withMessageContaining("Integer");
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-09")
    void conditionOnAFieldThatTheLayerLacks_makesFilterCreationFail(AddressFamily family) {
        try (WfpSim sim = WfpSim.open()) {
            for (Layer layer : Layer.values()) {
                for (ConditionField field : ConditionField.values()) {
                    FilterCondition condition =
                            new FilterCondition(field, MatchType.FWP_MATCH_EQUAL, valueOf(field, family));
                    Out<Long> id = Out.empty();

                    Win32Error error = sim.fwpm()
                            .fwpmFilterAdd0(
                                    Filter.at(layer.withFamily(family))
                                            .when(condition)
                                            .permit(),
                                    id);

                    boolean known = layer.fields().contains(field);
                    assertThat(error)
                            .as("%s at %s", field, layer)
                            .isEqualTo(known ? Win32Error.NO_ERROR : Win32Error.FWP_E_CONDITION_NOT_FOUND);
                    assertThat(id.get() != null).isEqualTo(known);
                }
            }
        }
    }

    private static Object valueOf(ConditionField field, AddressFamily family) {
        return switch (field) {
            case FWPM_CONDITION_IP_LOCAL_ADDRESS, FWPM_CONDITION_IP_REMOTE_ADDRESS -> IpAddress.loopback(family);
            case FWPM_CONDITION_ALE_APP_ID, FWPM_CONDITION_ALE_ORIGINAL_APP_ID, FWPM_CONDITION_ALE_PACKAGE_ID -> "text";
            case FWPM_CONDITION_ALE_USER_ID -> Token.STANDARD_USER;
            default -> 0;
        };
    }

    static Stream<Arguments> misfits() {
        InetAddress v4 = IpAddress.loopback(AddressFamily.AF_INET);
        InetAddress v6 = IpAddress.loopback(AddressFamily.AF_INET6);
        ConditionField port = ConditionField.FWPM_CONDITION_IP_REMOTE_PORT;
        ConditionField address = ConditionField.FWPM_CONDITION_IP_REMOTE_ADDRESS;
        ConditionField app = ConditionField.FWPM_CONDITION_ALE_APP_ID;
        Win32Error type = Win32Error.FWP_E_TYPE_MISMATCH;
        Win32Error match = Win32Error.FWP_E_MATCH_TYPE_MISMATCH;
        return Stream.of(
                Arguments.of(port, MatchType.FWP_MATCH_EQUAL, 443L, type),
                Arguments.of(port, MatchType.FWP_MATCH_EQUAL, "443", type),
                Arguments.of(port, MatchType.FWP_MATCH_EQUAL_CASE_INSENSITIVE, "443", match),
                Arguments.of(address, MatchType.FWP_MATCH_EQUAL, "1.2.3.4", type),
                Arguments.of(address, MatchType.FWP_MATCH_EQUAL, v6, type),
                Arguments.of(address, MatchType.FWP_MATCH_EQUAL, new FilterCondition.Subnet(v6, 64), type),
                Arguments.of(address, MatchType.FWP_MATCH_FLAGS_ALL_SET, 1, match),
                Arguments.of(address, MatchType.FWP_MATCH_GREATER, 1, match),
                Arguments.of(app, MatchType.FWP_MATCH_EQUAL, v4, type),
                Arguments.of(app, MatchType.FWP_MATCH_RANGE, new FilterCondition.Range(1, 2), match),
                Arguments.of(ConditionField.FWPM_CONDITION_ALE_USER_ID, MatchType.FWP_MATCH_EQUAL, "me", type));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void conditionThatDoesNotSuitItsField_isRefused(
            ConditionField field, MatchType matchType, Object value, Win32Error error) {
        try (WfpSim sim = WfpSim.open()) {
            Filter filter = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                    .when(new FilterCondition(field, matchType, value))
                    .permit();

            assertThat(sim.fwpm().fwpmFilterAdd0(filter, null)).isEqualTo(error);
        }
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

        assertThat(condition.matches(Hosts.literal(other))).isEqualTo(holds);
    }

    @Test
    void subnet_withMoreBitsThanItsAddress_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FilterCondition.Subnet(Hosts.literal("10.0.0.0"), 33));
    }
}
