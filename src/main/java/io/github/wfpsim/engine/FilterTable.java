package io.github.wfpsim.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Filters by two numbers, such as the bits of an address. Immutable; a look-up allocates nothing and follows no chain of
 * objects.
 */
final class FilterTable {

    private static final long ODD = 0x9E37_79B9_7F4A_7C15L;
    private static final InstalledFilter[] NOBODY = {};

    /** Two for each place; those of a place without filters mean nothing. */
    private final long[] keys;

    private final InstalledFilter[] @Nullable [] filters;
    private final int shift;

    private FilterTable(int entries) {
        // At most half full, so that a look-up ends soon.
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, entries));
        int places = 2 << bits;
        this.keys = new long[2 * places];
        this.filters = new InstalledFilter[places][];
        this.shift = Long.SIZE - bits - 1;
    }

    /** Filters by one number. */
    static FilterTable ofNumbers(Map<Integer, List<InstalledFilter>> found) {
        FilterTable table = new FilterTable(found.size());
        found.forEach((number, list) -> table.put(Integer.toUnsignedLong(number), 0, list.toArray(NOBODY)));
        return table;
    }

    /** Filters by the bits of prefixes of one length and family. */
    static FilterTable ofPrefixes(Map<AddressPrefix, List<InstalledFilter>> found) {
        FilterTable table = new FilterTable(found.size());
        found.forEach((prefix, list) -> table.put(prefix.high(), prefix.low(), list.toArray(NOBODY)));
        return table;
    }

    private void put(long high, long low, InstalledFilter[] found) {
        int place = placeOf(high, low);
        keys[2 * place] = high;
        keys[2 * place + 1] = low;
        filters[place] = found;
    }

    /** Finds the filters of a key; null if there are none. */
    InstalledFilter @Nullable [] get(long high, long low) {
        return filters[placeOf(high, low)];
    }

    /** Where a key is, or would be put. */
    private int placeOf(long high, long low) {
        int place = (int) (((high ^ (low * ODD)) * ODD) >>> shift);
        while (filters[place] != null && (keys[2 * place] != high || keys[2 * place + 1] != low)) {
            place = (place + 1) & (filters.length - 1);
        }
        return place;
    }
}
