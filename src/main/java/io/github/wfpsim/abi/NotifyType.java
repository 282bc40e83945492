package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a callout's notifyFn hears of, FWPS_CALLOUT_NOTIFY_TYPE.
 *
 * <p>Source: FWPS_CALLOUT_NOTIFY_TYPE (WDK). Requirement: WFP-34.
 */
public enum NotifyType {
    /** A filter that names the callout is being added. */
    FWPS_CALLOUT_NOTIFY_ADD_FILTER(0),
    /** A filter that names the callout was deleted. */
    FWPS_CALLOUT_NOTIFY_DELETE_FILTER(1),
    /** The addition of a filter was committed. */
    FWPS_CALLOUT_NOTIFY_ADD_FILTER_POST_COMMIT(2);

    private static final Map<Integer, NotifyType> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(NotifyType::code, Function.identity()));

    private final int code;

    NotifyType(int code) {
        this.code = code;
    }

    /** {@return the 32-bit value} */
    public int code() {
        return code;
    }

    /**
     * Looks a number up; total, never throws.
     *
     * @param code any number
     * @return the type with that number, or empty if there is none here
     */
    public static Optional<NotifyType> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
