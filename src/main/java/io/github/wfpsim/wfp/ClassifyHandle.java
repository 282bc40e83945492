package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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

    private final long number;
    private final ClassifyContext context;
    private final DriverObjects owner;
    private final AtomicBoolean released = new AtomicBoolean();
    private final AtomicReference<Pend> pend = new AtomicReference<>(Pend.NONE);
    private final AtomicReference<@Nullable Object> acquired = new AtomicReference<>();

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

    CalloutCall call() {
        return context.call();
    }

    /** Holds the classification; false if this handle did so before. */
    boolean pend() {
        return pend.compareAndSet(Pend.NONE, Pend.PENDED);
    }

    /** Takes a hold back that the callout could not get. */
    void unpend() {
        pend.set(Pend.NONE);
    }

    /** Lets the classification go; false if this handle does not hold it. */
    boolean complete() {
        return pend.compareAndSet(Pend.PENDED, Pend.COMPLETED);
    }

    boolean holds() {
        return pend.get() == Pend.PENDED;
    }

    boolean wasPended() {
        return pend.get() != Pend.NONE;
    }

    boolean isReleased() {
        return released.get();
    }

    boolean release() {
        return released.compareAndSet(false, true);
    }

    /** Names the handle and who acquired it for what, for reports. */
    String origin() {
        return "#" + number + ", " + call().where();
    }

    @Override
    public String toString() {
        return "classify handle #" + number + (released.get() ? " (released)" : "");
    }
}
