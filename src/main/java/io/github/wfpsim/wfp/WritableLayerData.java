package io.github.wfpsim.wfp;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a callout may edit at the redirect layers: a {@link BindRequest} or a {@link ConnectRequest}. Mutable from acquire to
 * apply, then frozen: every setter throws {@link IllegalStateException}. Lent until classifyFn returns or a pend is completed:
 * later use raises {@code STALE_REFERENCE}, and a write then has no effect. Used by one thread at a time.
 *
 * <p>Source: FWPS_BIND_REQUEST0; FWPS_CONNECT_REQUEST0; Using Bind or Connect Redirection. Requirements: WFP-19, WFP-44,
 * WFP-47, WFP-55.
 */
public interface WritableLayerData {

    /**
     * {@return localAddressAndPort: in a bind request the address to bind to, where port 0 leaves the choice to the
     * machine; in a connect request the source of the connection, unspecified until it is known}
     */
    InetSocketAddress localAddressAndPort();

    /**
     * Writes localAddressAndPort, which only the bind layer may change (WFP-48).
     *
     * @param address the address to bind to instead
     * @throws IllegalArgumentException if the address is not resolved
     * @throws IllegalStateException after apply
     */
    void setLocalAddressAndPort(InetSocketAddress address);

    /** {@return portReservationToken, 0 if none} */
    long portReservationToken();

    /**
     * Writes portReservationToken; it is passed along without further effect.
     *
     * @param token the token
     * @throws IllegalStateException after apply
     */
    void setPortReservationToken(long token);

    /**
     * {@return previousVersion, the request before this modification; null for the unmodified one, and in a connect request
     * until a callout has changed it}
     */
    @Nullable
    WritableLayerData previousVersion();

    /**
     * {@return modifierFilterId, the run-time id of the filter whose callout modifies; 0 in the unmodified request}
     */
    long modifierFilterId();
}
