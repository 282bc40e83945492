package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sub-layers and filters. Writers take the private lock and publish an immutable snapshot per layer; readers take
 * none, so a running classification keeps the set that it started with (WFP-31).
 */
final class FilterTable {

    /** The filters of one layer: sub-layers from the heaviest down, in each the filters from the heaviest down. */
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

    private final Object lock = new Object();
    private final Map<UUID, SubLayer> subLayers = new LinkedHashMap<>();
    private final Map<Long, InstalledFilter> filters = new LinkedHashMap<>();
    private final Map<UUID, CalloutSlot> callouts = new LinkedHashMap<>();
    private volatile Map<Layer, LayerFilters> snapshot = new EnumMap<>(Layer.class);

    FilterTable() {
        subLayers.put(SubLayer.UNIVERSAL.key(), SubLayer.UNIVERSAL);
    }

    LayerFilters at(Layer layer) {
        return snapshot.getOrDefault(layer, LayerFilters.NONE);
    }

    boolean addSubLayer(SubLayer subLayer) {
        synchronized (lock) {
            return subLayers.putIfAbsent(subLayer.key(), subLayer) == null;
        }
    }

    boolean hasSubLayer(UUID key) {
        synchronized (lock) {
            return subLayers.containsKey(key);
        }
    }

    void add(long id, Filter definition) {
        synchronized (lock) {
            UUID calloutKey = definition.calloutKey();
            CalloutSlot slot = calloutKey == null ? null : slotFor(calloutKey);
            filters.put(id, new InstalledFilter(id, definition, slot));
            publish(definition.layer());
        }
    }

    /** Removes a filter; the layer that it sat at, or null if there is none. */
    @Nullable
    Layer remove(long id) {
        synchronized (lock) {
            InstalledFilter gone = filters.remove(id);
            if (gone == null) {
                return null;
            }
            publish(gone.definition().layer());
            return gone.definition().layer();
        }
    }

    CalloutSlot slotFor(UUID calloutKey) {
        synchronized (lock) {
            return callouts.computeIfAbsent(calloutKey, CalloutSlot::new);
        }
    }

    @Nullable
    CalloutSlot slotOf(UUID calloutKey) {
        synchronized (lock) {
            return callouts.get(calloutKey);
        }
    }

    @Nullable
    CalloutSlot slotOf(int calloutId) {
        synchronized (lock) {
            for (CalloutSlot slot : callouts.values()) {
                CalloutSlot.Registration registration = slot.registration();
                if (registration != null && registration.id() == calloutId) {
                    return slot;
                }
            }
            return null;
        }
    }

    private void publish(Layer layer) {
        Map<UUID, List<InstalledFilter>> bySubLayer = new LinkedHashMap<>();
        subLayers.values().stream()
                .sorted(Comparator.comparingInt(SubLayer::weight).reversed())
                .forEach(subLayer -> bySubLayer.put(subLayer.key(), new ArrayList<>()));
        for (InstalledFilter filter : filters.values()) {
            if (filter.definition().layer() == layer) {
                bySubLayer
                        .getOrDefault(filter.definition().subLayer(), new ArrayList<>())
                        .add(filter);
            }
        }
        List<List<InstalledFilter>> ordered = new ArrayList<>();
        for (List<InstalledFilter> group : bySubLayer.values()) {
            if (!group.isEmpty()) {
                // A stable sort: equal weights keep the older filter first (WFP-23).
                group.sort((one, other) -> Long.compareUnsigned(other.weight(), one.weight()));
                ordered.add(List.copyOf(group));
            }
        }
        Map<Layer, LayerFilters> next = new EnumMap<>(snapshot);
        next.put(layer, new LayerFilters(List.copyOf(ordered)));
        snapshot = next;
    }
}
