package io.github.wfpsim.fwpm;

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

    /** Run-time ids grow, so that the older of two equal filters comes first (WFP-23). */
    static final Comparator<InstalledFilter> HEAVIEST_THEN_OLDEST = ((Comparator<InstalledFilter>)
                    (one, other) -> Long.compareUnsigned(other.weight(), one.weight()))
            .thenComparingLong(InstalledFilter::id);

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
        Arrays.sort(sorted, HEAVIEST_THEN_OLDEST);
        return sorted.length == 0 ? NONE : new FilterRun(sorted);
    }

    int size() {
        return inOrder.length;
    }

    boolean contains(InstalledFilter filter) {
        return Arrays.binarySearch(inOrder, filter, HEAVIEST_THEN_OLDEST) >= 0;
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

    /** How many lists {@link #candidates} gives at most. */
    int candidateLists() {
        return inOrder.length <= FEW ? 1 : index().lists();
    }

    /**
     * Finds the filters that may match, each list from the heaviest down; one may be in two lists.
     *
     * @return how many lists there are now
     */
    int candidates(ConditionValues values, InstalledFilter[][] into, int count) {
        if (inOrder.length > FEW) {
            return index().candidates(values, into, count);
        }
        if (inOrder.length > 0) {
            into[count] = inOrder;
            return count + 1;
        }
        return count;
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
