package io.github.wfpsim.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the filters of a sub-layer that match, from the heaviest down, by merging the lists of those that may match.
 * Used by one thread at a time. What it allocates does not depend on the number of filters.
 */
final class FilterCursor {

    private static final InstalledFilter[] NOBODY = {};
    private static final InstalledFilter[][] NO_LISTS = {};
    private static final int[] NO_PLACES = {};
    private static final int FEW = 4;

    /** So that looking for a tie, which only advises, costs next to nothing. */
    private static final int MOST_LOOKED_AT = 16;

    private final SubLayerFilters filters;
    private final ConditionValues values;
    private int count;

    /** The list, as long as there is one only, and the place in it. */
    private InstalledFilter[] only = NOBODY;

    private int place;

    /** The lists, if there are several, and the places in them. */
    private InstalledFilter[][] lists = NO_LISTS;

    private int[] places = NO_PLACES;
    private @Nullable InstalledFilter last;

    FilterCursor(SubLayerFilters filters, ConditionValues values) {
        this.filters = filters;
        this.values = values;
    }

    /** Takes a list of candidates, from the heaviest down. Called before the first step. */
    void add(InstalledFilter @Nullable [] found) {
        if (found == null || found.length == 0) {
            return;
        }
        if (count == 0) {
            only = found;
        } else {
            merge(found);
        }
        count++;
    }

    private void merge(InstalledFilter[] found) {
        if (count == 1) {
            lists = new InstalledFilter[FEW][];
            places = new int[FEW];
            lists[0] = only;
        } else if (count == lists.length) {
            lists = Arrays.copyOf(lists, 2 * count);
            places = new int[2 * count];
        }
        lists[count] = found;
    }

    /** Goes to the place of a filter, so that it is the next one if it matches. */
    FilterCursor startingAt(InstalledFilter filter) {
        if (count <= 1) {
            place = FilterRun.firstNotBefore(filter, only, place);
        }
        for (int i = 0; count > 1 && i < count; i++) {
            places[i] = FilterRun.firstNotBefore(filter, lists[i], places[i]);
        }
        return this;
    }

    /** Goes on to the next filter that matches; null if there is none left. */
    @Nullable
    InstalledFilter next() {
        InstalledFilter filter = nextCandidate();
        while (filter != null && (filters.isRemoved(filter) || !filter.matches(values))) {
            filter = nextCandidate();
        }
        return filter;
    }

    /**
     * Goes on to the next filter that matches and has a weight; null if there is none among the next few candidates. The
     * cursor is not used any more.
     */
    @Nullable
    InstalledFilter nextOfWeight(long weight) {
        for (int looked = 0; looked < MOST_LOOKED_AT; looked++) {
            InstalledFilter filter = nextCandidate();
            if (filter == null || filter.weight() != weight) {
                return null;
            }
            if (!filters.isRemoved(filter) && filter.matches(values)) {
                return filter;
            }
        }
        return null;
    }

    /** The heaviest candidate that was not looked at; one that is in two lists comes once. */
    private @Nullable InstalledFilter nextCandidate() {
        if (count <= 1) {
            return place < only.length ? only[place++] : null;
        }
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
                            || FilterRun.HEAVIEST_FIRST.compare(lists[i][places[i]], lists[best][places[best]]) < 0)) {
                best = i;
            }
        }
        return best;
    }
}
