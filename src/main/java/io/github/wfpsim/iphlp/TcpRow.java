package io.github.wfpsim.iphlp;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * One TCP endpoint, as MIB_TCPROW_OWNER_PID and MIB_TCP6ROW_OWNER_PID tell of it. Immutable.
 *
 * <p>Source: MIB_TCPROW_OWNER_PID structure; MIB_TCP6ROW_OWNER_PID structure (SDK). Requirements: IPH-03, IPH-04.
 *
 * @param state what is going on
 * @param local local address
 * @param remote the peer as the owner sees it: of a redirected client the destination that it asked for, of a proxy the
 *     client; unspecified with port 0 for a listener
 * @param owningPid id of the process that made the socket, or accepted it
 */
public record TcpRow(MibTcpState state, InetSocketAddress local, InetSocketAddress remote, int owningPid) {

    /**
     * Checks that nothing is missing.
     *
     * @param state what is going on
     * @param local local address
     * @param remote the peer as the owner sees it
     * @param owningPid id of the process that made the socket, or accepted it
     */
    public TcpRow {
        Objects.requireNonNull(state, "state must not be null: give MIB_TCP_STATE_ESTAB or another");
        Objects.requireNonNull(local, "local must not be null: give the local address");
        Objects.requireNonNull(remote, "remote must not be null: a listener's is unspecified with port 0");
    }
}
