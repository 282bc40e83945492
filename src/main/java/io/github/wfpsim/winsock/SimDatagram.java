package io.github.wfpsim.winsock;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A datagram that {@link SimDatagramSocket} received. Immutable; every array is a copy. */
public final class SimDatagram {

    private final InetSocketAddress source;
    private final byte[] payload;
    private final byte @Nullable [] records;
    private final byte @Nullable [] context;

    /**
     * Makes a datagram, also for tests of code that takes one.
     *
     * @param source the sender
     * @param payload the bytes
     * @param records the redirect records; null for none
     * @param context the redirect context; null for none
     */
    public SimDatagram(InetSocketAddress source, byte[] payload, byte @Nullable [] records, byte @Nullable [] context) {
        this.source = Objects.requireNonNull(source, "source must not be null: give the sender's address");
        this.payload = Objects.requireNonNull(payload, "payload must not be null: an empty datagram has none")
                .clone();
        this.records = records == null ? null : records.clone();
        this.context = context == null ? null : context.clone();
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
