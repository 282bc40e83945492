package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a filter condition compares its value with that of the traffic.
 *
 * <p>Source: FWP_MATCH_TYPE enumeration (SDK). Requirements: WFP-21.
 */
public enum MatchType {
    /** Equal. */
    FWP_MATCH_EQUAL(0),
    /** The traffic's value is greater. */
    FWP_MATCH_GREATER(1),
    /** The traffic's value is less. */
    FWP_MATCH_LESS(2),
    /** The traffic's value is greater or equal. */
    FWP_MATCH_GREATER_OR_EQUAL(3),
    /** The traffic's value is less or equal. */
    FWP_MATCH_LESS_OR_EQUAL(4),
    /** The traffic's value lies in a range, both ends included. */
    FWP_MATCH_RANGE(5),
    /** All named flags are set. */
    FWP_MATCH_FLAGS_ALL_SET(6),
    /** At least one named flag is set. */
    FWP_MATCH_FLAGS_ANY_SET(7),
    /** None of the named flags is set. */
    FWP_MATCH_FLAGS_NONE_SET(8),
    /** Equal but for upper and lower case; text only. */
    FWP_MATCH_EQUAL_CASE_INSENSITIVE(9),
    /** Not equal. */
    FWP_MATCH_NOT_EQUAL(10);

    private static final Map<Integer, MatchType> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(MatchType::code, Function.identity()));

    private final int code;

    MatchType(int code) {
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
     * @return the match type with that number, or empty if there is none here
     */
    public static Optional<MatchType> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
