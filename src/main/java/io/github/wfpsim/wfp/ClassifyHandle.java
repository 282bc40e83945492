package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A classification that a callout holds on to, from FwpsAcquireClassifyHandle0 to FwpsReleaseClassifyHandle0.
 *
 * <p>Safe for use by many threads. A handle may be used by any thread, also after classifyFn returned.
 *
 * <p>Source: FwpsAcquireClassifyHandle0. Requirements: WFP-42, WFP-43.
 */
public final class ClassifyHandle {

    /** Whether the classification is held through this handle. */
    private enum Pend {
        NONE,
        PENDED,
        COMPLETED
    }

    private static final AtomicReferenceFieldUpdater<ClassifyHandle, Pend> PEND =
            AtomicReferenceFieldUpdater.newUpdater(ClassifyHandle.class, Pend.class, "pend");

    private static final AtomicReferenceFieldUpdater<ClassifyHandle, @Nullable Object> ACQUIRED =
            AtomicReferenceFieldUpdater.newUpdater(ClassifyHandle.class, Object.class, "acquired");

    private static final AtomicIntegerFieldUpdater<ClassifyHandle> RELEASED =
            AtomicIntegerFieldUpdater.newUpdater(ClassifyHandle.class, "released");

    private final long number;
    private final ClassifyContext context;
    private final DriverObjects owner;
    /** 1 once it is. */
    private volatile int released;

    private volatile Pend pend = Pend.NONE;
    private volatile @Nullable Object acquired;

    ClassifyHandle(long number, ClassifyContext context, DriverObjects owner) {
        this.number = number;
        this.context = context;
        this.owner = owner;
    }

    /** Who holds it, whoever releases it. */
    DriverObjects owner() {
        return owner;
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
        return acquired;
    }

    /** Hands layer data out; false while another copy of the same classify context is out, which it would overwrite. */
    boolean acquire(Object layerData) {
        if (!context.takeWritable()) {
            return false;
        }
        acquired = layerData;
        return true;
    }

    /** Takes the layer data back; null if none was out. */
    @Nullable
    Object giveBack() {
        Object out = acquired == null ? null : ACQUIRED.getAndSet(this, null);
        if (out != null) {
            context.giveWritable();
        }
        return out;
    }

    CalloutCall call() {
        return context.call();
    }

    /** Holds the classification; false if this handle did so before. */
    boolean pend() {
        return PEND.compareAndSet(this, Pend.NONE, Pend.PENDED);
    }

    /** Takes a hold back that the callout could not get. */
    void unpend() {
        pend = Pend.NONE;
    }

    /** Lets the classification go; false if this handle does not hold it. */
    boolean complete() {
        return PEND.compareAndSet(this, Pend.PENDED, Pend.COMPLETED);
    }

    boolean holds() {
        return pend == Pend.PENDED;
    }

    boolean wasPended() {
        return pend != Pend.NONE;
    }

    boolean isReleased() {
        return released != 0;
    }

    boolean release() {
        return RELEASED.compareAndSet(this, 0, 1);
    }

    /** Names the handle and who acquired it for what, for reports. */
    String origin() {
        return "#" + number + ", " + call().where();
    }

    @Override
    public String toString() {
        return "classify handle #" + number + (isReleased() ? " (released)" : "");
    }
}
