package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ChangeType;
import java.util.Objects;
import java.util.UUID;

/**
 * A filter that was added or deleted, FWPM_FILTER_CHANGE0. Immutable.
 *
 * <p>Source: FWPM_FILTER_CHANGE0. Requirement: WFP-138.
 *
 * @param changeType what happened to it
 * @param filterKey GUID of the filter
 * @param filterId run-time id of the filter
 */
public record FwpmFilterChange(ChangeType changeType, UUID filterKey, long filterId) {

    /**
     * Checks the values.
     *
     * @param changeType what happened to it
     * @param filterKey GUID of the filter
     * @param filterId run-time id of the filter
     */
    public FwpmFilterChange {
        Objects.requireNonNull(changeType, "changeType must not be null: give FWPM_CHANGE_ADD or FWPM_CHANGE_DELETE");
        Objects.requireNonNull(filterKey, "filterKey must not be null: give the filter's GUID");
    }
}
