package io.github.wfpsim.redirect;

import io.github.wfpsim.abi.AddressFamily;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * What a connection was before its redirect, and its encoding as a redirect context: two SOCKADDR_STORAGE of 128 bytes,
 * first the remote address that was asked for, then the local one. Immutable.
 *
 * <p>Windows knows no format of contexts; this one is what Microsoft's sample driver WFPSampler writes. Structures are
 * little-endian, ports and addresses in network order, the rest is zero.
 *
 * <p>Source: WFPSampler (sample); SOCKADDR_STORAGE. Requirement: REC-27.
 *
 * @param remote the destination that was asked for
 * @param local the address that the connection comes from, unspecified if it was not known yet
 */
public record OriginalDestination(InetSocketAddress remote, InetSocketAddress local) {

    /** Bytes of a context in this encoding. */
    public static final int ENCODED_BYTES = 256;

    /** sizeof(SOCKADDR_STORAGE). */
    private static final int STORAGE_BYTES = 128;

    private static final int PORT_OFFSET = 2;
    private static final int V4_OFFSET = 4;
    private static final int V6_OFFSET = 8;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;

    /**
     * Checks the addresses.
     *
     * @param remote the destination that was asked for
     * @param local the address that the connection comes from
     * @throws IllegalArgumentException if one is not resolved
     */
    public OriginalDestination {
        requireResolved(remote, "remote");
        requireResolved(local, "local");
    }

    /** {@return the context, of {@link #ENCODED_BYTES} bytes} */
    public byte[] encode() {
        byte[] context = new byte[ENCODED_BYTES];
        write(ByteBuffer.wrap(context, 0, STORAGE_BYTES), remote);
        write(ByteBuffer.wrap(context, STORAGE_BYTES, STORAGE_BYTES), local);
        return context;
    }

    /**
     * Reads a context.
     *
     * @param context what {@link #encode()} made, as the context query returns it
     * @return the addresses; v4-mapped ones as the IPv4 addresses in them
     * @throws IllegalArgumentException if it has another size, or holds no addresses
     */
    public static OriginalDestination decode(byte[] context) {
        Objects.requireNonNull(context, "context must not be null: give what the context query returned");
        if (context.length != ENCODED_BYTES) {
            throw new IllegalArgumentException("a context with the original destination has " + ENCODED_BYTES
                    + " bytes but this one has " + context.length + ": was it written by OriginalDestination.encode?");
        }
        return new OriginalDestination(
                read(ByteBuffer.wrap(context, 0, STORAGE_BYTES)),
                read(ByteBuffer.wrap(context, STORAGE_BYTES, STORAGE_BYTES)));
    }

    private static void write(ByteBuffer storage, InetSocketAddress address) {
        InetAddress host = address.getAddress();
        ByteBuffer bytes = storage.slice();
        bytes.order(ByteOrder.LITTLE_ENDIAN)
                .putShort(0, (short) AddressFamily.of(host).code());
        bytes.order(ByteOrder.BIG_ENDIAN).putShort(PORT_OFFSET, (short) address.getPort());
        bytes.put(host instanceof Inet6Address ? V6_OFFSET : V4_OFFSET, host.getAddress());
    }

    private static InetSocketAddress read(ByteBuffer storage) {
        ByteBuffer bytes = storage.slice().order(ByteOrder.LITTLE_ENDIAN);
        int family = Short.toUnsignedInt(bytes.getShort(0));
        boolean v6 = family == AddressFamily.AF_INET6.code();
        if (!v6 && family != AddressFamily.AF_INET.code()) {
            throw new IllegalArgumentException(
                    "the context holds address family " + family + ": was it written by OriginalDestination.encode?");
        }
        byte[] host = new byte[v6 ? V6_BYTES : V4_BYTES];
        bytes.get(v6 ? V6_OFFSET : V4_OFFSET, host);
        int port = Short.toUnsignedInt(bytes.order(ByteOrder.BIG_ENDIAN).getShort(PORT_OFFSET));
        try {
            return new InetSocketAddress(InetAddress.getByAddress(host), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 and 16 bytes are addresses", impossible);
        }
    }

    private static void requireResolved(InetSocketAddress address, String name) {
        Objects.requireNonNull(address, name + " must not be null: give an address and a port");
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(name + " " + address + " is not resolved: give an IP address");
        }
    }
}
