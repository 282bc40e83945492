package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.wfp.FilterCondition;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds conditions that say something else than was meant: ones that no connection meets, as they were written, and ports
 * that were not put into host order (WFP-93).
 */
final class ConditionAdvice {

    private static final int HIGHEST_PORT = 0xFFFF;
    private static final int HIGHEST_PROTOCOL = 0xFF;

    /** Ports that filters are for, and that are others when their bytes are swapped. */
    private static final Set<Integer> USUAL_PORTS = Set.of(
            21, 22, 23, 25, 53, 80, 110, 123, 143, 443, 445, 853, 993, 995, 1080, 3128, 3389, 5353, 8000, 8080, 8443);

    private ConditionAdvice() {}

    /** Why no connection has the value that a condition compares with; null if one may have it. */
    static @Nullable String whyNobodyHas(FilterCondition condition, Layer layer, NetView net, int compartmentId) {
        MatchType match = condition.matchType();
        if (match != MatchType.FWP_MATCH_EQUAL
                && match != MatchType.FWP_MATCH_NOT_EQUAL
                && match != MatchType.FWP_MATCH_FLAGS_ALL_SET) {
            return null;
        }
        return switch (condition.field()) {
            case FWPM_CONDITION_ALE_APP_ID, FWPM_CONDITION_ALE_ORIGINAL_APP_ID -> notAnAppId(condition.value());
            case FWPM_CONDITION_ALE_PACKAGE_ID -> notASid((String) condition.value());
            case FWPM_CONDITION_IP_LOCAL_PORT, FWPM_CONDITION_IP_REMOTE_PORT ->
                above(HIGHEST_PORT, condition, "a port has 16 bits");
            case FWPM_CONDITION_IP_PROTOCOL -> above(HIGHEST_PROTOCOL, condition, "a protocol has 8 bits");
            case FWPM_CONDITION_FLAGS -> flagElsewhere((Integer) condition.value(), layer);
            case FWPM_CONDITION_IP_LOCAL_INTERFACE, FWPM_CONDITION_IP_NEXTHOP_INTERFACE ->
                net.hasInterface((Long) condition.value()) ? null : "the machine has no interface of that LUID";
            case FWPM_CONDITION_COMPARTMENT_ID ->
                (Integer) condition.value() == compartmentId
                        ? null
                        : "the machine's connections are in compartment " + compartmentId;
            default -> null;
        };
    }

    private static @Nullable String notAnAppId(Object value) {
        if (!(value instanceof FwpByteBlob blob)) {
            return null;
        }
        String text = blob.text();
        if (!blob.equals(FwpByteBlob.ofText(text))) {
            return "an application id is UTF-16 and ends with a null, which counts; FwpmGetAppIdFromFileName0 adds it";
        }
        if (text.matches("[A-Za-z]:[\\\\/].*")) {
            return "an application id is a device path, not the DOS path \"" + text
                    + "\"; FwpmGetAppIdFromFileName0 translates it";
        }
        if (text.startsWith("\\") && !text.equals(text.toLowerCase(Locale.ROOT))) {
            return "an application id is in lower case, unlike \"" + text + "\"; FwpmGetAppIdFromFileName0 makes it so";
        }
        return null;
    }

    private static @Nullable String notASid(String text) {
        return text.startsWith("S-1-") ? null : "a SID begins with S-1-, unlike \"" + text + "\"";
    }

    private static @Nullable String above(int highest, FilterCondition condition, String why) {
        return Integer.compareUnsigned((Integer) condition.value(), highest) > 0
                ? why + ", unlike " + Integer.toUnsignedString((Integer) condition.value())
                : null;
    }

    /** A flag that another layer has, and this one never (WFP-15). */
    private static @Nullable String flagElsewhere(int flags, Layer layer) {
        boolean connects = layer.indexOf(ConditionField.FWPM_CONDITION_ALE_ORIGINAL_APP_ID) >= 0;
        boolean authorizesConnect = connects && layer.isAuthorizationLayer();
        if (has(flags, ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED) && !authorizesConnect) {
            return "IS_CONNECTION_REDIRECTED is a flag of AUTH_CONNECT only";
        }
        if (has(flags, ConditionFlag.FWP_CONDITION_FLAG_IS_PROXY_CONNECTION) && !connects) {
            return "IS_PROXY_CONNECTION is a flag of CONNECT_REDIRECT, AUTH_CONNECT and FLOW_ESTABLISHED only";
        }
        return null;
    }

    private static boolean has(int flags, ConditionFlag flag) {
        return (flags & flag.code()) != 0;
    }

    /** Which well-known port a condition may mean whose bytes are in network order; null if it looks right. */
    static @Nullable Integer swappedPort(FilterCondition condition) {
        boolean isPort = condition.field() == ConditionField.FWPM_CONDITION_IP_LOCAL_PORT
                || condition.field() == ConditionField.FWPM_CONDITION_IP_REMOTE_PORT;
        if (!isPort || condition.matchType() != MatchType.FWP_MATCH_EQUAL) {
            return null;
        }
        int port = (Integer) condition.value();
        int swapped = Short.toUnsignedInt(Short.reverseBytes((short) port));
        return port == Short.toUnsignedInt((short) port) && USUAL_PORTS.contains(swapped) && !USUAL_PORTS.contains(port)
                ? swapped
                : null;
    }

    /** What a field takes at a layer, for a value of another type; null if there is nothing to add to the status. */
    static @Nullable String whatFits(FilterCondition condition, Layer layer) {
        return switch (ConditionType.of(condition.field())) {
            case APPLICATION -> "takes an FwpByteBlob, as FwpmGetAppIdFromFileName0 gives, or a FileName";
            case ADDRESS -> "takes an address or a Subnet of " + layer.family() + " at " + layer;
            case LUID -> "takes a Long, NetInterface.luid()";
            case NUMBER -> "takes an Integer, which Windows has in 8, 16 or 32 bits, or a Range";
            case TEXT -> "takes the text of a SID";
            case USER -> "takes a Token";
        };
    }
}
