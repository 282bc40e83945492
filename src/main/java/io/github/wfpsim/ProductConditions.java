package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FilterCondition.Subnet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which connections a product is for. Conditions on one field are alternatives (WFP-21). Immutable.
 *
 * @param common conditions of every layer
 * @param destinations subnets, of which a layer knows those of its family; none for every destination
 */
record ProductConditions(List<FilterCondition> common, List<Subnet> destinations) {

    private static final int MAPPED_PREFIX_BITS = 96;

    static final ProductConditions EVERYTHING = new ProductConditions(List.of(), List.of());

    ProductConditions {
        common = List.copyOf(common);
        destinations = List.copyOf(destinations);
    }

    ProductConditions and(FilterCondition condition) {
        List<FilterCondition> more = new ArrayList<>(common);
        more.add(condition);
        return new ProductConditions(more, destinations);
    }

    ProductConditions and(IpProtocol protocol, int... remotePorts) {
        return and(FilterCondition.protocol(protocol)).toPorts(remotePorts);
    }

    ProductConditions toPorts(int... remotePorts) {
        ProductConditions all = this;
        for (int port : remotePorts) {
            if (port < 1 || port > 0xFFFF) {
                throw new IllegalArgumentException("a port is 1 to 65535 but was " + port);
            }
            all = all.and(FilterCondition.remotePort(port));
        }
        return all;
    }

    ProductConditions and(Subnet destination) {
        List<Subnet> more = new ArrayList<>(destinations);
        more.add(destination);
        return new ProductConditions(common, more);
    }

    /** Reads an address, with or without the length of a prefix. */
    static Subnet subnet(String text) {
        int slash = text.indexOf('/');
        InetAddress address = IpAddress.parseHost(slash < 0 ? text : text.substring(0, slash));
        int bits = address.getAddress().length * Byte.SIZE;
        return new Subnet(address, slash < 0 ? bits : length(text, text.substring(slash + 1)));
    }

    private static int length(String text, String digits) {
        if (!digits.matches("\\d{1,3}")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has no prefix length after the slash: write 203.0.113.0/24 or 2001:db8::/32");
        }
        return Integer.parseInt(digits);
    }

    /** The conditions at the layers of a family; null if it has none of the destinations. */
    @Nullable
    List<FilterCondition> at(AddressFamily family) {
        List<FilterCondition> here = new ArrayList<>(common);
        for (Subnet destination : destinations) {
            if (AddressFamily.of(destination.address()) == family) {
                here.add(FilterCondition.remoteSubnet(destination));
            } else if (family == AddressFamily.AF_INET6) {
                here.add(FilterCondition.remoteSubnet(mapped(destination)));
            }
        }
        return here.size() == common.size() && !destinations.isEmpty() ? null : here;
    }

    /** A dual-stack socket's IPv4 connection is asked about at the V6 layer, in v4-mapped addresses (WFP-06). */
    private static Subnet mapped(Subnet v4) {
        InetAddress address =
                IpAddress.toV4Mapped(new InetSocketAddress(v4.address(), 0)).getAddress();
        return new Subnet(address, MAPPED_PREFIX_BITS + v4.prefixLength());
    }
}
