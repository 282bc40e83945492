package io.github.wfpsim.net;

import io.github.wfpsim.abi.AddressFamily;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;

/**
 * Socket addresses as bytes: SOCKADDR_IN of 16 and SOCKADDR_IN6 of 28 bytes, with port and address in network order.
 *
 * <p>Source: SOCKADDR_IN; SOCKADDR_IN6 (WDK). Requirement: WSKS-30.
 */
public final class Sockaddr {

    /** sizeof(SOCKADDR_IN). */
    public static final int SIZE_OF_SOCKADDR_IN = 16;

    /** sizeof(SOCKADDR_IN6). */
    public static final int SIZE_OF_SOCKADDR_IN6 = 28;

    private static final int PORT_OFFSET = 2;
    private static final int V4_OFFSET = 4;
    private static final int V6_OFFSET = 8;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;

    private Sockaddr() {}

    /**
     * Writes an address into new memory.
     *
     * @param address the address
     * @return 16 or 28 bytes, at position 0
     * @throws IllegalArgumentException if it is not resolved
     */
    public static ByteBuffer bytesOf(InetSocketAddress address) {
        Objects.requireNonNull(address, "address must not be null: give the address to write");
        InetAddress ip = address.getAddress();
        if (ip == null) {
            throw new IllegalArgumentException(
                    "address " + IpAddress.text(address) + " is not resolved: give an IP address");
        }
        boolean v6 = ip instanceof Inet6Address;
        ByteBuffer bytes = ByteBuffer.allocate(v6 ? SIZE_OF_SOCKADDR_IN6 : SIZE_OF_SOCKADDR_IN);
        bytes.order(ByteOrder.LITTLE_ENDIAN)
                .putShort(0, (short) AddressFamily.of(ip).code());
        bytes.order(ByteOrder.BIG_ENDIAN).putShort(PORT_OFFSET, (short) address.getPort());
        return bytes.put(v6 ? V6_OFFSET : V4_OFFSET, ip.getAddress());
    }

    /**
     * Reads an address, as {@link #bytesOf} writes it.
     *
     * @param bytes from its position on, which does not move
     * @return the address; empty if the family is neither AF_INET nor AF_INET6, or the structure is cut
     */
    public static Optional<InetSocketAddress> addressIn(ByteBuffer bytes) {
        Objects.requireNonNull(bytes, "bytes must not be null: give a SOCKADDR_IN or SOCKADDR_IN6");
        ByteBuffer view = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (view.remaining() < SIZE_OF_SOCKADDR_IN) {
            return Optional.empty();
        }
        int family = view.getShort(0);
        boolean v6 = family == AddressFamily.AF_INET6.code();
        boolean known = v6 || family == AddressFamily.AF_INET.code();
        return known && view.remaining() >= (v6 ? SIZE_OF_SOCKADDR_IN6 : SIZE_OF_SOCKADDR_IN)
                ? Optional.of(read(view.order(ByteOrder.BIG_ENDIAN), v6))
                : Optional.empty();
    }

    private static InetSocketAddress read(ByteBuffer view, boolean v6) {
        byte[] ip = new byte[v6 ? V6_BYTES : V4_BYTES];
        view.get(v6 ? V6_OFFSET : V4_OFFSET, ip);
        int port = Short.toUnsignedInt(view.getShort(PORT_OFFSET));
        try {
            InetAddress address = v6 ? Inet6Address.getByAddress(null, ip, -1) : InetAddress.getByAddress(ip);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
