package io.github.wfpsim.net;

import io.github.wfpsim.abi.IpProtocol;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * Who talks to whom. Immutable.
 *
 * @param protocol transport protocol
 * @param local the near end
 * @param remote the far end
 */
public record FiveTuple(IpProtocol protocol, InetSocketAddress local, InetSocketAddress remote) {

    /**
     * Checks the values.
     *
     * @param protocol transport protocol
     * @param local the near end
     * @param remote the far end
     * @throws IllegalArgumentException if an address is not resolved
     */
    public FiveTuple {
        Objects.requireNonNull(protocol, "protocol must not be null: give IPPROTO_TCP or another");
        requireResolved(local, "local");
        requireResolved(remote, "remote");
    }

    /**
     * The same connection seen from the other end.
     *
     * @return a tuple with the ends exchanged
     */
    public FiveTuple reversed() {
        return new FiveTuple(protocol, remote, local);
    }

    @Override
    public String toString() {
        return protocol + " " + IpAddress.text(local) + " -> " + IpAddress.text(remote);
    }

    private static void requireResolved(InetSocketAddress address, String name) {
        if (address == null) {
            throw new NullPointerException(name + " must not be null: give an address and a port");
        }
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    name + " " + IpAddress.text(address) + " is not resolved: give an IP address");
        }
    }
}
