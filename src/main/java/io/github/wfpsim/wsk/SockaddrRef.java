package io.github.wfpsim.wsk;

import java.net.InetSocketAddress;

/** An address in memory of WSK, PSOCKADDR: valid only during the callback that it was given to (WSKS-15). */
public interface SockaddrRef {

    /**
     * {@return the address}
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} after the callback
     */
    InetSocketAddress read();
}
