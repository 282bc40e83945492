package io.github.wfpsim.net;

import io.github.wfpsim.abi.AddressFamily;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What the simulator has to know about IP addresses, v4-mapped ones included. Stateless. */
public final class IpAddress {

    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int MAPPED_PREFIX_BYTES = 12;
    private static final Pattern ZERO_GROUPS = Pattern.compile("(?<![0-9a-f])0(?::0)+(?![0-9a-f])");

    private static final InetAddress WILDCARD_V4 = of(new byte[V4_BYTES]);
    private static final InetAddress WILDCARD_V6 = of(new byte[V6_BYTES]);
    private static final InetAddress LIMITED_BROADCAST = of(new byte[] {-1, -1, -1, -1});
    private static final InetAddress LOOPBACK_V4 = of(new byte[] {127, 0, 0, 1});
    private static final InetAddress LOOPBACK_V6 = of(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    private static final InetSocketAddress UNSPECIFIED_V4 = new InetSocketAddress(WILDCARD_V4, 0);
    private static final InetSocketAddress UNSPECIFIED_V6 = new InetSocketAddress(WILDCARD_V6, 0);

    private IpAddress() {}

    /**
     * Tells whether an address is loopback, v4-mapped loopback included.
     *
     * @param address any address
     * @return true for 127.0.0.0/8 and ::1
     */
    public static boolean isLoopback(InetAddress address) {
        return unmap(requireAddress(address)).isLoopbackAddress();
    }

    /**
     * Tells whether an address stands for several machines, v4-mapped ones included.
     *
     * @param address any address
     * @return true for multicast addresses of both families and for 255.255.255.255
     */
    public static boolean isBroadcastOrMulticast(InetAddress address) {
        InetAddress plain = unmap(requireAddress(address));
        return plain.isMulticastAddress() || plain.equals(LIMITED_BROADCAST);
    }

    /**
     * The unspecified address of a family.
     *
     * @param family IPv4 or IPv6
     * @return 0.0.0.0 or ::
     */
    public static InetAddress wildcard(AddressFamily family) {
        requireFamily(family);
        return family == AddressFamily.AF_INET ? WILDCARD_V4 : WILDCARD_V6;
    }

    /**
     * What a socket that has no address shows: the wildcard address with port 0.
     *
     * @param family IPv4 or IPv6
     * @return 0.0.0.0:0 or [::]:0
     */
    public static InetSocketAddress unspecified(AddressFamily family) {
        requireFamily(family);
        return family == AddressFamily.AF_INET ? UNSPECIFIED_V4 : UNSPECIFIED_V6;
    }

    /**
     * The loopback address of a family.
     *
     * @param family IPv4 or IPv6
     * @return 127.0.0.1 or ::1
     */
    public static InetAddress loopback(AddressFamily family) {
        requireFamily(family);
        return family == AddressFamily.AF_INET ? LOOPBACK_V4 : LOOPBACK_V6;
    }

    /**
     * Writes an IPv4 address the way a dual-stack socket shows it.
     *
     * @param address address and port
     * @return ::ffff:a.b.c.d with the port; an IPv6 address as it is
     */
    public static InetSocketAddress toV4Mapped(InetSocketAddress address) {
        if (!(requireResolved(address).getAddress() instanceof Inet4Address v4)) {
            return address;
        }
        byte[] mapped = new byte[V6_BYTES];
        mapped[10] = (byte) 0xFF;
        mapped[11] = (byte) 0xFF;
        System.arraycopy(v4.getAddress(), 0, mapped, MAPPED_PREFIX_BYTES, V4_BYTES);
        try {
            // The factory with a scope is the one that keeps the mapped form.
            return new InetSocketAddress(Inet6Address.getByAddress(null, mapped, -1), address.getPort());
        } catch (UnknownHostException impossible) {
            throw new AssertionError("16 bytes are an IPv6 address", impossible);
        }
    }

    /**
     * Undoes {@link #toV4Mapped}.
     *
     * @param address any address
     * @return the IPv4 address inside a v4-mapped one; others as they are
     */
    public static InetAddress unmap(InetAddress address) {
        if (!(requireAddress(address) instanceof Inet6Address v6)) {
            return address;
        }
        byte[] bytes = v6.getAddress();
        boolean mapped = bytes[10] == (byte) 0xFF && bytes[11] == (byte) 0xFF;
        for (int i = 0; mapped && i < 10; i++) {
            mapped = bytes[i] == 0;
        }
        return mapped ? of(Arrays.copyOfRange(bytes, MAPPED_PREFIX_BYTES, V6_BYTES)) : address;
    }

    /**
     * Undoes {@link #toV4Mapped} for an address with port.
     *
     * @param address any address
     * @return the same port with the plain address
     */
    public static InetSocketAddress unmap(InetSocketAddress address) {
        InetAddress plain = unmap(requireResolved(address).getAddress());
        return plain.equals(address.getAddress()) ? address : new InetSocketAddress(plain, address.getPort());
    }

    /**
     * Reads an address with a port, as {@link #text} writes it. Names are not looked up.
     *
     * @param text such as 203.0.113.10:80 or [2001:db8::10]:80; a v4-mapped address is read as the IPv4 address in it
     * @return address and port
     * @throws IllegalArgumentException if it is none; the message says what to write
     */
    public static InetSocketAddress parse(String text) {
        return AddressText.withPort(text);
    }

    /**
     * Reads an address without a port. Names are not looked up.
     *
     * @param text such as 203.0.113.10 or 2001:db8::10; a v4-mapped address is read as the IPv4 address in it
     * @return the address
     * @throws IllegalArgumentException if it is none; the message says what to write
     */
    public static InetAddress parseHost(String text) {
        return AddressText.alone(text);
    }

    /**
     * Writes an address the way Windows tools do.
     *
     * @param address address and port
     * @return such as 192.0.2.2:80 or [2001:db8::2]:80; host.example:80 if it is not resolved
     */
    public static String text(InetSocketAddress address) {
        Objects.requireNonNull(address, "address must not be null: give an address and a port");
        InetAddress host = address.getAddress();
        String text = host instanceof Inet6Address v6
                ? "[" + shortText(v6) + "]"
                : host == null ? address.getHostString() : host.getHostAddress();
        return text + ":" + address.getPort();
    }

    /**
     * Writes an address without a port the way Windows tools do, for {@link #parseHost} to read.
     *
     * @param address the address
     * @return such as 192.0.2.2 or 2001:db8::2
     */
    public static String hostText(InetAddress address) {
        return requireAddress(address) instanceof Inet6Address v6 ? shortText(v6) : address.getHostAddress();
    }

    private static String shortText(Inet6Address address) {
        InetAddress inside = unmap(address);
        if (inside instanceof Inet4Address) {
            return "::ffff:" + inside.getHostAddress();
        }
        String full = address.getHostAddress();
        int scope = full.indexOf('%');
        String groups = scope < 0 ? full : full.substring(0, scope);
        return withoutLongestZeros(groups) + full.substring(groups.length());
    }

    private static String withoutLongestZeros(String groups) {
        MatchResult longest = ZERO_GROUPS
                .matcher(groups)
                .results()
                .reduce((one, next) -> next.end() - next.start() > one.end() - one.start() ? next : one)
                .orElse(null);
        if (longest == null) {
            return groups;
        }
        String before = groups.substring(0, longest.start());
        String after = groups.substring(longest.end());
        return (before.isEmpty() ? ":" : before) + (after.isEmpty() ? ":" : after);
    }

    private static InetAddress requireAddress(InetAddress address) {
        return Objects.requireNonNull(address, "address must not be null: give an IP address");
    }

    private static void requireFamily(AddressFamily family) {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
    }

    private static InetSocketAddress requireResolved(InetSocketAddress address) {
        Objects.requireNonNull(address, "address must not be null: give an address and a port");
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(text(address) + " is not resolved: give an IP address");
        }
        return address;
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 and 16 bytes are addresses", impossible);
        }
    }
}
