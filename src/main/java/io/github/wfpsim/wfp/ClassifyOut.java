package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import java.util.Objects;

/**
 * Where a callout writes its decision, FWPS_CLASSIFY_OUT0. Mutable layer data, used by one thread at a time.
 *
 * <p>What classifyFn gets is lent until it returns: a later read or write raises STALE_REFERENCE, and the write is ignored.
 * A driver that decides later makes a copy of its own, which FwpsCompleteClassify0 reads.
 *
 * <p>Source: FWPS_CLASSIFY_OUT0; FwpsCompleteClassify0. Requirements: WFP-19, WFP-26, WFP-28, WFP-45.
 */
public class ClassifyOut {

    private ActionType actionType;
    private int rights;

    /**
     * Creates a structure with given content, as the engine does before it calls a callout.
     *
     * @param actionType what is written so far; the engine gives FWP_ACTION_CONTINUE
     * @param rights FWPS_RIGHT_* bits
     */
    public ClassifyOut(ActionType actionType, int rights) {
        this.actionType = Objects.requireNonNull(actionType, "actionType must not be null");
        this.rights = rights;
    }

    /** {@return the action that is written now} */
    public ActionType actionType() {
        return actionType;
    }

    /**
     * Writes an action.
     *
     * @param value FWP_ACTION_PERMIT, FWP_ACTION_BLOCK, FWP_ACTION_CONTINUE, FWP_ACTION_NONE or
     *     FWP_ACTION_NONE_NO_MATCH
     */
    public void setActionType(ActionType value) {
        this.actionType = Objects.requireNonNull(value, "actionType must not be null: use FWP_ACTION_CONTINUE");
    }

    /** {@return FWPS_RIGHT_* bits} */
    public int rights() {
        return rights;
    }

    /**
     * Writes the rights.
     *
     * @param value FWPS_RIGHT_* bits
     */
    public void setRights(int value) {
        this.rights = value;
    }

    /** {@return whether the action may be changed: FWPS_RIGHT_ACTION_WRITE is set} */
    public final boolean canWrite() {
        return (rights() & ActionType.FWPS_RIGHT_ACTION_WRITE) != 0;
    }

    /** Clears FWPS_RIGHT_ACTION_WRITE, which makes the decision hard. */
    public final void clearWriteRight() {
        setRights(rights & ~ActionType.FWPS_RIGHT_ACTION_WRITE);
    }

    @Override
    public final String toString() {
        boolean writable = (rights & ActionType.FWPS_RIGHT_ACTION_WRITE) != 0;
        return actionType + (writable ? "" : ", write right cleared");
    }
}
