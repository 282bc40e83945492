package io.github.wfpsim.engine;

import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.machine.NtPaths;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import java.util.List;

/** What the engine makes of a filter's definition before it puts the filter in force. */
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
                        given.conditions().stream()
                                .map(condition -> isByName(condition) ? withAppId(condition, paths) : condition)
                                .toList())
                : given;
    }

    private static boolean isByName(FilterCondition condition) {
        return condition.value() instanceof FilterCondition.FileName
                && ConditionType.of(condition.field()) == ConditionType.APPLICATION;
    }

    private static FilterCondition withAppId(FilterCondition condition, NtPaths paths) {
        String name = ((FilterCondition.FileName) condition.value()).path();
        return new FilterCondition(condition.field(), condition.matchType(), FwpByteBlob.ofText(paths.appId(name)));
    }

    private static Filter with(Filter given, List<FilterCondition> conditions) {
        return new Filter(
                given.name(),
                given.layer(),
                given.subLayer(),
                given.weight(),
                conditions,
                given.action(),
                given.calloutKey(),
                given.flags(),
                given.filterKey(),
                given.providerKey(),
                given.rawContext(),
                given.providerContextKey(),
                given.filterId(),
                given.effectiveWeight());
    }
}
