package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.trace.Subject;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the engine is asked about a connection at one layer. Made by the stack.
 *
 * @param values the fixed values
 * @param subject whose connection it is, for the trace
 * @param transportEndpoint handle of the endpoint, which stays the same as long as it lives
 * @param flowId number of the flow, which contexts are tied to; the endpoint's own handle for TCP
 * @param parentEndpoint handle of the parent endpoint, 0 if none
 * @param redirected how the connection was redirected, for the authorization of its new destination; else null
 * @param connect what CONNECT_REDIRECT has to know; null at other layers
 */
public record Question(
        FixedValues values,
        Subject subject,
        long transportEndpoint,
        long flowId,
        long parentEndpoint,
        @Nullable Redirected redirected,
        @Nullable Connect connect) {

    /**
     * Makes the same question again.
     *
     * @param reason why
     * @return the question with IS_REAUTHORIZE and the reason
     */
    public Question again(ReauthorizeReason reason) {
        return new Question(
                values.again(reason), subject, transportEndpoint, flowId, parentEndpoint, redirected, connect);
    }

    /**
     * A redirect that has been applied.
     *
     * @param targetPid the process that it named
     * @param originalDestination the address that the application asked for
     */
    public record Redirected(int targetPid, InetSocketAddress originalDestination) {}

    /**
     * What a new redirect record is made of, besides what the callout writes.
     *
     * @param inherited the chain that SET installed; empty if none
     * @param lineage what ties connections together
     * @param hopDepth how many redirects deep a redirect of this connection is
     */
    public record Connect(RedirectChain inherited, long lineage, int hopDepth) {}
}
