package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
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
    record Decision(ActionType action, boolean hard, boolean veto) {

        static final Decision SOFT_PERMIT = new Decision(ActionType.FWP_ACTION_PERMIT, false, false);
        static final Decision HARD_PERMIT = new Decision(ActionType.FWP_ACTION_PERMIT, true, false);
        static final Decision SOFT_BLOCK = new Decision(ActionType.FWP_ACTION_BLOCK, false, false);
        static final Decision HARD_BLOCK = new Decision(ActionType.FWP_ACTION_BLOCK, true, false);
        static final Decision VETO = new Decision(ActionType.FWP_ACTION_BLOCK, true, true);

        /** A decision that is no veto. */
        static Decision of(ActionType action, boolean hard) {
            if (action == ActionType.FWP_ACTION_PERMIT) {
                return hard ? HARD_PERMIT : SOFT_PERMIT;
            }
            return hard ? HARD_BLOCK : SOFT_BLOCK;
        }
    }

    /** The decision of one sub-layer, who made it, and that of the next sub-layer that has decided. */
    private record Vote(
            int subLayer,
            Decision decision,
            InstalledFilter filter,
            @Nullable Vote next) {

        Vote before(@Nullable Vote other) {
            return new Vote(subLayer, decision, filter, other);
        }
    }

    /** The heaviest sub-layer's. */
    private @Nullable Vote first;

    /** Takes a sub-layer's decision, in place of an earlier one of the same sub-layer. */
    void decide(int subLayer, Decision decision, InstalledFilter filter) {
        first = with(subLayer, decision, filter, first);
    }

    private static Vote with(int subLayer, Decision decision, InstalledFilter filter, @Nullable Vote from) {
        if (from == null || from.subLayer() > subLayer) {
            return new Vote(subLayer, decision, filter, from);
        }
        return from.subLayer() == subLayer
                ? new Vote(subLayer, decision, filter, from.next())
                : from.before(with(subLayer, decision, filter, from.next()));
    }

    /** Forgets what a sub-layer decided: its callout is asked again. */
    void retract(int subLayer) {
        first = without(subLayer, first);
    }

    private static @Nullable Vote without(int subLayer, @Nullable Vote from) {
        if (from == null || from.subLayer() == subLayer) {
            return from == null ? null : from.next();
        }
        return from.before(without(subLayer, from.next()));
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
        for (Vote next = first; next != null && next.subLayer() < below; next = next.next()) {
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
