package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Protocol number of the IP header.
 *
 * <p>Source: socket function (SDK); Assigned Internet Protocol Numbers (IANA). Requirements: WFP-04.
 */
public enum IpProtocol {
    /** Any protocol, a place-holder. */
    IPPROTO_IP(0),
    /** Internet Control Message Protocol for IPv4. */
    IPPROTO_ICMP(1),
    /** Transmission Control Protocol. */
    IPPROTO_TCP(6),
    /** User Datagram Protocol. */
    IPPROTO_UDP(17),
    /** IPv6 in its role as option level or payload. */
    IPPROTO_IPV6(41),
    /** Internet Control Message Protocol for IPv6. */
    IPPROTO_ICMPV6(58);

    private static final Map<Integer, IpProtocol> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(IpProtocol::code, Function.identity()));

    private final int code;

    IpProtocol(int code) {
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
     * @return the protocol with that number, or empty if there is none here
     */
    public static Optional<IpProtocol> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
