package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FwpByteBlob;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class FilterConditionTest {

    private static FilterCondition port(MatchType type, Object value) {
        return new FilterCondition(ConditionField.FWPM_CONDITION_IP_REMOTE_PORT, type, value);
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
            case FWPM_CONDITION_ALE_APP_ID, FWPM_CONDITION_ALE_ORIGINAL_APP_ID -> FwpByteBlob.ofText("text");
            case FWPM_CONDITION_ALE_PACKAGE_ID -> "text";
            case FWPM_CONDITION_IP_LOCAL_INTERFACE, FWPM_CONDITION_IP_NEXTHOP_INTERFACE -> 0L;
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
                Arguments.of(app, MatchType.FWP_MATCH_EQUAL, "C:\\app.exe", type),
                Arguments.of(app, MatchType.FWP_MATCH_EQUAL_CASE_INSENSITIVE, "C:\\app.exe", match),
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

    @Test
    void subnet_withMoreBitsThanItsAddress_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FilterCondition.Subnet(Hosts.literal("10.0.0.0"), 33));
    }
}
