package io.github.wfpsim.engine;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.wfp.FilterCondition;
import java.net.InetAddress;

/** The types of FWP_VALUE0 that condition fields have here, and what may be compared with them (WFP-09). */
enum ConditionType {
    ADDRESS,
    APPLICATION,
    NUMBER,
    LUID,
    TEXT,
    USER;

    static ConditionType of(ConditionField field) {
        return switch (field) {
            case FWPM_CONDITION_IP_LOCAL_ADDRESS, FWPM_CONDITION_IP_REMOTE_ADDRESS -> ADDRESS;
            case FWPM_CONDITION_ALE_APP_ID, FWPM_CONDITION_ALE_ORIGINAL_APP_ID -> APPLICATION;
            case FWPM_CONDITION_ALE_PACKAGE_ID -> TEXT;
            case FWPM_CONDITION_ALE_USER_ID -> USER;
            case FWPM_CONDITION_IP_LOCAL_PORT,
                    FWPM_CONDITION_IP_REMOTE_PORT,
                    FWPM_CONDITION_IP_PROTOCOL,
                    FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE,
                    FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE,
                    FWPM_CONDITION_FLAGS,
                    FWPM_CONDITION_REAUTHORIZE_REASON,
                    FWPM_CONDITION_COMPARTMENT_ID,
                    FWPM_CONDITION_INTERFACE_TYPE,
                    FWPM_CONDITION_TUNNEL_TYPE,
                    FWPM_CONDITION_INTERFACE_INDEX,
                    FWPM_CONDITION_SUB_INTERFACE_INDEX,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE,
                    FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX,
                    FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX -> NUMBER;
            case FWPM_CONDITION_IP_LOCAL_INTERFACE, FWPM_CONDITION_IP_NEXTHOP_INTERFACE -> LUID;
        };
    }

    /** What is wrong with a condition at a layer; NO_ERROR if nothing is. */
    static Win32Error fitness(FilterCondition condition, Layer layer) {
        if (layer.indexOf(condition.field()) < 0) {
            return Win32Error.FWP_E_CONDITION_NOT_FOUND;
        }
        ConditionType type = of(condition.field());
        if (!type.suits(condition.matchType())) {
            return Win32Error.FWP_E_MATCH_TYPE_MISMATCH;
        }
        Object value = condition.value();
        boolean fits = switch (type) {
            case ADDRESS -> isAddressOf(value, layer.family());
            case APPLICATION -> value instanceof FwpByteBlob;
            case NUMBER -> value instanceof Integer || condition.matchType() == MatchType.FWP_MATCH_RANGE;
            case LUID -> value instanceof Long;
            case TEXT -> value instanceof String;
            case USER -> value instanceof Token;
        };
        return fits ? Win32Error.NO_ERROR : Win32Error.FWP_E_TYPE_MISMATCH;
    }

    private boolean suits(MatchType matchType) {
        return switch (matchType) {
            case FWP_MATCH_EQUAL, FWP_MATCH_NOT_EQUAL -> true;
            case FWP_MATCH_EQUAL_CASE_INSENSITIVE -> this == TEXT;
            case FWP_MATCH_GREATER, FWP_MATCH_LESS, FWP_MATCH_GREATER_OR_EQUAL, FWP_MATCH_LESS_OR_EQUAL ->
                this == NUMBER || this == LUID;
            case FWP_MATCH_RANGE, FWP_MATCH_FLAGS_ALL_SET, FWP_MATCH_FLAGS_ANY_SET, FWP_MATCH_FLAGS_NONE_SET ->
                this == NUMBER;
        };
    }

    private static boolean isAddressOf(Object value, AddressFamily family) {
        InetAddress address = value instanceof FilterCondition.Subnet subnet
                ? subnet.address()
                : value instanceof InetAddress single ? single : null;
        return address != null && AddressFamily.of(address) == family;
    }
}
