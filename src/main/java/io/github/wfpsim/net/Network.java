package io.github.wfpsim.net;

import java.net.InetSocketAddress;

/**
 * What machines and plain remote servers meet on. Each machine has one of its own, unless it is given one of
 * {@code WfpSim.openNetwork()}. Not implemented by users. Safe for use by many threads; look-ups take no lock.
 *
 * <p>A connection goes to the server or bridge at exactly its address and port, else to the machine that has the
 * address; a datagram likewise to the UDP socket or machine.
 */
public interface Network extends AutoCloseable {

    /**
     * Starts a plain remote server.
     *
     * @param address where it listens
     * @return the server
     * @throws IllegalArgumentException for loopback, which each machine keeps to itself, and for broadcast and multicast
     *     addresses
     * @throws IllegalStateException if something listens there
     */
    RemoteServer listen(InetSocketAddress address);

    /**
     * Opens a UDP socket of some other machine, such as a DNS server's.
     *
     * @param address where it is
     * @return the socket
     * @throws IllegalArgumentException for loopback, which each machine keeps to itself, and for broadcast and multicast
     *     addresses
     * @throws IllegalStateException if another one is there
     */
    RemoteDatagramSocket datagramSocket(InetSocketAddress address);

    /**
     * Leads a simulated address to a real TCP port on this computer's loopback.
     *
     * @param simulated the address that machines connect to
     * @param realLoopback where a real server listens
     * @return the bridge
     * @throws IllegalArgumentException if the real address is not loopback, or the simulated one is, or a broadcast or
     *     multicast address
     * @throws IllegalStateException if something listens at the simulated address
     */
    Bridge bridge(InetSocketAddress simulated, InetSocketAddress realLoopback);

    /**
     * Closes every server, bridge and UDP socket. A second call does nothing.
     *
     * @throws IllegalStateException if a function that answers for a server of {@code WfpSim.serve} threw after that machine
     *     was closed
     */
    @Override
    void close();
}
