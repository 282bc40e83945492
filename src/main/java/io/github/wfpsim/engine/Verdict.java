package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.chain.RedirectChain;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The engine's answer to a {@link Question}. Immutable.
 *
 * @param action FWP_ACTION_PERMIT or FWP_ACTION_BLOCK
 * @param local the local address to use, if a bind request was changed or a connect request under the
 *     deviation LOCAL_ADDRESS_AT_CONNECT_APPLIED_TO_TCP; else null
 * @param redirect what a connect redirect led to; null if the connection was not redirected
 * @param refused true if an incomplete redirect refuses the connection
 */
public record Verdict(
        ActionType action,
        @Nullable InetSocketAddress local,
        @Nullable Redirect redirect,
        boolean refused) {

    private static final Verdict PERMITTED = new Verdict(ActionType.FWP_ACTION_PERMIT, null, null, false);
    private static final Verdict BLOCKED = new Verdict(ActionType.FWP_ACTION_BLOCK, null, null, false);

    /**
     * A redirect that took effect.
     *
     * @param remote the new destination
     * @param driver name of the driver that redirected last
     * @param targetPid the process that it named; 0 if none
     * @param chain the inherited chain and the records that this connection's redirects added
     * @param ownRecords ids of the records that this connection itself added, whose contexts live with it
     * @param local true if the new destination is on this machine, so that its acceptor can query records
     */
    public record Redirect(
            InetSocketAddress remote,
            String driver,
            int targetPid,
            RedirectChain chain,
            List<Long> ownRecords,
            boolean local) {}

    /**
     * An answer without any change.
     *
     * @param action FWP_ACTION_PERMIT or FWP_ACTION_BLOCK
     * @return the answer
     */
    public static Verdict unchanged(ActionType action) {
        return action == ActionType.FWP_ACTION_BLOCK ? BLOCKED : PERMITTED;
    }

    /** {@return whether the connection may go on, not blocked} */
    public boolean isPermitted() {
        return action == ActionType.FWP_ACTION_PERMIT;
    }
}
