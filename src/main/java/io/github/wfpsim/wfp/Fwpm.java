package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import java.util.EnumSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Management of sub-layers and filters, what a service calls on Windows through fwpuclnt.
 *
 * <p>Every change is visible to classifications that start later; a running one keeps the set that it started with. A
 * change at AUTH_CONNECT or AUTH_RECV_ACCEPT has the live flows of that layer authorized again, on the thread that makes
 * the change, before the call returns; what is blocked then is cut. Safe for use by many threads.
 *
 * <p>Source: Windows Filtering Platform API (Win32). Requirements: WFP-07, WFP-09, WFP-21 to WFP-24, WFP-30, WFP-31, WFP-73,
 * WFP-74.
 */
public final class Fwpm {

    private final FilterEngine engine;

    /**
     * Creates the management door of an engine. Called by the root.
     *
     * @param engine whose filters are managed
     */
    public Fwpm(FilterEngine engine) {
        this.engine = Objects.requireNonNull(engine, "engine must not be null");
    }

    /**
     * Adds a sub-layer, FwpmSubLayerAdd0. <b>Simulated.</b>
     *
     * @param subLayer the sub-layer
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken
     */
    public Win32Error fwpmSubLayerAdd0(SubLayer subLayer) {
        Objects.requireNonNull(subLayer, "subLayer must not be null: give the sub-layer to add");
        return engine.filters().addSubLayer(subLayer) ? Win32Error.NO_ERROR : Win32Error.FWP_E_ALREADY_EXISTS;
    }

    /**
     * Adds a filter, FwpmFilterAdd0. <b>Simulated.</b>
     *
     * @param filter the filter
     * @param id receives the run-time id; may be null
     * @return NO_ERROR; FWP_E_SUBLAYER_NOT_FOUND; FWP_E_CONDITION_NOT_FOUND if the layer has no such field;
     *     FWP_E_MATCH_TYPE_MISMATCH and FWP_E_TYPE_MISMATCH if comparison or value do not suit it; FWP_E_INVALID_WEIGHT
     *     for a range above 15. On failure {@code id} is left alone.
     */
    public Win32Error fwpmFilterAdd0(Filter filter, @Nullable Out<Long> id) {
        Objects.requireNonNull(filter, "filter must not be null: give the filter to add");
        if (!engine.filters().hasSubLayer(filter.subLayer())) {
            return Win32Error.FWP_E_SUBLAYER_NOT_FOUND;
        }
        for (FilterCondition condition : filter.conditions()) {
            Win32Error fitness = condition.fitness(filter.layer());
            if (fitness != Win32Error.NO_ERROR) {
                return fitness;
            }
        }
        if (!filter.weight().isValid()) {
            return Win32Error.FWP_E_INVALID_WEIGHT;
        }
        long runtimeId = engine.handles().next();
        engine.filters().add(runtimeId, filter);
        if (id != null) {
            id.set(runtimeId);
        }
        engine.policyChanged(EnumSet.of(filter.layer()));
        return Win32Error.NO_ERROR;
    }

    /**
     * Deletes a filter, FwpmFilterDeleteById0. <b>Simulated.</b>
     *
     * @param id its run-time id
     * @return NO_ERROR; FWP_E_FILTER_NOT_FOUND
     */
    public Win32Error fwpmFilterDeleteById0(long id) {
        Layer changed = engine.filters().remove(id);
        if (changed == null) {
            return Win32Error.FWP_E_FILTER_NOT_FOUND;
        }
        engine.policyChanged(EnumSet.of(changed));
        return Win32Error.NO_ERROR;
    }

    /**
     * Adds a filter, or says why that is not possible.
     *
     * @param filter the filter
     * @return its run-time id
     * @throws IllegalArgumentException if {@link #fwpmFilterAdd0} refuses it
     */
    public long addFilter(Filter filter) {
        Out<Long> id = Out.empty();
        Win32Error error = fwpmFilterAdd0(filter, id);
        Long added = id.get();
        if (error != Win32Error.NO_ERROR || added == null) {
            throw new IllegalArgumentException("FwpmFilterAdd0 refused filter \"" + filter.name() + "\": " + error);
        }
        return added;
    }
}
