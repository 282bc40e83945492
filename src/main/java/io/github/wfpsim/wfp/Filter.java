package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a filter is made of, FWPM_FILTER0. Immutable; build one with {@link #at(Layer)}. The engine fills the last two
 * members in when it is asked for a filter.
 *
 * <p>Source: FWPM_FILTER0. Requirements: WFP-21, WFP-23, WFP-30, WFP-91, WFP-92.
 *
 * @param name for reports
 * @param layer where the filter sits
 * @param subLayer GUID of its sub-layer
 * @param weight its place among the filters of the sub-layer
 * @param conditions all have to hold; several on one field are alternatives; none matches everything
 * @param action what to do on a match
 * @param calloutKey the callout to ask, for callout actions only
 * @param flags FWPM_FILTER_FLAG_* flags
 * @param filterKey GUID; null has one assigned when the filter is added
 * @param providerKey GUID of the vendor that it belongs to; null for none
 * @param rawContext 64 bits for the callout; 0 if there is a provider context, with which it shares a place
 * @param providerContextKey GUID of the provider context for the callout; null for none
 * @param filterId run-time id of a filter that was added; 0 before, and ignored when one is added
 * @param effectiveWeight the weight that such a filter got, unsigned; 0 before, and ignored when one is added
 */
public record Filter(
        String name,
        Layer layer,
        UUID subLayer,
        FilterWeight weight,
        List<FilterCondition> conditions,
        ActionType action,
        @Nullable UUID calloutKey,
        Set<FilterFlag> flags,
        @Nullable UUID filterKey,
        @Nullable UUID providerKey,
        long rawContext,
        @Nullable UUID providerContextKey,
        long filterId,
        long effectiveWeight) {

    /**
     * Checks the values.
     *
     * @param name for reports
     * @param layer where the filter sits
     * @param subLayer GUID of its sub-layer
     * @param weight its place among the filters of the sub-layer
     * @param conditions all have to hold
     * @param action what to do on a match
     * @param calloutKey the callout to ask, for callout actions only
     * @param flags FWPM_FILTER_FLAG_* flags
     * @param filterKey GUID, or null
     * @param providerKey GUID of the vendor, or null
     * @param rawContext 64 bits for the callout
     * @param providerContextKey GUID of the provider context, or null
     * @param filterId run-time id, or 0
     * @param effectiveWeight the weight in effect, or 0
     * @throws IllegalArgumentException if a callout action has no callout, or another action has one; if flag
     *     FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT and the key of a provider context are not both here or both absent; if
     *     there are both a raw and a provider context
     */
    public Filter {
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
        Objects.requireNonNull(layer, "layer must not be null: give a FWPS_LAYER_*");
        Objects.requireNonNull(subLayer, "subLayer must not be null: use SubLayer.UNIVERSAL.key()");
        Objects.requireNonNull(weight, "weight must not be null: use FilterWeight.automatic()");
        Objects.requireNonNull(action, "action must not be null: call permit(), block() or callout()");
        Objects.requireNonNull(conditions, "conditions must not be null: give an empty list");
        conditions.forEach(one -> Objects.requireNonNull(one, "condition must not be null: leave it out instead"));
        conditions = List.copyOf(conditions);
        Objects.requireNonNull(flags, "flags must not be null: give an empty set");
        flags.forEach(one -> Objects.requireNonNull(one, "flag must not be null: leave it out instead"));
        flags = Set.copyOf(flags);
        if (action.isCallout() != (calloutKey != null)) {
            throw new IllegalArgumentException(
                    "filter " + name + ": " + action + (action.isCallout() ? " needs a callout" : " takes no callout"));
        }
        requireOneContext(name, flags, rawContext, providerContextKey);
    }

    private static void requireOneContext(
            String name, Set<FilterFlag> flags, long rawContext, @Nullable UUID providerContextKey) {
        boolean flagged = flags.contains(FilterFlag.FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT);
        if (flagged != (providerContextKey != null)) {
            throw new IllegalArgumentException(
                    "filter " + name
                            + ": FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT and providerContextKey go together: call providerContext()");
        }
        if (flagged && rawContext != 0) {
            throw new IllegalArgumentException(
                    "filter " + name + ": rawContext and providerContextKey share one place: leave one of them out");
        }
    }

    /**
     * Starts a filter on a layer, in the universal sub-layer, with automatic weight and no conditions.
     *
     * @param layer where the filter sits
     * @return a builder
     */
    public static Builder at(Layer layer) {
        return new Builder(layer);
    }

    /** Collects the parts of a filter. Not safe for use by many threads. */
    public static final class Builder {

        private final Layer layer;
        private String name = "filter";
        private UUID subLayer = SubLayer.UNIVERSAL.key();
        private FilterWeight weight = FilterWeight.automatic();
        private final List<FilterCondition> conditions = new ArrayList<>();
        private final Set<FilterFlag> flags = EnumSet.noneOf(FilterFlag.class);
        private @Nullable UUID filterKey;
        private @Nullable UUID providerKey;
        private long rawContext;
        private @Nullable UUID providerContextKey;

        private Builder(Layer layer) {
            this.layer = Objects.requireNonNull(layer, "layer must not be null: give a FWPS_LAYER_*");
        }

        /**
         * Names the filter.
         *
         * @param value for reports
         * @return this
         */
        public Builder name(String value) {
            this.name = Objects.requireNonNull(value, "name must not be null: give a name for reports");
            return this;
        }

        /**
         * Puts the filter into a sub-layer.
         *
         * @param value a sub-layer that has been added
         * @return this
         */
        public Builder subLayer(SubLayer value) {
            Objects.requireNonNull(value, "subLayer must not be null: use SubLayer.UNIVERSAL");
            this.subLayer = value.key();
            return this;
        }

        /**
         * Weighs the filter.
         *
         * @param value the weight
         * @return this
         */
        public Builder weight(FilterWeight value) {
            this.weight = Objects.requireNonNull(value, "weight must not be null: use FilterWeight.automatic()");
            return this;
        }

        /**
         * Adds a condition.
         *
         * @param condition what has to hold
         * @return this
         */
        public Builder when(FilterCondition condition) {
            conditions.add(Objects.requireNonNull(condition, "condition must not be null: leave it out instead"));
            return this;
        }

        /**
         * Sets a flag.
         *
         * @param flag FWPM_FILTER_FLAG_*
         * @return this
         */
        public Builder flag(FilterFlag flag) {
            flags.add(Objects.requireNonNull(flag, "flag must not be null: leave it out instead"));
            return this;
        }

        /**
         * Gives the filter a GUID.
         *
         * @param value what FwpmFilterDeleteByKey0 takes
         * @return this
         */
        public Builder key(UUID value) {
            this.filterKey = Objects.requireNonNull(value, "value must not be null: leave the call out instead");
            return this;
        }

        /**
         * Says whose the filter is.
         *
         * @param value a provider that has been added
         * @return this
         */
        public Builder provider(Provider value) {
            Objects.requireNonNull(value, "value must not be null: leave the call out instead");
            this.providerKey = value.key();
            return this;
        }

        /**
         * Gives the filter 64 bits that its callout finds in {@link FwpsFilter#context()}.
         *
         * @param value any bits, such as an index into what the driver keeps
         * @return this
         */
        public Builder rawContext(long value) {
            this.rawContext = value;
            return this;
        }

        /**
         * Gives the filter a provider context, and flag FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT with it. A callout that was
         * added with FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT finds it in {@link FwpsFilter#providerContext()}.
         *
         * @param key GUID of a provider context that has been added
         * @return this
         */
        public Builder providerContext(UUID key) {
            this.providerContextKey = Objects.requireNonNull(key, "key must not be null: leave the call out instead");
            return flag(FilterFlag.FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT);
        }

        /**
         * Finishes a filter that permits.
         *
         * @return the filter
         */
        public Filter permit() {
            return build(ActionType.FWP_ACTION_PERMIT, null);
        }

        /**
         * Finishes a filter that blocks.
         *
         * @return the filter
         */
        public Filter block() {
            return build(ActionType.FWP_ACTION_BLOCK, null);
        }

        /**
         * Finishes a filter that asks a terminating callout.
         *
         * @param calloutKey GUID of the callout, registered or not
         * @return the filter
         */
        public Filter callout(UUID calloutKey) {
            return build(ActionType.FWP_ACTION_CALLOUT_TERMINATING, calloutKey);
        }

        /**
         * Finishes a filter with any action.
         *
         * @param action what to do on a match
         * @param calloutKey GUID of the callout for callout actions, else null
         * @return the filter
         */
        public Filter build(ActionType action, @Nullable UUID calloutKey) {
            return new Filter(
                    name,
                    layer,
                    subLayer,
                    weight,
                    conditions,
                    action,
                    calloutKey,
                    flags,
                    filterKey,
                    providerKey,
                    rawContext,
                    providerContextKey,
                    0,
                    0);
        }
    }
}
