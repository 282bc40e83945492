package io.github.wfpsim.engine;

import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.ClassifyHandle;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A classification that a callout holds on to, from FwpsAcquireClassifyHandle0 to FwpsReleaseClassifyHandle0. A pend adds a
 * reference that its completion drops, so that the driver may release its own before or after. Safe for use by many threads
 * (WFP-42, WFP-43, WFP-60).
 */
final class HeldClassification implements ClassifyHandle {

    /** Whether the classification is held through this handle. */
    private enum Pend {
        NONE,
        PENDED,
        COMPLETED
    }

    private static final AtomicReferenceFieldUpdater<HeldClassification, Pend> PEND =
            AtomicReferenceFieldUpdater.newUpdater(HeldClassification.class, Pend.class, "pend");

    private static final AtomicReferenceFieldUpdater<HeldClassification, @Nullable RequestVersion> ACQUIRED =
            AtomicReferenceFieldUpdater.newUpdater(HeldClassification.class, RequestVersion.class, "acquired");

    private static final AtomicIntegerFieldUpdater<HeldClassification> RELEASED =
            AtomicIntegerFieldUpdater.newUpdater(HeldClassification.class, "released");

    private final long number;
    private final CalloutTurn turn;
    private final DriverObjects owner;
    /** 1 once it is. */
    private volatile int released;

    private volatile Pend pend = Pend.NONE;
    private volatile @Nullable RequestVersion acquired;

    HeldClassification(long number, CalloutTurn turn, DriverObjects owner) {
        this.number = number;
        this.turn = turn;
        this.owner = owner;
    }

    /** Who holds it, whoever releases it. */
    DriverObjects owner() {
        return owner;
    }

    long number() {
        return number;
    }

    LiveRequest live() {
        return turn.live();
    }

    /** The writable layer data that was acquired through this handle and not applied yet. */
    @Nullable
    RequestVersion acquired() {
        return acquired;
    }

    /** Hands layer data out; false while another copy of the same classify context is out, which it would overwrite. */
    boolean acquire(RequestVersion layerData) {
        if (!turn.takeWritable()) {
            return false;
        }
        acquired = layerData;
        return true;
    }

    /** Takes the layer data back; null if none was out. */
    @Nullable
    RequestVersion giveBack() {
        RequestVersion out = acquired == null ? null : ACQUIRED.getAndSet(this, null);
        if (out != null) {
            turn.giveWritable();
        }
        return out;
    }

    CalloutTurn turn() {
        return turn;
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

    /** Whether no reference is left: the driver has released its own, and no pend holds another. */
    boolean isGone() {
        return isReleased() && !holds();
    }

    /** Why nothing can be changed through this handle any more, to go on "a handle that ..."; null if something can. */
    @Nullable
    String whyDead() {
        if (pend == Pend.COMPLETED) {
            return "whose classification was completed";
        }
        if (isGone()) {
            return "that was released";
        }
        return turn.isOver() ? "whose classifyFn had returned without a pend" : null;
    }

    /** The filter id becomes the modifier's and has the right callout asked again: it must be the one of this turn. */
    boolean isUsedForAnother(long filterId, String use, String driver) {
        long own = turn.filter().id();
        if (filterId == own) {
            return false;
        }
        live().fault(
                        Fault.CLASSIFY_HANDLE_MISUSE,
                        driver,
                        this + " used to " + use + " for filter " + filterId + ", but filter " + own + " asks");
        return true;
    }

    boolean isReleased() {
        return released != 0;
    }

    boolean release() {
        return RELEASED.compareAndSet(this, 0, 1);
    }

    /** Names the handle and who acquired it for what, for reports. */
    String origin() {
        return "#" + number + ", " + turn.where();
    }

    @Override
    public String toString() {
        return "classify handle #" + number + (isReleased() ? " (released)" : "");
    }
}
