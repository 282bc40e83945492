package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.wfp.FilterCondition;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the filters that may match without looking at the others. Each filter is found by the field that tells most about
 * it: the one whose values it shares with the fewest others. Filters that ask for no single value or subnet, but for
 * ranges, flags or the opposite, are candidates always. Immutable.
 */
final class FilterIndex {

    private static final int V4_BITS = 32;
    private static final int V6_BITS = 128;
    private static final InstalledFilter[] NOBODY = {};

    private final FieldIndex[] fields;
    private final InstalledFilter[] always;

    private FilterIndex(FieldIndex[] fields, InstalledFilter[] always) {
        this.fields = fields;
        this.always = always;
    }

    // ---- making

    static FilterIndex of(InstalledFilter[] inOrder) {
        Map<ConditionField, Map<Object, Integer>> shared = new EnumMap<>(ConditionField.class);
        for (InstalledFilter filter : inOrder) {
            for (List<FilterCondition> sameField : filter.conditions()) {
                count(sameField, shared);
            }
        }
        Map<ConditionField, Map<Object, List<InstalledFilter>>> found = new EnumMap<>(ConditionField.class);
        List<InstalledFilter> always = new ArrayList<>();
        for (InstalledFilter filter : inOrder) {
            List<FilterCondition> best = mostTelling(filter, shared);
            if (best == null) {
                always.add(filter);
            } else {
                put(filter, best, found);
            }
        }
        return new FilterIndex(
                found.entrySet().stream()
                        .map(entry -> FieldIndex.of(entry.getKey(), entry.getValue()))
                        .toArray(FieldIndex[]::new),
                always.toArray(NOBODY));
    }

    private static void count(List<FilterCondition> sameField, Map<ConditionField, Map<Object, Integer>> shared) {
        if (isIndexed(sameField)) {
            ConditionField field = sameField.get(0).field();
            Map<Object, Integer> ofField = shared.computeIfAbsent(field, key -> new HashMap<>());
            sameField.forEach(condition -> ofField.merge(keyOf(condition), 1, Integer::sum));
        }
    }

    private static boolean isIndexed(List<FilterCondition> sameField) {
        return isIndexed(sameField.get(0).field())
                && sameField.stream().allMatch(condition -> condition.matchType() == MatchType.FWP_MATCH_EQUAL);
    }

    /** Whether an index can tell by the field's value which filters cannot match. */
    private static boolean isIndexed(ConditionField field) {
        return switch (field) {
            case FWPM_CONDITION_IP_LOCAL_ADDRESS,
                    FWPM_CONDITION_IP_REMOTE_ADDRESS,
                    FWPM_CONDITION_IP_LOCAL_PORT,
                    FWPM_CONDITION_IP_REMOTE_PORT,
                    FWPM_CONDITION_ALE_APP_ID,
                    FWPM_CONDITION_ALE_ORIGINAL_APP_ID,
                    FWPM_CONDITION_ALE_PACKAGE_ID,
                    FWPM_CONDITION_IP_PROTOCOL,
                    FWPM_CONDITION_COMPARTMENT_ID -> true;
            // These may change while a classification runs, are compared bit by bit, or tell little.
            case FWPM_CONDITION_ALE_USER_ID,
                    FWPM_CONDITION_FLAGS,
                    FWPM_CONDITION_REAUTHORIZE_REASON,
                    FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE,
                    FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE,
                    FWPM_CONDITION_IP_LOCAL_INTERFACE,
                    FWPM_CONDITION_INTERFACE_TYPE,
                    FWPM_CONDITION_TUNNEL_TYPE,
                    FWPM_CONDITION_INTERFACE_INDEX,
                    FWPM_CONDITION_SUB_INTERFACE_INDEX,
                    FWPM_CONDITION_IP_NEXTHOP_INTERFACE,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE,
                    FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX,
                    FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX -> false;
        };
    }

    private static Object keyOf(FilterCondition condition) {
        if (condition.value() instanceof FilterCondition.Subnet subnet) {
            return AddressPrefix.of(subnet.address(), subnet.prefixLength());
        }
        return condition.value() instanceof InetAddress address
                ? AddressPrefix.of(address, bitsOf(address))
                : condition.value();
    }

    private static int bitsOf(InetAddress address) {
        return address instanceof java.net.Inet4Address ? V4_BITS : V6_BITS;
    }

    private static @Nullable List<FilterCondition> mostTelling(
            InstalledFilter filter, Map<ConditionField, Map<Object, Integer>> shared) {
        List<FilterCondition> best = null;
        int fewest = Integer.MAX_VALUE;
        for (List<FilterCondition> sameField : filter.conditions()) {
            if (isIndexed(sameField)) {
                Map<Object, Integer> ofField =
                        shared.getOrDefault(sameField.get(0).field(), Map.of());
                int others = sameField.stream()
                        .mapToInt(condition -> ofField.getOrDefault(keyOf(condition), 0))
                        .sum();
                if (others < fewest) {
                    fewest = others;
                    best = sameField;
                }
            }
        }
        return best;
    }

    private static void put(
            InstalledFilter filter,
            List<FilterCondition> sameField,
            Map<ConditionField, Map<Object, List<InstalledFilter>>> found) {
        Map<Object, List<InstalledFilter>> ofField =
                found.computeIfAbsent(sameField.get(0).field(), key -> new HashMap<>());
        sameField.stream()
                .map(FilterIndex::keyOf)
                .distinct()
                .forEach(key -> ofField.computeIfAbsent(key, absent -> new ArrayList<>(1))
                        .add(filter));
    }

    // ---- asking

    /** Gives a cursor all that may match, each list from the heaviest down. */
    void candidates(ConditionValues values, FilterCursor cursor) {
        cursor.add(always);
        for (FieldIndex field : fields) {
            field.candidates(values, cursor);
        }
    }
}
