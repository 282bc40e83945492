package io.github.wfpsim.winsock;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A datagram that {@link SimDatagramSocket} received. Immutable; every array is a copy. */
public final class SimDatagram {

    private final InetSocketAddress source;
    private final byte[] payload;
    private final byte @Nullable [] records;
    private final byte @Nullable [] context;

    SimDatagram(
            InetSocketAddress source, ByteBuffer payload, @Nullable ByteBuffer records, @Nullable ByteBuffer context) {
        this.source = source;
        this.payload = bytesOf(payload);
        this.records = records == null ? null : bytesOf(records);
        this.context = context == null ? null : bytesOf(context);
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /**
     * Tells the sender.
     *
     * @return its address; for answers from a destination that was redirected, the destination asked for
     */
    public InetSocketAddress source() {
        return source;
    }

    /**
     * Gives the bytes.
     *
     * @return a new array
     */
    public byte[] payload() {
        return payload.clone();
    }

    /**
     * Gives the redirect records, which only the packet that created a redirected flow brings (UDP-04).
     *
     * @return a new array, to be handed unchanged to
     *     {@link SimDatagramSocket#send(byte[], InetSocketAddress, byte[])}; empty if it brings none
     */
    public Optional<byte[]> redirectRecords() {
        return Optional.ofNullable(records).map(byte[]::clone);
    }

    /**
     * Gives the context that the callout attached to the redirect.
     *
     * @return a new array; empty if there is no context, or no redirect
     */
    public Optional<byte[]> redirectContext() {
        return Optional.ofNullable(context).map(byte[]::clone);
    }

    @Override
    public String toString() {
        return "SimDatagram[" + payload.length + " bytes from " + source + "]";
    }
}
