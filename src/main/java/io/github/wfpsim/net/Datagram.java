package io.github.wfpsim.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * One UDP packet under way. Immutable.
 *
 * @param source where it comes from
 * @param destination where it goes
 * @param payload its bytes from position to limit; a copy of those given, read-only
 */
public record Datagram(InetSocketAddress source, InetSocketAddress destination, ByteBuffer payload) {

    /**
     * Copies the bytes.
     *
     * @param source where it comes from
     * @param destination where it goes
     * @param payload its bytes from position to limit, which do not move
     * @throws IllegalArgumentException if an address is not resolved
     */
    public Datagram {
        requireResolved(source, "source");
        requireResolved(destination, "destination");
        Objects.requireNonNull(payload, "payload must not be null: give an empty buffer for a packet without bytes");
        payload = ByteBuffer.allocate(payload.remaining())
                .put(payload.duplicate())
                .flip()
                .asReadOnlyBuffer();
    }

    /** {@return the bytes, each time as a new read-only view} */
    @Override
    public ByteBuffer payload() {
        return payload.duplicate();
    }

    private static void requireResolved(InetSocketAddress address, String name) {
        Objects.requireNonNull(address, name + " must not be null: give an address and a port");
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    name + " " + IpAddress.text(address) + " is not resolved: give an IP address");
        }
    }
}
