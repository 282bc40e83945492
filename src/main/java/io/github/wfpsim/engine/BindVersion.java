package io.github.wfpsim.engine;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One version of a bind request (WFP-44, WFP-47). */
final class BindVersion extends RequestVersion {

    private final @Nullable BindVersion before;

    /** The request as the application made it. */
    BindVersion(InetSocketAddress local) {
        super(local);
        this.before = null;
    }

    /** A private copy for a callout that is about to change it. */
    BindVersion(BindVersion before, long modifierFilterId) {
        super(before, modifierFilterId);
        this.before = before;
    }

    /** The version that this one was copied from; null for the application's own. */
    @Nullable
    BindVersion before() {
        return before;
    }

    /** Whether a callout asked for anything but what stood before. */
    boolean isModified() {
        BindVersion copied = before;
        return copied != null
                && (!localAddressAndPort().equals(copied.localAddressAndPort())
                        || portReservationToken() != copied.portReservationToken());
    }

    @Override
    String kind() {
        return "bind request";
    }
}
