package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which direction of a connection the shutdown call ends.
 *
 * <p>Source: shutdown function (SDK).
 */
public enum ShutdownHow {
    /** No more receiving. */
    SD_RECEIVE(0),
    /** No more sending; the far side reads to the end of the stream. */
    SD_SEND(1),
    /** Neither. */
    SD_BOTH(2);

    private static final Map<Integer, ShutdownHow> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ShutdownHow::code, Function.identity()));

    private final int code;

    ShutdownHow(int code) {
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
     * @return the direction with that number, or empty if there is none here
     */
    public static Optional<ShutdownHow> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
