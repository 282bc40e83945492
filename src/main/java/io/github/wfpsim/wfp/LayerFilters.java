package io.github.wfpsim.wfp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filters of one layer: sub-layers from the heaviest down, in each the filters from the heaviest down. Immutable.
 *
 * @param subLayers the groups; none is empty
 */
record LayerFilters(List<List<InstalledFilter>> subLayers) {

    static final LayerFilters NONE = new LayerFilters(List.of());

    boolean isEmpty() {
        return subLayers.isEmpty();
    }

    /** The filter with a run-time id, or null. */
    @Nullable
    InstalledFilter find(long filterId) {
        for (List<InstalledFilter> subLayer : subLayers) {
            for (InstalledFilter filter : subLayer) {
                if (filter.id() == filterId) {
                    return filter;
                }
            }
        }
        return null;
    }

    /** The index of a filter's sub-layer. */
    int subLayerOf(InstalledFilter filter) {
        for (int i = 0; i < subLayers.size(); i++) {
            if (subLayers.get(i).contains(filter)) {
                return i;
            }
        }
        throw new IllegalArgumentException(filter + " is not at this layer");
    }
}
