package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.BindRequest;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One version of a bind request (WFP-44, WFP-47). */
final class BindVersion extends RequestVersion implements BindRequest {

    private final @Nullable BindVersion previousVersion;

    /** The request as the application made it. */
    BindVersion(InetSocketAddress local) {
        super(local);
        this.previousVersion = null;
    }

    /** A private copy for a callout that is about to change it. */
    BindVersion(BindVersion previous, long modifierFilterId) {
        super(previous, modifierFilterId);
        this.previousVersion = previous;
    }

    @Override
    public @Nullable BindVersion previousVersion() {
        return previousVersion;
    }

    @Override
    String kind() {
        return "bind request";
    }
}
