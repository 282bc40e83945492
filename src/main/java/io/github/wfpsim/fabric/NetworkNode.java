package io.github.wfpsim.fabric;

import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.FiveTuple;

/** A machine on a network. */
@FunctionalInterface
public interface NetworkNode {

    /**
     * Offers a connection to the machine, on the dialler's thread.
     *
     * @param asSeenByReceiver the connection, the machine's own address as local
     * @param dialer hears whether it is let in, at once or later
     */
    void offer(FiveTuple asSeenByReceiver, Dialer dialer);

    /**
     * Hands a datagram to the machine, on the sender's thread.
     *
     * @param datagram a packet to one of its addresses
     * @return false if no socket is there to take it: an ICMP port unreachable message to the sender
     */
    default boolean deliver(Datagram datagram) {
        return false;
    }
}
