package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RedirectContext;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A redirect context from when WFP took it over to when it is freed. Requirements: REC-27 to REC-32, REC-38. */
public final class CapturedContext implements RedirectContext {

    private static final AtomicReferenceFieldUpdater<CapturedContext, @Nullable Object> MEMORY =
            AtomicReferenceFieldUpdater.newUpdater(CapturedContext.class, Object.class, "memory");

    private final byte[] bytes;
    private final long declaredSize;
    private final Consumer<Object> giveBack;

    /** What the content was captured from; null once the context is freed. */
    private volatile @Nullable Object memory;

    /**
     * Captures a context.
     *
     * @param <T> what the content was captured from
     * @param bytes the content, read to the limit; none for a context that is larger than a Java array
     * @param declaredSize the size that the callout declared, in bytes, unsigned
     * @param memory what the content was captured from
     * @param giveBack takes the memory, once, when the context is freed
     */
    @SuppressWarnings("unchecked") // It gets the memory and nothing else.
    public <T> CapturedContext(ByteBuffer bytes, long declaredSize, T memory, Consumer<? super T> giveBack) {
        this.bytes = new byte[bytes.remaining()];
        bytes.get(this.bytes);
        this.declaredSize = declaredSize;
        this.memory = Objects.requireNonNull(memory, "memory must not be null");
        this.giveBack = (Consumer<Object>) Objects.requireNonNull(giveBack, "giveBack must not be null");
    }

    @Override
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

    @Override
    public long declaredSize() {
        return declaredSize;
    }

    @Override
    public boolean isOversized() {
        return Long.compareUnsigned(declaredSize, 0xFFFF_FFFFL) > 0;
    }

    @Override
    public boolean isFreed() {
        return memory == null;
    }

    /**
     * Frees the context, once.
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
