package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.SubLayer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A filter that was added: its run-time id, its weight in effect and its conditions grouped by field. Immutable.
 *
 * <p>Source: Filter Arbitration; FWPM_FILTER0. Requirements: WFP-21, WFP-23.
 */
final class InstalledFilter {

    private final ShownFilter asSeenByCallouts;
    private final UUID key;
    private final Filter definition;
    private final SubLayer subLayer;
    private final @Nullable FwpmProviderContext providerContext;
    private final long weight;
    private final long turn;
    private volatile boolean tieTold;
    private final List<List<FilterCondition>> alternatives = new ArrayList<>();

    InstalledFilter(long id, UUID key, Filter definition, SubLayer subLayer, ShownFilter.Surroundings surroundings) {
        this.subLayer = subLayer;
        this.providerContext = surroundings.providerContext();
        this.key = key;
        this.definition = definition;
        definition.conditions().forEach(this::group);
        this.weight = definition.weight().effective(alternatives.size());
        this.turn = surroundings.youngerFirst() ? -id : id;
        this.asSeenByCallouts = new ShownFilter(id, definition, weight, subLayer.weight(), surroundings);
    }

    private void group(FilterCondition condition) {
        for (List<FilterCondition> sameField : alternatives) {
            if (sameField.get(0).field() == condition.field()) {
                sameField.add(condition);
                return;
            }
        }
        List<FilterCondition> first = new ArrayList<>(1);
        first.add(condition);
        alternatives.add(first);
    }

    /** Whether the filter is to decide: all fields have to match, each by one of its conditions (WFP-21). */
    boolean matches(ConditionValues values) {
        for (int i = 0; i < alternatives.size(); i++) {
            if (!anyMatches(alternatives.get(i), values)) {
                return false;
            }
        }
        return true;
    }

    /** The conditions by field. */
    List<List<FilterCondition>> conditions() {
        return Collections.unmodifiableList(alternatives);
    }

    private static boolean anyMatches(List<FilterCondition> sameField, ConditionValues values) {
        ConditionField field = sameField.get(0).field();
        for (int i = 0; i < sameField.size(); i++) {
            FilterCondition condition = sameField.get(i);
            boolean matches = Comparison.isNumeric(condition)
                    ? Comparison.matchesNumber(condition, values.number(field))
                    : Comparison.matches(condition, values.value(field));
            if (matches) {
                return true;
            }
        }
        return false;
    }

    /** The run-time id, unique on the machine. */
    long id() {
        return asSeenByCallouts.filterId();
    }

    UUID key() {
        return key;
    }

    /** What callouts are shown: always the same object. */
    ShownFilter asSeenByCallouts() {
        return asSeenByCallouts;
    }

    Filter definition() {
        return definition;
    }

    SubLayer subLayer() {
        return subLayer;
    }

    /** The provider context that it names, whoever is shown it; null for none. */
    @Nullable
    FwpmProviderContext providerContext() {
        return providerContext;
    }

    long weight() {
        return weight;
    }

    /** Decides between filters of equal weight, the lowest first; run-time ids grow, so that it tells the age (WFP-23). */
    long turn() {
        return turn;
    }

    /** Whether this is the first time that a tie of this filter is told of; two threads may both hear so. */
    boolean tellTie() {
        boolean first = !tieTold;
        tieTold = true;
        return first;
    }

    boolean isTieTold() {
        return tieTold;
    }

    @Override
    public String toString() {
        return "filter " + id() + " \"" + definition.name() + "\"";
    }
}
