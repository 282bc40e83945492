package io.github.wfpsim.abi;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Family of an IP address, and so of a socket and of the layers that see it.
 *
 * <p>Source: socket function (SDK). Requirements: WFP-06, WFP-52.
 */
public enum AddressFamily {
    /** Internet Protocol version 4. */
    AF_INET(2),
    /** Internet Protocol version 6. */
    AF_INET6(23);

    private static final Map<Integer, AddressFamily> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(AddressFamily::code, Function.identity()));

    private final int code;

    AddressFamily(int code) {
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
     * @return the family with that number, or empty if there is none here
     */
    public static Optional<AddressFamily> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    /**
     * Tells the family of an address. Java turns most IPv4-mapped IPv6 addresses into IPv4 ones; one that
     * stayed mapped counts as IPv6.
     *
     * @param address the address
     * @return its family
     */
    public static AddressFamily of(InetAddress address) {
        Objects.requireNonNull(address, "address must not be null: resolve it first");
        return address instanceof Inet6Address ? AF_INET6 : AF_INET;
    }
}
