package io.github.wfpsim.fwpm;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.MatchType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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

    /** The filters of one field, by what they compare with: an {@link AddressPrefix} or the value itself. */
    @SuppressWarnings("ArrayRecordComponent") // Never changed and never compared.
    private record ByField(ConditionField field, Map<Object, InstalledFilter[]> filters, int[] prefixLengths) {}

    private final List<ByField> fields;
    private final InstalledFilter[] always;

    private FilterIndex(List<ByField> fields, InstalledFilter[] always) {
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
                        .map(entry -> byField(entry.getKey(), entry.getValue()))
                        .toList(),
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
            // These may change while a classification runs, or are compared bit by bit.
            case FWPM_CONDITION_ALE_USER_ID,
                    FWPM_CONDITION_FLAGS,
                    FWPM_CONDITION_REAUTHORIZE_REASON,
                    FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE,
                    FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE -> false;
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

    private static ByField byField(ConditionField field, Map<Object, List<InstalledFilter>> found) {
        Map<Object, InstalledFilter[]> filters = new HashMap<>();
        TreeSet<Integer> lengths = new TreeSet<>();
        found.forEach((key, list) -> {
            filters.put(key, list.toArray(NOBODY));
            if (key instanceof AddressPrefix prefix) {
                lengths.add(prefix.length());
            }
        });
        return new ByField(
                field, filters, lengths.stream().mapToInt(Integer::intValue).toArray());
    }

    // ---- asking

    /** How many lists {@link #candidates} gives at most. */
    int lists() {
        int lists = 1;
        for (int i = 0; i < fields.size(); i++) {
            lists += Math.max(1, fields.get(i).prefixLengths().length);
        }
        return lists;
    }

    int candidates(ConditionValues values, InstalledFilter[][] into, int count) {
        int lists = add(always, into, count);
        for (int i = 0; i < fields.size(); i++) {
            ByField byField = fields.get(i);
            Object actual = values.value(byField.field());
            if (actual instanceof InetAddress address) {
                lists = prefixes(byField, address, into, lists);
            } else if (actual != null) {
                lists = add(byField.filters().get(actual), into, lists);
            }
        }
        return lists;
    }

    private static int prefixes(ByField byField, InetAddress address, InstalledFilter[][] into, int count) {
        int lists = count;
        int bits = bitsOf(address);
        for (int length : byField.prefixLengths()) {
            if (length <= bits) {
                lists = add(byField.filters().get(AddressPrefix.of(address, length)), into, lists);
            }
        }
        return lists;
    }

    private static int add(InstalledFilter @Nullable [] found, InstalledFilter[][] into, int count) {
        if (found == null || found.length == 0) {
            return count;
        }
        into[count] = found;
        return count + 1;
    }
}
