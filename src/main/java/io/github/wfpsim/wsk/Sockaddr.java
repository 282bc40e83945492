package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.AddressFamily;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
            throw new IllegalArgumentException("address " + address + " is not resolved: give an IP address");
        }
        boolean v6 = ip instanceof Inet6Address;
        ByteBuffer bytes = ByteBuffer.allocate(v6 ? SIZE_OF_SOCKADDR_IN6 : SIZE_OF_SOCKADDR_IN);
        bytes.order(ByteOrder.LITTLE_ENDIAN)
                .putShort(0, (short) AddressFamily.of(ip).code());
        bytes.order(ByteOrder.BIG_ENDIAN).putShort(PORT_OFFSET, (short) address.getPort());
        return bytes.put(v6 ? V6_OFFSET : V4_OFFSET, ip.getAddress());
    }

    /** Reads an address of a family from a size without sign; null if it is of another family, or cut. */
    static @Nullable InetSocketAddress read(ByteBuffer bytes, long size, AddressFamily family) {
        boolean v6 = family == AddressFamily.AF_INET6;
        int needed = v6 ? SIZE_OF_SOCKADDR_IN6 : SIZE_OF_SOCKADDR_IN;
        ByteBuffer view = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (Long.compareUnsigned(size, needed) < 0 || view.remaining() < needed || view.getShort(0) != family.code()) {
            return null;
        }
        byte[] ip = new byte[v6 ? V6_BYTES : V4_BYTES];
        view.get(v6 ? V6_OFFSET : V4_OFFSET, ip);
        int port = Short.toUnsignedInt(view.order(ByteOrder.BIG_ENDIAN).getShort(PORT_OFFSET));
        try {
            InetAddress read = v6 ? Inet6Address.getByAddress(null, ip, -1) : InetAddress.getByAddress(ip);
            return new InetSocketAddress(read, port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
