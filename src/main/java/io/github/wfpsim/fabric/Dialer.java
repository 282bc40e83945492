package io.github.wfpsim.fabric;

import java.io.IOException;

/**
 * Who offers a connection, and hears what became of it. Exactly one method is called, once, on the thread that offers or
 * later on another one.
 */
public interface Dialer {

    /**
     * The connection was let in.
     *
     * @param connection to be confirmed or abandoned
     */
    void letIn(InboundConnection connection);

    /**
     * The connection was not let in.
     *
     * @param why {@link java.net.ConnectException} if nobody accepts it, {@link java.net.NoRouteToHostException} if
     *     nobody has the address, another exception if it cannot be made
     */
    void refuse(IOException why);
}
