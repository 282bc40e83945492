package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Interrupt request level of a simulated thread: which kernel functions it may call.
 *
 * <p>Source: Managing Hardware Priorities (WDK). Requirements: IRP-10, WFP-37, WSK-04.
 */
public enum Irql {
    /** Ordinary thread execution; everything may be called. */
    PASSIVE_LEVEL(0),
    /** Asynchronous procedure calls are held back. */
    APC_LEVEL(1),
    /** No waiting, no paged memory. */
    DISPATCH_LEVEL(2);

    private static final Map<Integer, Irql> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Irql::code, Function.identity()));

    private final int code;

    Irql(int code) {
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
     * @return the level with that number, or empty if there is none here
     */
    public static Optional<Irql> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
