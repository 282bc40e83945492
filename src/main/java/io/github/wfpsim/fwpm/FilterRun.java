package io.github.wfpsim.fwpm;

import io.github.wfpsim.abi.ConditionField;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
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

    FilterRun without(Predicate<InstalledFilter> gone) {
        return of(Arrays.stream(inOrder).filter(gone.negate()).toList());
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

    /** Whether an index can tell by the field's value which filters cannot match. */
    static boolean isIndexed(ConditionField field) {
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
}
