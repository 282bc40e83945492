package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ConditionField;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A filter in the engine: its run-time id and its conditions grouped by field. Immutable but for its callout slot. */
final class InstalledFilter {

    private final FwpsFilter asSeenByCallouts;
    private final UUID key;
    private final Filter definition;
    private final @Nullable CalloutSlot callout;
    private final long weight;
    private final List<List<FilterCondition>> alternatives = new ArrayList<>();

    InstalledFilter(long id, UUID key, Filter definition, @Nullable CalloutSlot callout) {
        this.key = key;
        this.asSeenByCallouts = new FwpsFilter(id, definition.name(), definition.action());
        this.definition = definition;
        this.callout = callout;
        definition.conditions().forEach(this::group);
        this.weight = definition.weight().effective(alternatives.size());
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

    /** All fields have to match, each by one of its conditions (WFP-21). */
    boolean matches(IncomingValues values) {
        for (int i = 0; i < alternatives.size(); i++) {
            if (!anyMatches(alternatives.get(i), values)) {
                return false;
            }
        }
        return true;
    }

    private static boolean anyMatches(List<FilterCondition> sameField, IncomingValues values) {
        ConditionField field = sameField.get(0).field();
        Object actual = values.value(field);
        for (int i = 0; i < sameField.size(); i++) {
            if (sameField.get(i).matches(actual)) {
                return true;
            }
        }
        return false;
    }

    long id() {
        return asSeenByCallouts.filterId();
    }

    UUID key() {
        return key;
    }

    FwpsFilter asSeenByCallouts() {
        return asSeenByCallouts;
    }

    Filter definition() {
        return definition;
    }

    @Nullable
    CalloutSlot callout() {
        return callout;
    }

    long weight() {
        return weight;
    }

    /** GUID of the callout that it names, if nobody has registered it now; else null. */
    @Nullable
    UUID unregistered() {
        return callout == null || callout.registration() != null ? null : callout.key();
    }

    @Override
    public String toString() {
        UUID missing = unregistered();
        return "filter " + id() + " \"" + definition.name() + "\""
                + (missing == null ? "" : ", whose callout {" + missing + "} is not registered,");
    }
}
