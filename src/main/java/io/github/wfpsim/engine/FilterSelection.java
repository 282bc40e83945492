package io.github.wfpsim.engine;

import static io.github.wfpsim.wfp.FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_BEST_TERMINATING_MATCH;
import static io.github.wfpsim.wfp.FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_BOOTTIME_ONLY;
import static io.github.wfpsim.wfp.FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_INCLUDE_BOOTTIME;
import static io.github.wfpsim.wfp.FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_INCLUDE_DISABLED;
import static io.github.wfpsim.wfp.FwpmFilterEnumTemplate.FWP_FILTER_ENUM_FLAG_SORTED;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FilterEnumType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.machine.NtPaths;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FwpmFilterEnumTemplate;
import io.github.wfpsim.wfp.FwpmProviderContext;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The filters that FWPM_FILTER_ENUM_TEMPLATE0 describes (WFP-133, WFP-135 to WFP-137). */
final class FilterSelection implements Selection<InstalledFilter> {

    private static final int VALID_FLAGS = FWP_FILTER_ENUM_FLAG_BEST_TERMINATING_MATCH
            | FWP_FILTER_ENUM_FLAG_SORTED
            | FWP_FILTER_ENUM_FLAG_BOOTTIME_ONLY
            | FWP_FILTER_ENUM_FLAG_INCLUDE_BOOTTIME
            | FWP_FILTER_ENUM_FLAG_INCLUDE_DISABLED;

    private final FwpmFilterEnumTemplate template;
    private final List<FilterCondition> conditions;

    private FilterSelection(FwpmFilterEnumTemplate template, NtPaths paths) {
        this.template = template;
        this.conditions = FilterDefinition.withAppIds(template.filterCondition(), paths);
    }

    /** The filters of a template; all of them for null. */
    static Selection<InstalledFilter> of(@Nullable FwpmFilterEnumTemplate template, NtPaths paths) {
        return template == null ? filter -> true : new FilterSelection(template, paths);
    }

    // The action mask comes before the layer: so field reports have it (C-102).
    @Override
    public Win32Error fitness() {
        if ((template.flags() & ~VALID_FLAGS) != 0) {
            return Win32Error.FWP_E_INVALID_FLAGS;
        }
        if (template.actionMask() == ActionType.FWP_ACTION_FLAG_CALLOUT && template.calloutKey() == null) {
            return Win32Error.FWP_E_NULL_POINTER;
        }
        if (actionsOfFilters().noneMatch(this::isWanted)) {
            return Win32Error.FWP_E_NEVER_MATCH;
        }
        Layer layer = template.layerKey();
        return layer == null ? Win32Error.FWP_E_LAYER_NOT_FOUND : fitnessOfConditions(layer);
    }

    private Stream<ActionType> actionsOfFilters() {
        return Stream.of(ActionType.values())
                .filter(FilterDefinition::decidesOrAsks)
                .filter(action -> template.calloutKey() == null || action.isCallout());
    }

    private boolean isWanted(ActionType action) {
        return (action.code() & template.actionMask()) != 0;
    }

    private Win32Error fitnessOfConditions(Layer layer) {
        Set<ConditionField> fields = EnumSet.noneOf(ConditionField.class);
        for (FilterCondition condition : conditions) {
            Win32Error fitness = ConditionType.fitness(condition, layer);
            if (fitness != Win32Error.NO_ERROR) {
                return fitness;
            }
            if (!fields.add(condition.field())) {
                return Win32Error.FWP_E_DUPLICATE_CONDITION;
            }
        }
        return Win32Error.NO_ERROR;
    }

    @Override
    public boolean matches(InstalledFilter filter) {
        Filter definition = filter.definition();
        return definition.layer() == template.layerKey()
                && isNamed(template.providerKey(), definition.providerKey())
                && isNamed(template.calloutKey(), definition.calloutKey())
                && isWanted(definition.action())
                && isOfItsTime(definition.flags())
                && hasContext(filter.providerContext())
                && conditions.stream().allMatch(asked -> overlaps(asked, filter))
                && (isOverlapEnough() || asksNothingElse(filter));
    }

    private static boolean isNamed(@Nullable UUID wanted, @Nullable UUID key) {
        return wanted == null || wanted.equals(key);
    }

    private boolean isOfItsTime(Set<FilterFlag> flags) {
        boolean bootTime = flags.contains(FilterFlag.FWPM_FILTER_FLAG_BOOTTIME);
        boolean disabled = flags.contains(FilterFlag.FWPM_FILTER_FLAG_DISABLED);
        if (has(FWP_FILTER_ENUM_FLAG_BOOTTIME_ONLY)) {
            return bootTime && !disabled;
        }
        return (!bootTime || has(FWP_FILTER_ENUM_FLAG_INCLUDE_BOOTTIME))
                && (!disabled || has(FWP_FILTER_ENUM_FLAG_INCLUDE_DISABLED));
    }

    private boolean has(int flag) {
        return (template.flags() & flag) != 0;
    }

    private boolean hasContext(@Nullable FwpmProviderContext context) {
        var wanted = template.providerContextTemplate();
        return wanted == null || (context != null && isNamed(wanted.providerKey(), context.providerKey()));
    }

    /** Without conditions every filter matches (WFP-135). */
    private boolean isOverlapEnough() {
        return conditions.isEmpty() || template.enumType() == FilterEnumType.FWP_FILTER_ENUM_OVERLAPPING;
    }

    private boolean overlaps(FilterCondition asked, InstalledFilter filter) {
        List<FilterCondition> alternatives = alternativesOn(asked.field(), filter);
        if (alternatives.isEmpty()) {
            return true;
        }
        return isOverlapEnough()
                ? ConditionOverlap.overlap(asked, alternatives)
                : ConditionOverlap.contains(alternatives, asked);
    }

    private static List<FilterCondition> alternativesOn(ConditionField field, InstalledFilter filter) {
        return filter.conditions().stream()
                .filter(sameField -> sameField.get(0).field() == field)
                .findFirst()
                .orElse(List.of());
    }

    /** Whether a filter leaves all that the template says nothing of to the traffic. */
    private boolean asksNothingElse(InstalledFilter filter) {
        return filter.conditions().stream()
                .map(sameField -> sameField.get(0).field())
                .allMatch(field -> conditions.stream().anyMatch(asked -> asked.field() == field));
    }

    @Override
    public List<InstalledFilter> arrange(List<InstalledFilter> matching, PolicyView policy) {
        boolean best = has(FWP_FILTER_ENUM_FLAG_BEST_TERMINATING_MATCH);
        if (!best && !has(FWP_FILTER_ENUM_FLAG_SORTED)) {
            return matching;
        }
        Stream<InstalledFilter> sorted = matching.stream().sorted(policy.asTheyAreAsked());
        return best ? sorted.filter(FilterSelection::isTerminating).limit(1).toList() : sorted.toList();
    }

    private static boolean isTerminating(InstalledFilter filter) {
        return (filter.definition().action().code() & ActionType.FWP_ACTION_FLAG_TERMINATING) != 0;
    }

    @Override
    public String toString() {
        return Objects.toString(template);
    }
}
