package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.FwpsFilter;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A filter that was added, as callouts see it. Immutable but for the context, which notifyFn may set while it hears of the
 * addition (WFP-91).
 */
final class ShownFilter implements FwpsFilter {

    private final long id;
    private final Filter definition;
    private final long weight;
    private final int subLayerWeight;
    private final @Nullable FwpmProviderContext providerContext;
    private final IntSupplier calloutId;

    private volatile long context;
    private volatile boolean contextWritable;

    /**
     * Shows a filter.
     *
     * @param id its run-time id
     * @param definition what it was made of, conditions as they are in force
     * @param weight its weight in effect
     * @param subLayerWeight that of its sub-layer
     * @param surroundings what it meets on its machine
     */
    ShownFilter(long id, Filter definition, long weight, int subLayerWeight, Surroundings surroundings) {
        this.id = id;
        this.definition = definition;
        this.weight = weight;
        this.subLayerWeight = subLayerWeight;
        this.calloutId = surroundings.calloutId();
        FwpmProviderContext named = surroundings.providerContext();
        this.providerContext = surroundings.usesProviderContext() ? named : null;
        this.context = named == null ? definition.rawContext() : named.providerContextId();
    }

    /**
     * What a filter meets on its machine.
     *
     * @param calloutId tells the run-time id of its callout, 0 for none
     * @param providerContext its provider context; null for none
     * @param usesProviderContext whether its callout was added with FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT
     * @param youngerFirst whether the younger of two filters of equal weight is asked first (WFP-23)
     */
    record Surroundings(
            IntSupplier calloutId,
            @Nullable FwpmProviderContext providerContext,
            boolean usesProviderContext,
            boolean youngerFirst) {

        /** It names nothing. */
        static final Surroundings NONE = new Surroundings(() -> 0, null, false, true);
    }

    /** Lets notifyFn set the context, or no longer. */
    void setContextWritable(boolean writable) {
        this.contextWritable = writable;
    }

    @Override
    public long filterId() {
        return id;
    }

    @Override
    public String name() {
        return definition.name();
    }

    @Override
    public ActionType action() {
        return definition.action();
    }

    @Override
    public int calloutId() {
        return calloutId.getAsInt();
    }

    @Override
    public long weight() {
        return weight;
    }

    @Override
    public int subLayerWeight() {
        return subLayerWeight;
    }

    @Override
    public int flags() {
        Set<FilterFlag> given = definition.flags();
        int hard = given.contains(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)
                ? FWPS_FILTER_FLAG_CLEAR_ACTION_RIGHT
                : 0;
        int lenient = given.contains(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)
                ? FWPS_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED
                : 0;
        return hard | lenient;
    }

    @Override
    public List<FilterCondition> filterConditions() {
        return definition.conditions();
    }

    @Override
    public long context() {
        return context;
    }

    @Override
    public void setContext(long value) {
        if (!contextWritable) {
            FwpsFilter.super.setContext(value);
        }
        this.context = value;
    }

    @Override
    public @Nullable FwpmProviderContext providerContext() {
        return providerContext;
    }

    @Override
    public String toString() {
        return "FwpsFilter[" + id + " \"" + name() + "\", " + action() + "]";
    }
}
