package io.github.wfpsim.winsock;

import io.github.wfpsim.net.IpAddress;
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

    /** {@return the sender's address; for answers from a destination that was redirected, the destination asked for} */
    public InetSocketAddress source() {
        return source;
    }

    /** {@return the bytes, in a new array} */
    public byte[] payload() {
        return payload.clone();
    }

    /**
     * {@return the redirect records in a new array, to be handed unchanged to {@link SimDatagramSocket#send(byte[],
     * InetSocketAddress, byte[])}; empty unless the packet created a redirected flow (UDP-04)}
     */
    public Optional<byte[]> redirectRecords() {
        return Optional.ofNullable(records).map(byte[]::clone);
    }

    /**
     * {@return the context that the callout attached to the redirect, in a new array; empty if there is no context, or
     * no redirect}
     */
    public Optional<byte[]> redirectContext() {
        return Optional.ofNullable(context).map(byte[]::clone);
    }

    @Override
    public String toString() {
        return "SimDatagram[" + payload.length + " bytes from " + IpAddress.text(source) + "]";
    }
}
