package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Type of a socket.
 *
 * <p>Source: socket function (SDK). Requirements: WFP-04.
 */
public enum SocketType {
    /** Connected byte stream. */
    SOCK_STREAM(1),
    /** Datagrams. */
    SOCK_DGRAM(2),
    /** Raw packets of one protocol. */
    SOCK_RAW(3);

    private static final Map<Integer, SocketType> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(SocketType::code, Function.identity()));

    private final int code;

    SocketType(int code) {
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
     * @return the type with that number, or empty if there is none here
     */
    public static Optional<SocketType> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
