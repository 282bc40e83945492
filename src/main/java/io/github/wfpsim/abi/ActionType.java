package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a filter or a callout answers, or what a filter asks its callout for.
 *
 * <p>Source: FWPM_ACTION0; FWPS_CLASSIFY_OUT0 (WDK). Requirements: WFP-22 to WFP-28.
 */
public enum ActionType {
    /** Block the traffic; ends the sub-layer. */
    FWP_ACTION_BLOCK(0x1001),
    /** Permit the traffic; ends the sub-layer. */
    FWP_ACTION_PERMIT(0x1002),
    /** Ask a callout that always decides. */
    FWP_ACTION_CALLOUT_TERMINATING(0x5003),
    /** Ask a callout that never decides. */
    FWP_ACTION_CALLOUT_INSPECTION(0x6004),
    /** Ask a callout that may decide. */
    FWP_ACTION_CALLOUT_UNKNOWN(0x4005),
    /** Go on with the next filter. */
    FWP_ACTION_CONTINUE(0x2006),
    /** Nothing decided yet. */
    FWP_ACTION_NONE(0x0007),
    /** Nothing decided, because no filter matched. */
    FWP_ACTION_NONE_NO_MATCH(0x0008);

    /** Bit of actions that end the evaluation of a sub-layer. */
    public static final int FWP_ACTION_FLAG_TERMINATING = 0x1000;

    /** Bit of actions that never end it. */
    public static final int FWP_ACTION_FLAG_NON_TERMINATING = 0x2000;

    /** Bit of actions that ask a callout. */
    public static final int FWP_ACTION_FLAG_CALLOUT = 0x4000;

    /** The right to write the action, FWPS_RIGHT_ACTION_WRITE: the only bit of FWPS_CLASSIFY_OUT0.rights. */
    public static final int FWPS_RIGHT_ACTION_WRITE = 0x1;

    private static final Map<Integer, ActionType> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ActionType::code, Function.identity()));

    private final int code;

    ActionType(int code) {
        this.code = code;
    }

    /** {@return the number of the Windows header} */
    public int code() {
        return code;
    }

    /**
     * Looks a number up; total, never throws.
     *
     * @param code any number
     * @return the action with that number, or empty if there is none here
     */
    public static Optional<ActionType> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    /** {@return whether the action ends the evaluation of its sub-layer, by {@link #FWP_ACTION_FLAG_TERMINATING}} */
    public boolean isTerminating() {
        return (code & FWP_ACTION_FLAG_TERMINATING) != 0;
    }

    /** {@return whether the action asks a callout, by {@link #FWP_ACTION_FLAG_CALLOUT}} */
    public boolean isCallout() {
        return (code & FWP_ACTION_FLAG_CALLOUT) != 0;
    }
}
