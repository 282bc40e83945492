package io.github.wfpsim.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Filters from the heaviest down. Immutable but for the index, which is made when first asked for: two threads that both
 * make one make the same.
 */
final class FilterRun {

    /** The order in which the filters of a sub-layer are asked (WFP-23). */
    static final Comparator<InstalledFilter> HEAVIEST_FIRST = FilterRun::compare;

    static final FilterRun NONE = new FilterRun(new InstalledFilter[0]);

    /** Up to so many filters are compared one by one. */
    private static final int FEW = 8;

    private final InstalledFilter[] inOrder;
    private volatile @Nullable FilterIndex index;

    private FilterRun(InstalledFilter[] inOrder) {
        this.inOrder = inOrder;
    }

    static FilterRun of(Collection<InstalledFilter> filters) {
        InstalledFilter[] sorted = filters.toArray(new InstalledFilter[0]);
        Arrays.sort(sorted, HEAVIEST_FIRST);
        return sorted.length == 0 ? NONE : new FilterRun(sorted);
    }

    private static int compare(InstalledFilter one, InstalledFilter other) {
        int byWeight = Long.compareUnsigned(other.weight(), one.weight());
        return byWeight == 0 ? Long.compare(one.turn(), other.turn()) : byWeight;
    }

    /** The place of the first filter of a list, from a place on, that does not come before another one. */
    static int firstNotBefore(InstalledFilter filter, InstalledFilter[] list, int from) {
        int place = from;
        while (place < list.length && compare(list[place], filter) < 0) {
            place++;
        }
        return place;
    }

    int size() {
        return inOrder.length;
    }

    boolean contains(InstalledFilter filter) {
        return Arrays.binarySearch(inOrder, filter, HEAVIEST_FIRST) >= 0;
    }

    @Nullable
    InstalledFilter find(long filterId) {
        for (InstalledFilter filter : inOrder) {
            if (filter.id() == filterId) {
                return filter;
            }
        }
        return null;
    }

    List<InstalledFilter> filters() {
        return List.of(inOrder);
    }

    /** Gives a cursor the filters that may match, each list from the heaviest down; one may be in two lists. */
    void candidates(ConditionValues values, FilterCursor cursor) {
        if (inOrder.length > FEW) {
            index().candidates(values, cursor);
        } else {
            cursor.add(inOrder);
        }
    }

    private FilterIndex index() {
        FilterIndex made = index;
        if (made == null) {
            made = FilterIndex.of(inOrder);
            index = made;
        }
        return made;
    }
}
