package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.Provider;
import io.github.wfpsim.wfp.SubLayer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What the {@link PolicyStore} has now, to be looked at inside its lock only. Maps keep the order in which objects were added.
 *
 * @param providers by GUID
 * @param subLayers by GUID
 * @param callouts by GUID
 * @param providerContexts by GUID
 * @param filters by run-time id
 * @param filtersByKey by GUID
 */
record PolicyView(
        Map<UUID, Provider> providers,
        Map<UUID, SubLayer> subLayers,
        Map<UUID, FwpmCallout> callouts,
        Map<UUID, FwpmProviderContext> providerContexts,
        Map<Long, InstalledFilter> filters,
        Map<UUID, InstalledFilter> filtersByKey) {

    /** The order in which sub-layers are asked; an older one of equal weight comes first. */
    Comparator<SubLayer> heaviestThenOldest() {
        List<UUID> ages = List.copyOf(subLayers.keySet());
        return Comparator.comparingInt(SubLayer::weight)
                .reversed()
                .thenComparingInt(subLayer -> ages.indexOf(subLayer.key()));
    }

    /** The order in which filters of one layer are asked. */
    Comparator<InstalledFilter> asTheyAreAsked() {
        return Comparator.comparing(InstalledFilter::subLayer, heaviestThenOldest())
                .thenComparing((one, other) -> Long.compareUnsigned(other.weight(), one.weight()))
                .thenComparingLong(InstalledFilter::turn);
    }
}
