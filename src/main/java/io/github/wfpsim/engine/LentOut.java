package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.wfp.ClassifyOut;

/** The classify-out of one turn, which is gone when classifyFn returns: what is kept for later is a copy (WFP-19). */
final class LentOut extends ClassifyOut {

    private final CalloutTurn turn;

    LentOut(CalloutTurn turn, int rights) {
        super(ActionType.FWP_ACTION_CONTINUE, rights);
        this.turn = turn;
    }

    /** What classifyFn has left there; for the engine. */
    ActionType actionAtReturn() {
        return super.actionType();
    }

    /** What classifyFn has left there; for the engine. */
    int rightsAtReturn() {
        return super.rights();
    }

    @Override
    public ActionType actionType() {
        isAlive("actionType", "read");
        return super.actionType();
    }

    @Override
    public void setActionType(ActionType value) {
        if (isAlive("actionType", "written")) {
            super.setActionType(value);
        }
    }

    @Override
    public int rights() {
        isAlive("rights", "read");
        return super.rights();
    }

    @Override
    public void setRights(int value) {
        if (isAlive("rights", "written")) {
            super.setRights(value);
        }
    }

    private boolean isAlive(String member, String use) {
        return !turn.hasReturned() || turn.refuseStaleOut("classifyOut." + member, use);
    }
}
