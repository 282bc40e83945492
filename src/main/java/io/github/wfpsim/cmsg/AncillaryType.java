package io.github.wfpsim.cmsg;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * A type of control message that is simulated, and the socket option that switches it on. A number means something
 * together with its level only.
 *
 * <p>Source: IPPROTO_IP Socket Options (SDK); ws2ipdef.h. Requirements: UDP-02, UDP-06, UDP-07.
 */
public enum AncillaryType {
    /** The redirect records of a flow over IPv4, v4-mapped addresses of a dual-stack socket included. */
    IP_WFP_REDIRECT_RECORDS(IpProtocol.IPPROTO_IP, 60),
    /** The redirect context of such a flow. */
    IP_WFP_REDIRECT_CONTEXT(IpProtocol.IPPROTO_IP, 70),
    /** The redirect records of a flow over IPv6. */
    IPV6_WFP_REDIRECT_RECORDS(IpProtocol.IPPROTO_IPV6, 60),
    /** The redirect context of such a flow. */
    IPV6_WFP_REDIRECT_CONTEXT(IpProtocol.IPPROTO_IPV6, 70);

    private final IpProtocol level;
    private final int code;

    AncillaryType(IpProtocol level, int code) {
        this.level = level;
        this.code = code;
    }

    /** {@return cmsg_level, which is also the option's level, IPPROTO_IP or IPPROTO_IPV6} */
    public IpProtocol level() {
        return level;
    }

    /** {@return cmsg_type, which is also the option's number, as in the Windows header} */
    public int code() {
        return code;
    }

    /** {@return whether messages of this type carry records; the others carry contexts} */
    public boolean isRecords() {
        return this == IP_WFP_REDIRECT_RECORDS || this == IPV6_WFP_REDIRECT_RECORDS;
    }

    /** {@return the address family of the flows that such messages belong to, that of the level} */
    public AddressFamily family() {
        return level == IpProtocol.IPPROTO_IP ? AddressFamily.AF_INET : AddressFamily.AF_INET6;
    }

    /**
     * Names the type that carries records of a flow.
     *
     * @param family over which version of IP the flow runs
     * @return the type
     */
    public static AncillaryType recordsOf(AddressFamily family) {
        return isV4(family) ? IP_WFP_REDIRECT_RECORDS : IPV6_WFP_REDIRECT_RECORDS;
    }

    /**
     * Names the type that carries the context of a flow.
     *
     * @param family over which version of IP the flow runs
     * @return the type
     */
    public static AncillaryType contextOf(AddressFamily family) {
        return isV4(family) ? IP_WFP_REDIRECT_CONTEXT : IPV6_WFP_REDIRECT_CONTEXT;
    }

    private static boolean isV4(AddressFamily family) {
        Objects.requireNonNull(family, "family must not be null: give the one of the flow's addresses");
        return family == AddressFamily.AF_INET;
    }

    /**
     * Looks a type up; total, never throws.
     *
     * @param level cmsg_level, or the level of an option
     * @param code cmsg_type, or the number of an option
     * @return the type, or empty if there is none here
     */
    public static Optional<AncillaryType> fromCode(int level, int code) {
        return Arrays.stream(values())
                .filter(type -> type.level.code() == level && type.code == code)
                .findFirst();
    }
}
