package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.fwpm.InstalledFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settles the decisions of the sub-layers of one layer, heaviest first (Filter Arbitration; WFP-24). A soft decision can
 * be overturned by a later one, a hard permit only by a veto, a hard block by nothing. Used by one thread at a time.
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

    /** The decision of one sub-layer, and who made it. */
    private record Vote(int subLayer, Decision decision, InstalledFilter filter) {}

    private final List<Vote> votes = new ArrayList<>(2);

    /** Takes a sub-layer's decision, in place of an earlier one of the same sub-layer. */
    void decide(int subLayer, Decision decision, InstalledFilter filter) {
        retract(subLayer);
        int place = 0;
        while (place < votes.size() && votes.get(place).subLayer() < subLayer) {
            place++;
        }
        votes.add(place, new Vote(subLayer, decision, filter));
    }

    /** Forgets what a sub-layer decided: its callout is asked again. */
    void retract(int subLayer) {
        votes.removeIf(vote -> vote.subLayer() == subLayer);
    }

    /** Whether a callout of a sub-layer holds the write right, given what heavier sub-layers decided. */
    boolean mayWrite(int subLayer) {
        Vote standing = standing(subLayer);
        return standing == null || !standing.decision().hard();
    }

    /** The action that stands when a sub-layer is asked, FWP_ACTION_CONTINUE if none. */
    ActionType standingAction(int subLayer) {
        Vote standing = standing(subLayer);
        return standing == null
                ? ActionType.FWP_ACTION_CONTINUE
                : standing.decision().action();
    }

    /** The final action: nobody decided means permit, the default of the ALE layers (WFP-29). */
    ActionType result() {
        Vote standing = standing(Integer.MAX_VALUE);
        return standing == null
                ? ActionType.FWP_ACTION_PERMIT
                : standing.decision().action();
    }

    /** The filter whose decision stands in the end, or null. */
    @Nullable
    InstalledFilter decidedBy() {
        return standingFilter(Integer.MAX_VALUE);
    }

    /** The filter whose decision stands when a sub-layer is asked, or null. */
    @Nullable
    InstalledFilter standingFilter(int subLayer) {
        Vote standing = standing(subLayer);
        return standing == null ? null : standing.filter();
    }

    private @Nullable Vote standing(int below) {
        Vote standing = null;
        for (int i = 0; i < votes.size() && votes.get(i).subLayer() < below; i++) {
            Vote next = votes.get(i);
            if (standing == null || !standing.decision().hard() || overrules(next.decision(), standing.decision())) {
                standing = next;
            }
        }
        return standing;
    }

    private static boolean overrules(Decision veto, Decision standing) {
        return veto.veto() && standing.action() == ActionType.FWP_ACTION_PERMIT;
    }
}
