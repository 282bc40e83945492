package io.github.wfpsim.wfp;

import org.jspecify.annotations.Nullable;

/**
 * Hears of a change of management that another session has made, FWPM_FILTER_CHANGE_CALLBACK0 and its kin.
 *
 * <p>It runs with no lock held, after the change is in force, as a rule on the thread that made the change and before the call
 * that made it returns; of one subscription one call at a time. It may call management, also to add what was deleted; what it
 * must not do is to unsubscribe itself. What it throws is fault {@code CHANGE_CALLBACK_THREW}.
 *
 * <p>Source: FWPM_FILTER_CHANGE_CALLBACK0; Change Notifications. Requirements: WFP-140, WFP-141.
 *
 * @param <C> the change, such as {@link FwpmFilterChange}
 */
@FunctionalInterface
public interface FwpmChangeCallback<C> {

    /**
     * Hears of one change.
     *
     * @param context what was given when subscribing
     * @param change what has changed
     */
    void changed(@Nullable Object context, C change);
}
