package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.engine.NetView;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.NetInterface;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The addresses of one machine. Loopback always belongs to it. */
public final class LocalAddresses implements NetView {

    /** Loopback has index 1. */
    private static final int FIRST_INDEX = 2;

    private final List<InetAddress> addresses;

    /** In the order of the addresses. */
    private final List<NetInterface> interfaces;

    /** Gives each address an interface of its own, but for those that name one. */
    public LocalAddresses(List<InetAddress> addresses, Map<InetAddress, NetInterface> named) {
        this.addresses = List.copyOf(addresses);
        this.interfaces = IntStream.range(0, addresses.size())
                .mapToObj(i -> named.getOrDefault(addresses.get(i), NetInterface.ethernet(FIRST_INDEX + i)))
                .toList();
    }

    @Override
    public NetInterface interfaceOf(InetAddress address) {
        InetAddress plain = IpAddress.unmap(address);
        int place = addresses.indexOf(plain);
        if (place >= 0) {
            return interfaces.get(place);
        }
        return IpAddress.isLoopback(plain) ? NetInterface.LOOPBACK : NetInterface.UNSPECIFIED;
    }

    @Override
    public boolean hasInterface(long luid) {
        return luid == NetInterface.LOOPBACK.luid()
                || luid == NetInterface.UNSPECIFIED.luid()
                || interfaces.stream().anyMatch(one -> one.luid() == luid);
    }

    public List<InetAddress> all() {
        return addresses;
    }

    /** Whether a connection to an address stays on the machine. */
    @Override
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
