package io.github.wfpsim.wfp;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The writable layer data of BIND_REDIRECT, FWPS_BIND_REQUEST0. Mutable from acquire to apply, then frozen; used by one
 * thread at a time.
 *
 * <p>Source: FWPS_BIND_REQUEST0; Using Bind or Connect Redirection. Requirements: WFP-44, WFP-47, WFP-55.
 */
public final class BindRequest {

    private InetSocketAddress localAddressAndPort;
    private long portReservationToken;
    private final @Nullable BindRequest previousVersion;
    private final long modifierFilterId;
    private boolean frozen;

    BindRequest(InetSocketAddress local) {
        this.localAddressAndPort = local;
        this.previousVersion = null;
        this.modifierFilterId = 0;
        this.frozen = true;
    }

    BindRequest(BindRequest previous, long modifierFilterId) {
        this.localAddressAndPort = previous.localAddressAndPort;
        this.portReservationToken = previous.portReservationToken;
        this.previousVersion = previous;
        this.modifierFilterId = modifierFilterId;
    }

    /**
     * Reads localAddressAndPort.
     *
     * @return the address to bind to; port 0 leaves the choice to the machine
     */
    public InetSocketAddress localAddressAndPort() {
        return localAddressAndPort;
    }

    /**
     * Writes localAddressAndPort.
     *
     * @param address the address to bind to instead
     * @throws IllegalArgumentException if the address is not resolved
     * @throws IllegalStateException after apply
     */
    public void setLocalAddressAndPort(InetSocketAddress address) {
        requireThawed();
        this.localAddressAndPort = ConnectRequest.requireResolved(address);
    }

    /**
     * Reads portReservationToken.
     *
     * @return the token, 0 if none
     */
    public long portReservationToken() {
        return portReservationToken;
    }

    /**
     * Writes portReservationToken; it is passed along without further effect.
     *
     * @param token the token
     * @throws IllegalStateException after apply
     */
    public void setPortReservationToken(long token) {
        requireThawed();
        this.portReservationToken = token;
    }

    /**
     * Reads previousVersion.
     *
     * @return the request before this modification; null for the unmodified one
     */
    public @Nullable BindRequest previousVersion() {
        return previousVersion;
    }

    /**
     * Reads modifierFilterId.
     *
     * @return run-time id of the filter whose callout modifies; 0 in the unmodified request
     */
    public long modifierFilterId() {
        return modifierFilterId;
    }

    void freeze() {
        frozen = true;
    }

    private void requireThawed() {
        if (frozen) {
            throw new IllegalStateException("the bind request is frozen: edit it between "
                    + "FwpsAcquireWritableLayerDataPointer0 and FwpsApplyModifiedLayerData0");
        }
    }
}
