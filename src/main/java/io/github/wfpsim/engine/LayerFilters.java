package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.SubLayer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The filters of one layer: sub-layers from the heaviest down, in each the filters from the heaviest down. Immutable.
 *
 * @param subLayers the groups; none is empty
 */
record LayerFilters(List<SubLayerFilters> subLayers) {

    static final LayerFilters NONE = new LayerFilters(List.of());

    /** Whether nobody has to be asked. */
    boolean isEmpty() {
        return subLayers.isEmpty();
    }

    /** The same filters but some. */
    LayerFilters without(Set<InstalledFilter> gone) {
        return new LayerFilters(subLayers.stream()
                .map(filters -> filters.with(List.of(), gone))
                .filter(filters -> !filters.isEmpty())
                .toList());
    }

    /** The same filters with some more and without some others, in sub-layers of an order that may have changed. */
    LayerFilters with(List<InstalledFilter> added, Set<InstalledFilter> gone, Comparator<SubLayer> order) {
        Map<SubLayer, List<InstalledFilter>> more = new LinkedHashMap<>();
        added.forEach(filter -> more.computeIfAbsent(filter.subLayer(), key -> new ArrayList<>())
                .add(filter));
        List<SubLayerFilters> next = new ArrayList<>();
        for (SubLayerFilters filters : subLayers) {
            List<InstalledFilter> here = more.remove(filters.subLayer());
            next.add(filters.with(here == null ? List.of() : here, gone));
        }
        more.forEach((subLayer, here) -> next.add(SubLayerFilters.of(subLayer).with(here, gone)));
        next.removeIf(SubLayerFilters::isEmpty);
        next.sort(Comparator.comparing(SubLayerFilters::subLayer, order));
        return new LayerFilters(List.copyOf(next));
    }

    /** Looks a filter up by its run-time id; null if it is not here. */
    @Nullable
    InstalledFilter find(long filterId) {
        for (SubLayerFilters filters : subLayers) {
            InstalledFilter found = filters.find(filterId);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** The index of the sub-layer that a filter of this layer stands in. */
    int subLayerOf(InstalledFilter filter) {
        for (int i = 0; i < subLayers.size(); i++) {
            if (subLayers.get(i).contains(filter)) {
                return i;
            }
        }
        throw new IllegalArgumentException(filter + " is not at this layer");
    }
}
