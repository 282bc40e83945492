package io.github.wfpsim.engine;

import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * One version of a request: the application's, which never changes, or the private copy of a callout that edits it. Callouts
 * see it through a {@link LentRequest}.
 */
abstract sealed class RequestVersion permits BindVersion, ConnectVersion {

    private InetSocketAddress localAddressAndPort;
    private long portReservationToken;
    private final long modifierFilterId;
    private boolean frozen;

    /** The request as the application made it. */
    RequestVersion(InetSocketAddress local) {
        this.localAddressAndPort = local;
        this.modifierFilterId = 0;
        this.frozen = true;
    }

    /** A private copy for a callout that is about to change it. */
    RequestVersion(RequestVersion previous, long modifierFilterId) {
        this.localAddressAndPort = previous.localAddressAndPort;
        this.portReservationToken = previous.portReservationToken;
        this.modifierFilterId = modifierFilterId;
    }

    final InetSocketAddress localAddressAndPort() {
        return localAddressAndPort;
    }

    final void setLocalAddressAndPort(InetSocketAddress address) {
        requireThawed();
        this.localAddressAndPort = requireResolved(address);
    }

    /** Takes an edit back, also after apply. */
    final void restoreLocal(InetSocketAddress address) {
        this.localAddressAndPort = address;
    }

    final long portReservationToken() {
        return portReservationToken;
    }

    final void setPortReservationToken(long token) {
        requireThawed();
        this.portReservationToken = token;
    }

    final long modifierFilterId() {
        return modifierFilterId;
    }

    final void freeze() {
        frozen = true;
    }

    final boolean isFrozen() {
        return frozen;
    }

    final void requireThawed() {
        if (frozen) {
            throw new IllegalStateException("the " + kind() + " is frozen: edit it between "
                    + "FwpsAcquireWritableLayerDataPointer0 and FwpsApplyModifiedLayerData0");
        }
    }

    /** What a report calls it. */
    abstract String kind();

    /** An address that can be connected or bound to: an unresolved one has no family. */
    static InetSocketAddress requireResolved(InetSocketAddress address) {
        Objects.requireNonNull(address, "address must not be null: give an address and a port");
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(IpAddress.text(address) + " is not resolved: give an IP address");
        }
        return address;
    }
}
