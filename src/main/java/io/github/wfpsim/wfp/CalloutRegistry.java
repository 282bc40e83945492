package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What management has to know of the callouts that drivers have registered; the filter engine implements it. */
public interface CalloutRegistry {

    /**
     * Tells the run-time id of a callout.
     *
     * @param calloutKey its GUID
     * @return the id; 0 while nobody has it registered
     */
    int idOf(UUID calloutKey);

    /**
     * Calls the notifyFn of a callout, if somebody has it registered with one. No lock is held.
     *
     * @param calloutKey its GUID
     * @param notifyType what happens to the filter
     * @param filterKey GUID of the filter, or null when it was deleted
     * @param filter the filter
     * @return what notifyFn returned; STATUS_SUCCESS if there is none
     */
    NtStatus notify(UUID calloutKey, NotifyType notifyType, @Nullable UUID filterKey, FwpsFilter filter);
}
