package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A bit of FWPM_FILTER0.flags.
 *
 * <p>Source: FWPM_FILTER0 structure (SDK). Requirements: WFP-26, WFP-27.
 */
public enum FilterFlag {
    /** The filter survives a restart of the engine. */
    FWPM_FILTER_FLAG_PERSISTENT(0x01),
    /** The filter works before the engine has started. */
    FWPM_FILTER_FLAG_BOOTTIME(0x02),
    /** The filter names a provider context. */
    FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT(0x04),
    /** The decision cannot be overridden by lower sub-layers. */
    FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT(0x08),
    /** Permit, instead of block, while the callout is not registered. */
    FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED(0x10),
    /** The filter is disabled; set by the engine only. */
    FWPM_FILTER_FLAG_DISABLED(0x20),
    /** The filter is indexed for speed. */
    FWPM_FILTER_FLAG_INDEXED(0x40);

    private static final Map<Integer, FilterFlag> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(FilterFlag::code, Function.identity()));

    private final int code;

    FilterFlag(int code) {
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
    public static Optional<FilterFlag> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
