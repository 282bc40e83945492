package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The opaque value that classifyFn gets and FwpsAcquireClassifyHandle0 takes. It goes stale when the classification ends.
 *
 * <p>Source: FWPS_CALLOUT_CLASSIFY_FN1; FwpsAcquireClassifyHandle0. Requirement: WFP-42.
 */
public final class ClassifyContext {

    private final ClassifySession session;
    private final AtomicBoolean writableOut = new AtomicBoolean();

    ClassifyContext(ClassifySession session) {
        this.session = session;
    }

    ClassifySession session() {
        return session;
    }

    /** Claims the one writable copy that can be out at a time. */
    boolean takeWritable() {
        return writableOut.compareAndSet(false, true);
    }

    void giveWritable() {
        writableOut.set(false);
    }
}
