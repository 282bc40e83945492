package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.SubLayer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The filters of one sub-layer at one layer. Immutable: a change makes another one, which shares with this one all but the
 * latest changes.
 */
final class SubLayerFilters {

    /** Changes are gathered until they are so many that it pays to sort everything anew. */
    private static final int FEWEST_CHANGES = 32;

    private final SubLayer subLayer;
    private final FilterRun settled;
    private final FilterRun added;
    private final Set<InstalledFilter> removed;

    private SubLayerFilters(SubLayer subLayer, FilterRun settled, FilterRun added, Set<InstalledFilter> removed) {
        this.subLayer = subLayer;
        this.settled = settled;
        this.added = added;
        this.removed = removed;
    }

    static SubLayerFilters of(SubLayer subLayer) {
        return new SubLayerFilters(subLayer, FilterRun.NONE, FilterRun.NONE, Set.of());
    }

    SubLayer subLayer() {
        return subLayer;
    }

    boolean isEmpty() {
        return settled.size() + added.size() == removed.size();
    }

    /** The same with some more and without some others. */
    SubLayerFilters with(List<InstalledFilter> more, Set<InstalledFilter> fewer) {
        if (more.isEmpty() && fewer.stream().noneMatch(this::contains)) {
            return this;
        }
        List<InstalledFilter> nowAdded = new ArrayList<>(added.filters());
        nowAdded.addAll(more);
        nowAdded.removeIf(fewer::contains);
        Set<InstalledFilter> nowRemoved = new HashSet<>(removed);
        for (InstalledFilter gone : fewer) {
            if (settled.contains(gone)) {
                nowRemoved.add(gone);
            }
        }
        int changes = nowAdded.size() + nowRemoved.size();
        if (changes <= Math.max(FEWEST_CHANGES, Math.sqrt(settled.size()))) {
            return new SubLayerFilters(subLayer, settled, FilterRun.of(nowAdded), Set.copyOf(nowRemoved));
        }
        nowAdded.addAll(settled.filters());
        nowAdded.removeAll(nowRemoved);
        return new SubLayerFilters(subLayer, FilterRun.of(nowAdded), FilterRun.NONE, Set.of());
    }

    @Nullable
    InstalledFilter find(long filterId) {
        InstalledFilter found = settled.find(filterId);
        return found != null && !isRemoved(found) ? found : added.find(filterId);
    }

    boolean isRemoved(InstalledFilter filter) {
        return !removed.isEmpty() && removed.contains(filter);
    }

    boolean contains(InstalledFilter filter) {
        return added.contains(filter) || (settled.contains(filter) && !isRemoved(filter));
    }

    /** Goes through the filters that match, from before the heaviest. Values that change meanwhile are read at each step. */
    FilterCursor matching(ConditionValues values) {
        FilterCursor cursor = new FilterCursor(this, values);
        settled.candidates(values, cursor);
        added.candidates(values, cursor);
        return cursor;
    }
}
