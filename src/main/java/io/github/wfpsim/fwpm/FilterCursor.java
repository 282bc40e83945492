package io.github.wfpsim.fwpm;

import org.jspecify.annotations.Nullable;

/**
 * Goes through the filters of a sub-layer that match, from the heaviest down, by merging the lists of those that may match.
 * Used by one thread at a time. What it allocates does not depend on the number of filters.
 */
public final class FilterCursor {

    private final SubLayerFilters filters;
    private final ConditionValues values;
    private final InstalledFilter[][] lists;
    private final int[] places;
    private final int count;
    private @Nullable InstalledFilter last;

    FilterCursor(SubLayerFilters filters, ConditionValues values) {
        this.filters = filters;
        this.values = values;
        this.lists = new InstalledFilter
                [filters.settled().candidateLists() + filters.added().candidateLists()][];
        int ofSettled = filters.settled().candidates(values, lists, 0);
        this.count = filters.added().candidates(values, lists, ofSettled);
        this.places = new int[count];
    }

    /**
     * Goes to the place of a filter, so that it is the next one if it matches.
     *
     * @param filter where to go
     * @return this
     */
    public FilterCursor startingAt(InstalledFilter filter) {
        for (int i = 0; i < count; i++) {
            while (places[i] < lists[i].length
                    && FilterRun.HEAVIEST_THEN_OLDEST.compare(lists[i][places[i]], filter) < 0) {
                places[i]++;
            }
        }
        return this;
    }

    /**
     * Goes on to the next filter that matches.
     *
     * @return the filter; null if there is none left
     */
    public @Nullable InstalledFilter next() {
        InstalledFilter filter = nextCandidate();
        while (filter != null && (filters.isRemoved(filter) || !filter.matches(values))) {
            filter = nextCandidate();
        }
        return filter;
    }

    /** The heaviest candidate that was not looked at; one that is in two lists comes once. */
    private @Nullable InstalledFilter nextCandidate() {
        for (int list = heaviest(); list >= 0; list = heaviest()) {
            InstalledFilter next = lists[list][places[list]++];
            if (next != last) {
                last = next;
                return next;
            }
        }
        return null;
    }

    private int heaviest() {
        int best = -1;
        for (int i = 0; i < count; i++) {
            if (places[i] < lists[i].length
                    && (best < 0
                            || FilterRun.HEAVIEST_THEN_OLDEST.compare(lists[i][places[i]], lists[best][places[best]])
                                    < 0)) {
                best = i;
            }
        }
        return best;
    }
}
