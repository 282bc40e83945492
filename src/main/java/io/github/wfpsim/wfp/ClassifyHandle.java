package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A classification that a callout holds on to, from FwpsAcquireClassifyHandle0 to FwpsReleaseClassifyHandle0.
 *
 * <p>Source: FwpsAcquireClassifyHandle0. Requirements: WFP-42, WFP-43.
 */
public final class ClassifyHandle {

    private final long number;
    private final ClassifySession session;
    private final AtomicBoolean released = new AtomicBoolean();
    private volatile @Nullable Object acquired;

    ClassifyHandle(long number, ClassifySession session) {
        this.number = number;
        this.session = session;
    }

    ClassifySession session() {
        return session;
    }

    /** The writable layer data that was acquired through this handle and not applied yet. */
    @Nullable
    Object acquired() {
        return acquired;
    }

    void setAcquired(@Nullable Object layerData) {
        this.acquired = layerData;
    }

    boolean isReleased() {
        return released.get();
    }

    boolean release() {
        return released.compareAndSet(false, true);
    }

    @Override
    public String toString() {
        return "classify handle #" + number + (released.get() ? " (released)" : "");
    }
}
