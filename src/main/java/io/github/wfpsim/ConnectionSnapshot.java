package io.github.wfpsim;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.stack.Endpoint;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection, or another socket of the machine, as it was at some moment. Immutable.
 *
 * <p>Requirements: REC-01, REC-16, WFP-20, WFP-54, WFP-67.
 *
 * @param endpoint handle of the socket; flows of a datagram socket have that of their socket
 * @param parentEndpoint handle of the listener that it came from; 0 if none
 * @param lineage equal for all connections that records tie together
 * @param process the owner, System for a socket of a driver
 * @param protocol transport protocol
 * @param state what is going on
 * @param local local address
 * @param remote the peer as the owner sees it; null if not connected
 * @param effectiveRemote where the bytes really go; null if not connected
 * @param inheritedChain the records that SET installed, oldest first
 * @param heldBy the callout that an operation on it waits for, in words: layer, filter, callout, driver and how long;
 *     null if none does
 * @param redirectChain the records of the redirected connection whose end this is, oldest first
 */
public record ConnectionSnapshot(
        long endpoint,
        long parentEndpoint,
        long lineage,
        SimProcess process,
        IpProtocol protocol,
        ConnectionState state,
        InetSocketAddress local,
        @Nullable InetSocketAddress remote,
        @Nullable InetSocketAddress effectiveRemote,
        @Nullable String heldBy,
        List<RedirectRecord> inheritedChain,
        List<RedirectRecord> redirectChain) {

    static ConnectionSnapshot of(Endpoint endpoint, SimProcess process) {
        return new ConnectionSnapshot(
                endpoint.socketHandle(),
                endpoint.parentHandle(),
                endpoint.lineage(),
                process,
                endpoint.protocol(),
                endpoint.state(),
                endpoint.local(),
                endpoint.remote(),
                endpoint.effectiveRemote(),
                endpoint.heldBy(),
                endpoint.inherited().records(),
                endpoint.redirectChain().records());
    }
}
