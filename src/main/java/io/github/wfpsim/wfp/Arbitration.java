package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import org.jspecify.annotations.Nullable;

/**
 * Settles the decisions of the sub-layers of one layer, heaviest first (Filter Arbitration; WFP-24). A soft decision can
 * be overturned by a later one, a hard permit only by a veto, a hard block by nothing.
 */
final class Arbitration {

    /**
     * What one filter decided.
     *
     * @param action FWP_ACTION_PERMIT or FWP_ACTION_BLOCK
     * @param hard whether later sub-layers may not overturn it
     * @param veto a callout's block that was written without the write right
     */
    record Decision(ActionType action, boolean hard, boolean veto) {}

    private @Nullable Decision standing;
    private @Nullable InstalledFilter decidedBy;

    void add(Decision decision, InstalledFilter filter) {
        Decision before = standing;
        boolean vetoes = decision.veto() && before != null && before.action() == ActionType.FWP_ACTION_PERMIT;
        if (before == null || !before.hard() || vetoes) {
            standing = decision;
            decidedBy = filter;
        }
    }

    /** The filter whose decision stands so far, or null. */
    @Nullable
    InstalledFilter decidedBy() {
        return decidedBy;
    }

    /** Whether a callout asked now holds the write right. */
    boolean mayWrite() {
        Decision now = standing;
        return now == null || !now.hard();
    }

    /** The action that stands so far, FWP_ACTION_CONTINUE if none. */
    ActionType standingAction() {
        Decision now = standing;
        return now == null ? ActionType.FWP_ACTION_CONTINUE : now.action();
    }

    /** The final action: nobody decided means permit, the default of the ALE layers (WFP-29). */
    ActionType result() {
        Decision now = standing;
        return now == null ? ActionType.FWP_ACTION_PERMIT : now.action();
    }
}
