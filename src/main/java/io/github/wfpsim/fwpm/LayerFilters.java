package io.github.wfpsim.fwpm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filters of one layer: sub-layers from the heaviest down, in each the filters from the heaviest down. Immutable.
 *
 * @param subLayers the groups; none is empty
 */
public record LayerFilters(List<List<InstalledFilter>> subLayers) {

    static final LayerFilters NONE = new LayerFilters(List.of());

    /**
     * Tells whether nobody has to be asked.
     *
     * @return true if the layer has no filters
     */
    public boolean isEmpty() {
        return subLayers.isEmpty();
    }

    /** The same filters but some. */
    LayerFilters without(List<InstalledFilter> gone) {
        List<List<InstalledFilter>> left = new ArrayList<>();
        for (List<InstalledFilter> subLayer : subLayers) {
            List<InstalledFilter> kept =
                    subLayer.stream().filter(filter -> !gone.contains(filter)).toList();
            if (!kept.isEmpty()) {
                left.add(kept);
            }
        }
        return new LayerFilters(List.copyOf(left));
    }

    /**
     * Looks a filter up.
     *
     * @param filterId its run-time id
     * @return the filter, or null
     */
    public @Nullable InstalledFilter find(long filterId) {
        for (List<InstalledFilter> subLayer : subLayers) {
            for (InstalledFilter filter : subLayer) {
                if (filter.id() == filterId) {
                    return filter;
                }
            }
        }
        return null;
    }

    /**
     * Tells where a filter stands.
     *
     * @param filter a filter of this layer
     * @return the index of its sub-layer
     * @throws IllegalArgumentException if it is not one of this layer
     */
    public int subLayerOf(InstalledFilter filter) {
        for (int i = 0; i < subLayers.size(); i++) {
            if (subLayers.get(i).contains(filter)) {
                return i;
            }
        }
        throw new IllegalArgumentException(filter + " is not at this layer");
    }
}
