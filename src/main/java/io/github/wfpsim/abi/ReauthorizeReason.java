package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Why a connection is authorized again; bits of the value of {@link ConditionField#FWPM_CONDITION_REAUTHORIZE_REASON}.
 *
 * <p>Source: Filtering Condition Flags (SDK). Requirements: WFP-07, WFP-15.
 */
public enum ReauthorizeReason {
    /** A filter was added or removed. */
    FWP_CONDITION_REAUTHORIZE_REASON_POLICY_CHANGE(0x001),
    /** Traffic arrives at another interface. */
    FWP_CONDITION_REAUTHORIZE_REASON_NEW_ARRIVAL_INTERFACE(0x002),
    /** Traffic leaves by another interface. */
    FWP_CONDITION_REAUTHORIZE_REASON_NEW_NEXTHOP_INTERFACE(0x004),
    /** The network profile changed. */
    FWP_CONDITION_REAUTHORIZE_REASON_PROFILE_CROSSING(0x008),
    /** A pended classification was completed. */
    FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION(0x010),
    /** The IPsec state changed. */
    FWP_CONDITION_REAUTHORIZE_REASON_IPSEC_PROPERTIES_CHANGED(0x020),
    /** Inspection began in mid-stream. */
    FWP_CONDITION_REAUTHORIZE_REASON_MID_STREAM_INSPECTION(0x040),
    /** A property of the socket changed. */
    FWP_CONDITION_REAUTHORIZE_REASON_SOCKET_PROPERTY_CHANGED(0x080),
    /** A multicast or broadcast packet came in. */
    FWP_CONDITION_REAUTHORIZE_REASON_NEW_INBOUND_MCAST_BCAST_PACKET(0x100);

    private static final Map<Integer, ReauthorizeReason> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ReauthorizeReason::code, Function.identity()));

    private final int code;

    ReauthorizeReason(int code) {
        this.code = code;
    }

    /** {@return the bit of the Windows header} */
    public int code() {
        return code;
    }

    /**
     * Looks a number up; total, never throws.
     *
     * @param code any number
     * @return the reason with that number, or empty if there is none here
     */
    public static Optional<ReauthorizeReason> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
