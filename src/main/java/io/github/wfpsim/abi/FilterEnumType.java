package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the conditions of an enumeration of filters are read, FWP_FILTER_ENUM_TYPE.
 *
 * <p>Source: FWP_FILTER_ENUM_TYPE enumeration (SDK). Requirement: WFP-135.
 */
public enum FilterEnumType {
    /** Only filters that match all that the conditions describe. */
    FWP_FILTER_ENUM_FULLY_CONTAINED(0),
    /** Filters that match some of what the conditions describe, or all of it. */
    FWP_FILTER_ENUM_OVERLAPPING(1);

    private static final Map<Integer, FilterEnumType> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(FilterEnumType::code, Function.identity()));

    private final int code;

    FilterEnumType(int code) {
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
     * @return the value with that number, or empty if there is none here
     */
    public static Optional<FilterEnumType> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
