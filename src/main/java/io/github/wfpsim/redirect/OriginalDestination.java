package io.github.wfpsim.redirect;

import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.Sockaddr;
import java.net.InetSocketAddress;
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
        ByteBuffer.wrap(context)
                .put(Sockaddr.bytesOf(remote))
                .position(STORAGE_BYTES)
                .put(Sockaddr.bytesOf(local));
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

    private static InetSocketAddress read(ByteBuffer storage) {
        return Sockaddr.addressIn(storage)
                .map(IpAddress::unmap)
                .orElseThrow(() -> new IllegalArgumentException("the context holds address family "
                        + Short.toUnsignedInt(
                                storage.slice().order(ByteOrder.LITTLE_ENDIAN).getShort())
                        + ": was it written by OriginalDestination.encode?"));
    }

    @Override
    public String toString() {
        return "OriginalDestination[remote=" + IpAddress.text(remote) + ", local=" + IpAddress.text(local) + "]";
    }

    private static void requireResolved(InetSocketAddress address, String name) {
        Objects.requireNonNull(address, name + " must not be null: give an address and a port");
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    name + " " + IpAddress.text(address) + " is not resolved: give an IP address");
        }
    }
}
