package io.github.wfpsim.record;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The bytes that a callout attached to its redirect, captured when WFP took them over. Safe for use by many threads.
 *
 * <p>Source: FWPS_CONNECT_REQUEST0. Requirements: REC-27 to REC-32, REC-38.
 */
public final class RedirectContext {

    private final byte[] bytes;
    private final long declaredSize;
    private final Runnable onFree;
    private final AtomicBoolean freed = new AtomicBoolean();

    /**
     * Captures a context. Called by the engine.
     *
     * @param bytes the content; none for a context that is larger than a Java array
     * @param declaredSize the size that the callout declared, in bytes, unsigned
     * @param onFree run once when the context is freed
     */
    public RedirectContext(byte[] bytes, long declaredSize, Runnable onFree) {
        this.bytes = bytes.clone();
        this.declaredSize = declaredSize;
        this.onFree = Objects.requireNonNull(onFree, "onFree must not be null");
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
        return freed.get();
    }

    /**
     * Frees the context, once. Called by the engine.
     *
     * @return false if it was freed before
     */
    public boolean free() {
        if (!freed.compareAndSet(false, true)) {
            return false;
        }
        onFree.run();
        return true;
    }
}
