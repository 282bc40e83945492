package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.net.IpAddress;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The addresses of one machine. Loopback always belongs to it. */
public final class LocalAddresses {

    private final List<InetAddress> addresses;

    public LocalAddresses(List<InetAddress> addresses) {
        this.addresses = List.copyOf(addresses);
    }

    public List<InetAddress> all() {
        return addresses;
    }

    /** Whether a connection to an address stays on the machine. */
    public boolean contains(InetAddress address) {
        InetAddress plain = IpAddress.unmap(address);
        return IpAddress.isLoopback(plain) || addresses.contains(plain);
    }

    /** The source that a connection to a destination gets if the socket did not choose one; null without a route. */
    @Nullable
    InetAddress sourceFor(InetAddress destination) {
        if (contains(destination)) {
            return IpAddress.isLoopback(destination) ? IpAddress.loopback(AddressFamily.of(destination)) : destination;
        }
        for (InetAddress address : addresses) {
            if (AddressFamily.of(address) == AddressFamily.of(destination)) {
                return address;
            }
        }
        return null;
    }
}
