package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The filters of a {@link FilterIndex} that are found by one field. Immutable. */
sealed interface FieldIndex {

    /** Gives a cursor those that may match. */
    void candidates(ConditionValues values, FilterCursor cursor);

    /** Makes an index of the filters of each key: an {@link AddressPrefix} or the value itself. */
    static FieldIndex of(ConditionField field, Map<Object, List<InstalledFilter>> found) {
        Map<Integer, List<InstalledFilter>> numbers = new HashMap<>();
        Map<Integer, Map<AddressPrefix, List<InstalledFilter>>> v4 = new TreeMap<>();
        Map<Integer, Map<AddressPrefix, List<InstalledFilter>>> v6 = new TreeMap<>();
        Map<Object, InstalledFilter[]> others = new HashMap<>();
        found.forEach((key, filters) -> {
            if (key instanceof AddressPrefix prefix) {
                (prefix.v4() ? v4 : v6)
                        .computeIfAbsent(prefix.length(), length -> new HashMap<>())
                        .put(prefix, filters);
            } else if (key instanceof Integer number) {
                numbers.put(number, filters);
            } else {
                others.put(key, filters.toArray(new InstalledFilter[0]));
            }
        });
        ConditionType type = ConditionType.of(field);
        if (type == ConditionType.NUMBER) {
            return new Numbers(field, FilterTable.ofNumbers(numbers));
        }
        return type == ConditionType.ADDRESS
                ? new Addresses(field, byLength(v4), byLength(v6))
                : new Texts(field, others);
    }

    private static Prefixes[] byLength(Map<Integer, Map<AddressPrefix, List<InstalledFilter>>> found) {
        return found.entrySet().stream()
                .map(entry -> new Prefixes(
                        AddressPrefix.highMask(entry.getKey()),
                        AddressPrefix.lowMask(entry.getKey()),
                        FilterTable.ofPrefixes(entry.getValue())))
                .toArray(Prefixes[]::new);
    }

    /** Prefixes of one length, whose bits that count are set in the masks. */
    record Prefixes(long highMask, long lowMask, FilterTable filters) {}

    /** By ports, protocols and such. */
    record Numbers(ConditionField field, FilterTable filters) implements FieldIndex {
        @Override
        public void candidates(ConditionValues values, FilterCursor cursor) {
            long number = values.number(field);
            if (number != IncomingValues.NO_NUMBER) {
                cursor.add(filters.get(number, 0));
            }
        }
    }

    /** By applications and SIDs. */
    record Texts(ConditionField field, Map<Object, InstalledFilter[]> filters) implements FieldIndex {
        @Override
        public void candidates(ConditionValues values, FilterCursor cursor) {
            Object actual = values.value(field);
            if (actual != null) {
                cursor.add(filters.get(actual));
            }
        }
    }

    /** By addresses and subnets. */
    @SuppressWarnings("ArrayRecordComponent") // Never changed and never compared.
    record Addresses(ConditionField field, Prefixes[] v4, Prefixes[] v6) implements FieldIndex {
        @Override
        public void candidates(ConditionValues values, FilterCursor cursor) {
            Object actual = values.value(field);
            if (actual instanceof InetAddress address) {
                Prefixes[] ofFamily = address instanceof Inet4Address ? v4 : v6;
                if (ofFamily.length > 0) {
                    candidates(address.getAddress(), ofFamily, cursor);
                }
            }
        }

        private static void candidates(byte[] address, Prefixes[] ofFamily, FilterCursor cursor) {
            long high = AddressPrefix.high(address);
            long low = AddressPrefix.low(address);
            for (Prefixes prefixes : ofFamily) {
                cursor.add(prefixes.filters().get(high & prefixes.highMask(), low & prefixes.lowMask()));
            }
        }
    }
}
