package io.github.wfpsim.stack;

import io.github.wfpsim.abi.IpProtocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The five-tuple that a connect took, as it was then: routing chooses the source later.
 *
 * @param protocol transport protocol
 * @param local bound or unspecified address
 * @param port local port
 * @param peer the destination that was asked for
 */
record Claim(IpProtocol protocol, InetAddress local, int port, InetSocketAddress peer) {

    static Claim of(IpProtocol protocol, InetSocketAddress local, InetSocketAddress peer) {
        return new Claim(protocol, local.getAddress(), local.getPort(), peer);
    }

    InetSocketAddress localAddress() {
        return new InetSocketAddress(local, port);
    }
}
