package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The opaque value that classifyFn gets and FwpsAcquireClassifyHandle0 takes. It goes stale when the classification ends.
 *
 * <p>Safe for use by many threads. May be used by any thread while its classifyFn runs.
 *
 * <p>Source: FWPS_CALLOUT_CLASSIFY_FN1; FwpsAcquireClassifyHandle0. Requirement: WFP-42.
 */
public final class ClassifyContext {

    private final CalloutCall call;
    private final AtomicBoolean writableOut = new AtomicBoolean();

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
        return writableOut.compareAndSet(false, true);
    }

    void giveWritable() {
        writableOut.set(false);
    }
}
