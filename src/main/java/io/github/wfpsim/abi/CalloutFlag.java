package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A bit of FWPM_CALLOUT0.flags.
 *
 * <p>Source: FWPM_CALLOUT0 structure (SDK). Requirement: WFP-92.
 */
public enum CalloutFlag {
    /** The callout survives a restart of the engine. */
    FWPM_CALLOUT_FLAG_PERSISTENT(0x10000),
    /** The callout's functions are shown the provider contexts of its filters. */
    FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT(0x20000),
    /** A driver has the callout registered; set by the engine only. */
    FWPM_CALLOUT_FLAG_REGISTERED(0x40000);

    private static final Map<Integer, CalloutFlag> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(CalloutFlag::code, Function.identity()));

    private final int code;

    CalloutFlag(int code) {
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
    public static Optional<CalloutFlag> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
