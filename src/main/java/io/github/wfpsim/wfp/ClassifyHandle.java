package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A classification that a callout holds on to, from FwpsAcquireClassifyHandle0 to FwpsReleaseClassifyHandle0.
 *
 * <p>Source: FwpsAcquireClassifyHandle0. Requirements: WFP-42, WFP-43.
 */
public final class ClassifyHandle {

    private final long number;
    private final ClassifyContext context;
    private final AtomicBoolean released = new AtomicBoolean();
    private final AtomicReference<@Nullable Object> acquired = new AtomicReference<>();

    ClassifyHandle(long number, ClassifyContext context) {
        this.number = number;
        this.context = context;
    }

    long number() {
        return number;
    }

    ClassifySession session() {
        return context.session();
    }

    /** The writable layer data that was acquired through this handle and not applied yet. */
    @Nullable
    Object acquired() {
        return acquired.get();
    }

    /** Hands layer data out; false while another copy of the same classify context is out, which it would overwrite. */
    boolean acquire(Object layerData) {
        if (!context.takeWritable()) {
            return false;
        }
        acquired.set(layerData);
        return true;
    }

    /** Takes the layer data back; null if none was out. */
    @Nullable
    Object giveBack() {
        Object out = acquired.getAndSet(null);
        if (out != null) {
            context.giveWritable();
        }
        return out;
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
