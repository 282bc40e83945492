package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What FwpsQueryConnectionRedirectState0 answers to the owner of a redirect handle.
 *
 * <p>The documentation gives the order; the numbers follow from it and are not confirmed by a header.
 *
 * <p>Source: FWPS_CONNECTION_REDIRECT_STATE enumeration (WDK). Requirements: REC-20 to REC-27.
 */
public enum RedirectState {
    /** No callout has redirected the connection. */
    FWPS_CONNECTION_NOT_REDIRECTED(0),
    /** The newest redirect is the asking handle's own. */
    FWPS_CONNECTION_REDIRECTED_BY_SELF(1),
    /** Only other handles have redirected the connection. */
    FWPS_CONNECTION_REDIRECTED_BY_OTHER(2),
    /** The asking handle redirected first, another one after it. */
    FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF(3);

    private static final Map<Integer, RedirectState> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(RedirectState::code, Function.identity()));

    private final int code;

    RedirectState(int code) {
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
     * @return the state with that number, or empty if there is none here
     */
    public static Optional<RedirectState> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
