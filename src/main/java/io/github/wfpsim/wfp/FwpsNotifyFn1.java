package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A callout's notification function, FWPS_CALLOUT_NOTIFY_FN1. Implemented by users; called on the thread that changes
 * filters, with no lock of the simulator held. What it throws is fault CALLOUT_THREW and counts as a failure.
 *
 * <p>Source: FWPS_CALLOUT_NOTIFY_FN1. Requirement: WFP-34.
 */
@FunctionalInterface
public interface FwpsNotifyFn1 {

    /**
     * Hears of a filter that names the callout.
     *
     * @param notifyType FWPS_CALLOUT_NOTIFY_ADD_FILTER or FWPS_CALLOUT_NOTIFY_DELETE_FILTER
     * @param filterKey the filter's GUID when it is added; null when it is deleted
     * @param filter the filter
     * @return a failure stops an addition, and is ignored for a deletion
     */
    NtStatus notify(NotifyType notifyType, @Nullable UUID filterKey, FwpsFilter filter);
}
