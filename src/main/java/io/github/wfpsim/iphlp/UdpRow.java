package io.github.wfpsim.iphlp;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * One UDP endpoint, as MIB_UDPROW_OWNER_PID and MIB_UDP6ROW_OWNER_PID tell of it. Immutable.
 *
 * <p>Source: MIB_UDPROW_OWNER_PID structure; MIB_UDP6ROW_OWNER_PID structure (SDK). Requirements: IPH-05.
 *
 * @param local local address
 * @param owningPid id of the process that made the socket
 */
public record UdpRow(InetSocketAddress local, int owningPid) {

    /**
     * Checks that nothing is missing.
     *
     * @param local local address
     * @param owningPid id of the process that made the socket
     */
    public UdpRow {
        Objects.requireNonNull(local, "local must not be null: give the local address");
    }
}
