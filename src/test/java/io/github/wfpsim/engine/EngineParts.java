package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.IncomingValues;

/** Parts that only the engine makes, for the tests of what users see of it. */
public final class EngineParts {

    private EngineParts() {}

    /** A second copy of a request that a callout has acquired. */
    public static ConnectRequest copyOf(ConnectRequest acquired, long filterId) {
        LentConnectRequest lent = (LentConnectRequest) acquired;
        return new LentConnectRequest(lent.turn(), new ConnectVersion(lent.version(), filterId));
    }

    /** The same values in a classification that is made again. */
    public static IncomingValues again(IncomingValues values, ReauthorizeReason reason) {
        return ((LentValues) values).asKnown().again(reason);
    }
}
