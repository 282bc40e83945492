package io.github.wfpsim.iphlp;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.OutUlong;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables of all endpoints of the machine, whoever asks. Each call looks at them as they are then. Safe for use by many
 * threads.
 *
 * <p>A TCP endpoint has a row once it listens or begins to connect, with state LISTEN, SYN_SENT, ESTAB, or CLOSE_WAIT once
 * the peer has ended its direction; a UDP socket once it is bound. The row stands in the table of the family that its local
 * address has: traffic over IPv4 of a dual-stack socket in that of IPv4.
 *
 * <p>The client of a redirected connection is found so: the proxy's accepted socket has the client's address as its peer, and
 * the row with that local address tells the client's process, and as remote address where it wanted to go (IPH-04).
 *
 * <p>Source: GetExtendedTcpTable function; GetExtendedUdpTable function (SDK). Requirements: IPH-01 to IPH-06.
 */
public interface Iphlpapi {

    /**
     * Stores a table of TCP endpoints (GetExtendedTcpTable function; IPH-01 to IPH-04). <b>Simulated</b> for the basic and
     * the owner classes; those with modules are <b>rejected</b>.
     *
     * <p>The memory holds dwNumEntries and the rows of MIB_TCPTABLE, MIB_TCPTABLE_OWNER_PID or MIB_TCP6TABLE_OWNER_PID:
     * DWORDs in little-endian order, addresses and ports in network byte order.
     *
     * @param pTcpTable receives the table from its position on, which does not move; null to ask for the size
     * @param pdwSize holds the size of the memory, and receives that of the table
     * @param bOrder whether the rows are sorted: by local address, local port, remote address, remote port
     * @param ulAf address family, see {@link AddressFamily#code()}
     * @param tableClass which endpoints and rows, see {@link TcpTableClass#code()}
     * @param reserved 0
     * @return 0, or {@code ERROR_INSUFFICIENT_BUFFER} (122) for null and for a size that is too small; {@code
     *     ERROR_INVALID_PARAMETER} (87) without pdwSize, for unknown families and classes, and for a reserved value; {@code
     *     ERROR_NOT_SUPPORTED} (50) for basic classes of AF_INET6 and for modules; {@code ERROR_NOACCESS} (998) for memory
     *     that is read-only or shorter than said
     */
    int getExtendedTcpTable(
            @Nullable ByteBuffer pTcpTable,
            @Nullable OutUlong pdwSize,
            boolean bOrder,
            int ulAf,
            int tableClass,
            int reserved);

    /**
     * Stores a table of UDP endpoints (GetExtendedUdpTable function; IPH-01, IPH-02, IPH-05). <b>Simulated</b> but for
     * modules, which are <b>rejected</b>.
     *
     * @param pUdpTable receives MIB_UDPTABLE, MIB_UDPTABLE_OWNER_PID, or the table of that name for IPv6
     * @param pdwSize holds the size of the memory, and receives that of the table
     * @param bOrder whether the rows are sorted: by local address, local port
     * @param ulAf address family, see {@link AddressFamily#code()}
     * @param tableClass which rows, see {@link UdpTableClass#code()}
     * @param reserved 0
     * @return as for {@link #getExtendedTcpTable}, but basic classes are there for both families
     */
    int getExtendedUdpTable(
            @Nullable ByteBuffer pUdpTable,
            @Nullable OutUlong pdwSize,
            boolean bOrder,
            int ulAf,
            int tableClass,
            int reserved);

    /**
     * Lists TCP endpoints.
     *
     * @param family the address family
     * @param tableClass listeners, connections or both; rows always tell the owner
     * @return the rows, sorted as above
     */
    List<TcpRow> tcpTable(AddressFamily family, TcpTableClass tableClass);

    /**
     * Lists UDP endpoints.
     *
     * @param family the address family
     * @return the rows, sorted as above
     */
    List<UdpRow> udpTable(AddressFamily family);
}
