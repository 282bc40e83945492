package io.github.wfpsim.chain;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a callout attached to its redirect, captured when WFP took them over. Safe for use by many threads.
 *
 * <p>Source: FWPS_CONNECT_REQUEST0. Requirements: REC-27 to REC-32, REC-38.
 */
public final class RedirectContext {

    private static final AtomicReferenceFieldUpdater<RedirectContext, @Nullable Object> MEMORY =
            AtomicReferenceFieldUpdater.newUpdater(RedirectContext.class, Object.class, "memory");

    private final byte[] bytes;
    private final long declaredSize;
    private final Consumer<Object> giveBack;

    /** What the content was captured from; null once the context is freed. */
    private volatile @Nullable Object memory;

    /**
     * Captures a context. Called by the engine.
     *
     * @param <T> what the content was captured from
     * @param bytes the content, read to the limit; none for a context that is larger than a Java array
     * @param declaredSize the size that the callout declared, in bytes, unsigned
     * @param memory what the content was captured from
     * @param giveBack takes the memory, once, when the context is freed
     */
    @SuppressWarnings("unchecked") // It gets the memory and nothing else.
    public <T> RedirectContext(ByteBuffer bytes, long declaredSize, T memory, Consumer<? super T> giveBack) {
        this.bytes = new byte[bytes.remaining()];
        bytes.get(this.bytes);
        this.declaredSize = declaredSize;
        this.memory = Objects.requireNonNull(memory, "memory must not be null");
        this.giveBack = (Consumer<Object>) Objects.requireNonNull(giveBack, "giveBack must not be null");
    }

    /**
     * Reads the content.
     *
     * @return a read-only buffer of its own
     */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /**
     * Copies the content.
     *
     * @param out where to; its position does not move
     * @param index where in it
     */
    public void copyTo(ByteBuffer out, int index) {
        out.put(index, bytes);
    }

    /**
     * Tells the size that the callout declared.
     *
     * @return bytes, unsigned
     */
    public long declaredSize() {
        return declaredSize;
    }

    /**
     * Tells whether the declared size does not fit a ULONG.
     *
     * @return true above 2<sup>32</sup>-1 bytes
     */
    public boolean isOversized() {
        return Long.compareUnsigned(declaredSize, 0xFFFF_FFFFL) > 0;
    }

    /**
     * Tells whether the context was freed.
     *
     * @return true after {@link #free()}
     */
    public boolean isFreed() {
        return memory == null;
    }

    /**
     * Frees the context, once. Called by the engine.
     *
     * @return false if it was freed before
     */
    public boolean free() {
        Object given = MEMORY.getAndSet(this, null);
        if (given == null) {
            return false;
        }
        giveBack.accept(given);
        return true;
    }
}
