package io.github.wfpsim.net;

import java.io.IOException;

/** A machine on a network. */
@FunctionalInterface
public interface NetworkNode {

    /**
     * Offers a connection to the machine, on the dialler's thread.
     *
     * @param asSeenByReceiver the connection, the machine's own address as local
     * @return the connection, let in
     * @throws java.net.ConnectException if nobody accepts it
     * @throws IOException if it cannot be made
     */
    InboundConnection offer(FiveTuple asSeenByReceiver) throws IOException;
}
