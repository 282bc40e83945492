package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A bit of the value of {@link ConditionField#FWPM_CONDITION_FLAGS}.
 *
 * <p>Source: Filtering Condition Flags (SDK and WDK). Requirements: WFP-15, WFP-16.
 */
public enum ConditionFlag {
    /** The traffic stays on this machine. */
    FWP_CONDITION_FLAG_IS_LOOPBACK(0x00000001),
    /** The traffic is secured by IPsec. */
    FWP_CONDITION_FLAG_IS_IPSEC_SECURED(0x00000002),
    /** The connection was classified here before. */
    FWP_CONDITION_FLAG_IS_REAUTHORIZE(0x00000004),
    /** The bind names no local address. */
    FWP_CONDITION_FLAG_IS_WILDCARD_BIND(0x00000008),
    /** The endpoint is a raw socket. */
    FWP_CONDITION_FLAG_IS_RAW_ENDPOINT(0x00000010),
    /** The classification repeats an earlier one. */
    FWP_CONDITION_FLAG_IS_RECLASSIFY(0x00020000),
    /** The connection was redirected by a callout. */
    FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED(0x00100000),
    /** The onward connection of a proxy, which set a redirect record. */
    FWP_CONDITION_FLAG_IS_PROXY_CONNECTION(0x00200000),
    /** Loopback traffic of an AppContainer. */
    FWP_CONDITION_FLAG_IS_APPCONTAINER_LOOPBACK(0x00400000),
    /** Loopback traffic outside AppContainers. */
    FWP_CONDITION_FLAG_IS_NON_APPCONTAINER_LOOPBACK(0x00800000),
    /** Reserved by Windows. */
    FWP_CONDITION_FLAG_IS_RESERVED(0x01000000),
    /** First authorization of an AppContainer's redirected connection, as if it had never been redirected. */
    FWP_CONDITION_FLAG_IS_HONORING_POLICY_AUTHORIZE(0x02000000);

    private static final Map<Integer, ConditionFlag> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ConditionFlag::code, Function.identity()));

    private final int code;

    ConditionFlag(int code) {
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
     * @return the flag with that number, or empty if there is none here
     */
    public static Optional<ConditionFlag> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
