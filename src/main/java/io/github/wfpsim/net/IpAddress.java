package io.github.wfpsim.net;

import io.github.wfpsim.abi.AddressFamily;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;

/** What the simulator has to know about IP addresses, v4-mapped ones included. Stateless. */
public final class IpAddress {

    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int MAPPED_PREFIX_BYTES = 12;

    private static final String NO_ADDRESS = "address must not be null: give an address";
    private static final String NO_FAMILY = "family must not be null: give AF_INET or AF_INET6";

    private IpAddress() {}

    /**
     * Tells whether an address is loopback, v4-mapped loopback included.
     *
     * @param address any address
     * @return true for 127.0.0.0/8 and ::1
     */
    public static boolean isLoopback(InetAddress address) {
        return unmap(Objects.requireNonNull(address, NO_ADDRESS)).isLoopbackAddress();
    }

    /**
     * The unspecified address of a family.
     *
     * @param family IPv4 or IPv6
     * @return 0.0.0.0 or ::
     */
    public static InetAddress wildcard(AddressFamily family) {
        return Objects.requireNonNull(family, NO_FAMILY) == AddressFamily.AF_INET
                ? of(new byte[V4_BYTES])
                : of(new byte[V6_BYTES]);
    }

    /**
     * The loopback address of a family.
     *
     * @param family IPv4 or IPv6
     * @return 127.0.0.1 or ::1
     */
    public static InetAddress loopback(AddressFamily family) {
        if (Objects.requireNonNull(family, NO_FAMILY) == AddressFamily.AF_INET) {
            return of(new byte[] {127, 0, 0, 1});
        }
        byte[] one = new byte[V6_BYTES];
        one[V6_BYTES - 1] = 1;
        return of(one);
    }

    /**
     * Writes an IPv4 address the way a dual-stack socket shows it.
     *
     * @param address address and port
     * @return ::ffff:a.b.c.d with the port; an IPv6 address as it is
     */
    public static InetSocketAddress toV4Mapped(InetSocketAddress address) {
        if (!(Objects.requireNonNull(address, NO_ADDRESS).getAddress() instanceof Inet4Address v4)) {
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
        if (!(Objects.requireNonNull(address, NO_ADDRESS) instanceof Inet6Address v6)) {
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
        InetAddress plain = unmap(Objects.requireNonNull(address, NO_ADDRESS).getAddress());
        return plain.equals(address.getAddress()) ? address : new InetSocketAddress(plain, address.getPort());
    }

    /**
     * Writes an address the way Windows tools do.
     *
     * @param address address and port
     * @return such as 192.0.2.2:80 or [2001:db8::2]:80
     */
    public static String text(InetSocketAddress address) {
        Objects.requireNonNull(address, NO_ADDRESS);
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 and 16 bytes are addresses", impossible);
        }
    }
}
