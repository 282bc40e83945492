package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.FilterEnumType;
import io.github.wfpsim.abi.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which filters are enumerated, or heard of, FWPM_FILTER_ENUM_TEMPLATE0. Immutable; {@link #at(Layer)} makes one for all
 * filters of a layer, which the other methods narrow. The constructor takes what C has, also what Windows refuses.
 *
 * <p>Source: FWPM_FILTER_ENUM_TEMPLATE0. Requirements: WFP-133, WFP-135 to WFP-137.
 *
 * @param providerKey GUID of the vendor that they belong to; null for any
 * @param layerKey where they sit; a template for all layers is refused, and null stands for the zero that C has then
 * @param enumType how the conditions are read
 * @param flags FWP_FILTER_ENUM_FLAG_* flags
 * @param providerContextTemplate what their provider context has to be like, which they have to have then; null for any
 * @param filterCondition what traffic they are to match, on each field one condition; none for any
 * @param actionMask bits of which their action, {@link io.github.wfpsim.abi.ActionType#code()}, has one at least; 0xFFFFFFFF
 *     for any action
 * @param calloutKey GUID of the callout that they ask; null for any
 */
public record FwpmFilterEnumTemplate(
        @Nullable UUID providerKey,
        @Nullable Layer layerKey,
        FilterEnumType enumType,
        int flags,
        @Nullable FwpmProviderContextEnumTemplate providerContextTemplate,
        List<FilterCondition> filterCondition,
        int actionMask,
        @Nullable UUID calloutKey) {

    /** Flag: of all filters only the heaviest that permits, blocks or asks a terminating callout. */
    public static final int FWP_FILTER_ENUM_FLAG_BEST_TERMINATING_MATCH = 0x00000001;

    /** Flag: from the heaviest filter down. */
    public static final int FWP_FILTER_ENUM_FLAG_SORTED = 0x00000002;

    /** Flag: only filters with FWPM_FILTER_FLAG_BOOTTIME. */
    public static final int FWP_FILTER_ENUM_FLAG_BOOTTIME_ONLY = 0x00000004;

    /** Flag: also filters with FWPM_FILTER_FLAG_BOOTTIME. */
    public static final int FWP_FILTER_ENUM_FLAG_INCLUDE_BOOTTIME = 0x00000008;

    /** Flag: also filters with FWPM_FILTER_FLAG_DISABLED. */
    public static final int FWP_FILTER_ENUM_FLAG_INCLUDE_DISABLED = 0x00000010;

    private static final int ANY_ACTION = 0xFFFFFFFF;

    /**
     * Checks the values.
     *
     * @param providerKey GUID of the vendor; null for any
     * @param layerKey where they sit
     * @param enumType how the conditions are read
     * @param flags FWP_FILTER_ENUM_FLAG_* flags
     * @param providerContextTemplate what their provider context has to be like; null for any
     * @param filterCondition what traffic they are to match
     * @param actionMask bits of their action
     * @param calloutKey GUID of their callout; null for any
     */
    public FwpmFilterEnumTemplate {
        Objects.requireNonNull(
                enumType, "enumType must not be null: give FWP_FILTER_ENUM_FULLY_CONTAINED or _OVERLAPPING");
        Objects.requireNonNull(filterCondition, "filterCondition must not be null: give an empty list");
        filterCondition.forEach(one -> Objects.requireNonNull(one, "condition must not be null: leave it out instead"));
        filterCondition = List.copyOf(filterCondition);
    }

    /**
     * Describes all filters of a layer but those of boot time and the disabled ones.
     *
     * @param layer where they sit
     * @return the template
     */
    public static FwpmFilterEnumTemplate at(Layer layer) {
        Objects.requireNonNull(layer, "layer must not be null: give a FWPS_LAYER_*");
        return new FwpmFilterEnumTemplate(
                null, layer, FilterEnumType.FWP_FILTER_ENUM_FULLY_CONTAINED, 0, null, List.of(), ANY_ACTION, null);
    }

    /**
     * Narrows the template to one vendor.
     *
     * @param value whose filters
     * @return another template
     */
    public FwpmFilterEnumTemplate provider(Provider value) {
        Objects.requireNonNull(value, "value must not be null: leave the call out instead");
        return new FwpmFilterEnumTemplate(
                value.key(),
                layerKey,
                enumType,
                flags,
                providerContextTemplate,
                filterCondition,
                actionMask,
                calloutKey);
    }

    /**
     * Narrows the template to filters that ask a callout.
     *
     * @param key GUID of the callout
     * @return another template
     */
    public FwpmFilterEnumTemplate callout(UUID key) {
        Objects.requireNonNull(key, "key must not be null: leave the call out instead");
        return new FwpmFilterEnumTemplate(
                providerKey, layerKey, enumType, flags, providerContextTemplate, filterCondition, actionMask, key);
    }

    /**
     * Narrows the template to filters that match all traffic of a kind, unless {@link #overlapping()} makes that some of it.
     *
     * @param condition what the traffic has in common; on another field than those before
     * @return another template
     */
    public FwpmFilterEnumTemplate when(FilterCondition condition) {
        Objects.requireNonNull(condition, "condition must not be null: leave the call out instead");
        List<FilterCondition> more = new ArrayList<>(filterCondition);
        more.add(condition);
        return new FwpmFilterEnumTemplate(
                providerKey, layerKey, enumType, flags, providerContextTemplate, more, actionMask, calloutKey);
    }

    /**
     * Widens the template to filters that match some of the traffic that the conditions describe.
     *
     * @return another template
     */
    public FwpmFilterEnumTemplate overlapping() {
        return new FwpmFilterEnumTemplate(
                providerKey,
                layerKey,
                FilterEnumType.FWP_FILTER_ENUM_OVERLAPPING,
                flags,
                providerContextTemplate,
                filterCondition,
                actionMask,
                calloutKey);
    }

    /**
     * Puts other flags in the place of those that the template has.
     *
     * @param value FWP_FILTER_ENUM_FLAG_* flags
     * @return another template
     */
    public FwpmFilterEnumTemplate flags(int value) {
        return new FwpmFilterEnumTemplate(
                providerKey,
                layerKey,
                enumType,
                value,
                providerContextTemplate,
                filterCondition,
                actionMask,
                calloutKey);
    }

    /**
     * Narrows the template to some actions.
     *
     * @param value bits of which their action has one at least: take FWP_ACTION_FLAG_TERMINATING out of that of an action
     * @return another template
     */
    public FwpmFilterEnumTemplate actionMask(int value) {
        return new FwpmFilterEnumTemplate(
                providerKey, layerKey, enumType, flags, providerContextTemplate, filterCondition, value, calloutKey);
    }

    /**
     * Narrows the template to filters with a provider context.
     *
     * @param value what the context has to be like
     * @return another template
     */
    public FwpmFilterEnumTemplate providerContext(FwpmProviderContextEnumTemplate value) {
        Objects.requireNonNull(value, "value must not be null: leave the call out instead");
        return new FwpmFilterEnumTemplate(
                providerKey, layerKey, enumType, flags, value, filterCondition, actionMask, calloutKey);
    }
}
