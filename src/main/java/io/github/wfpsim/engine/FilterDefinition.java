package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.machine.NtPaths;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the engine makes of a filter's definition before it puts the filter in force, and gives back when asked for it. */
final class FilterDefinition {

    private FilterDefinition() {}

    /**
     * Puts application ids in the places of file names.
     *
     * @param given what management code wrote
     * @param paths the machine's volumes
     * @return the filter
     */
    static Filter withAppIds(Filter given, NtPaths paths) {
        return given.conditions().stream().anyMatch(FilterDefinition::isByName)
                ? with(
                        given,
                        withAppIds(given.conditions(), paths),
                        given.filterKey(),
                        given.filterId(),
                        given.effectiveWeight())
                : given;
    }

    /** The same conditions with application ids in the places of file names. */
    static List<FilterCondition> withAppIds(List<FilterCondition> given, NtPaths paths) {
        return given.stream()
                .map(condition -> isByName(condition) ? withAppId(condition, paths) : condition)
                .toList();
    }

    private static boolean isByName(FilterCondition condition) {
        return condition.value() instanceof FilterCondition.FileName
                && ConditionType.of(condition.field()) == ConditionType.APPLICATION;
    }

    private static FilterCondition withAppId(FilterCondition condition, NtPaths paths) {
        String name = ((FilterCondition.FileName) condition.value()).path();
        return new FilterCondition(condition.field(), condition.matchType(), FwpByteBlob.ofText(paths.appId(name)));
    }

    /** A filter that was added, with its GUID, run-time id and weight in effect (WFP-130). */
    static Filter asAdded(InstalledFilter filter) {
        Filter definition = filter.definition();
        return with(definition, definition.conditions(), filter.key(), filter.id(), filter.weight());
    }

    /** Whether it is an action of filters: the others are answers of callouts. */
    static boolean decidesOrAsks(ActionType action) {
        return action.isCallout() || action == ActionType.FWP_ACTION_PERMIT || action == ActionType.FWP_ACTION_BLOCK;
    }

    private static Filter with(
            Filter given, List<FilterCondition> conditions, @Nullable UUID key, long id, long effectiveWeight) {
        return new Filter(
                given.name(),
                given.layer(),
                given.subLayer(),
                given.weight(),
                conditions,
                given.action(),
                given.calloutKey(),
                given.flags(),
                key,
                given.providerKey(),
                given.rawContext(),
                given.providerContextKey(),
                id,
                effectiveWeight);
    }
}
