package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * The opaque value that classifyFn gets and FwpsAcquireClassifyHandle0 takes. It goes stale when the classification ends.
 *
 * <p>Safe for use by many threads. May be used by any thread while its classifyFn runs.
 *
 * <p>Source: FWPS_CALLOUT_CLASSIFY_FN1; FwpsAcquireClassifyHandle0. Requirement: WFP-42.
 */
public final class ClassifyContext {

    private static final AtomicIntegerFieldUpdater<ClassifyContext> WRITABLE_OUT =
            AtomicIntegerFieldUpdater.newUpdater(ClassifyContext.class, "writableOut");

    private final CalloutCall call;

    /** 1 while a writable copy is out. */
    private volatile int writableOut;

    ClassifyContext(CalloutCall call) {
        this.call = call;
    }

    ClassifySession session() {
        return call.session();
    }

    CalloutCall call() {
        return call;
    }

    /** Claims the one writable copy that can be out at a time. */
    boolean takeWritable() {
        return writableOut == 0 && WRITABLE_OUT.compareAndSet(this, 0, 1);
    }

    void giveWritable() {
        writableOut = 0;
    }
}
