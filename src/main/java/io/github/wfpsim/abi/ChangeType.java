package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a subscriber to changes of management hears of, FWPM_CHANGE_TYPE.
 *
 * <p>Source: FWPM_CHANGE_TYPE enumeration (SDK). Requirement: WFP-138.
 */
public enum ChangeType {
    /** An object was added. */
    FWPM_CHANGE_ADD(1),
    /** An object was deleted. */
    FWPM_CHANGE_DELETE(2);

    private static final Map<Integer, ChangeType> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ChangeType::code, Function.identity()));

    private final int code;

    ChangeType(int code) {
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
    public static Optional<ChangeType> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
