package io.github.wfpsim.wfp;

/**
 * The opaque value that classifyFn gets and FwpsAcquireClassifyHandle0 takes. It goes stale when the classification ends
 * and no classify handle is held.
 *
 * <p>Source: FWPS_CALLOUT_CLASSIFY_FN1; FwpsAcquireClassifyHandle0. Requirement: WFP-42.
 */
public final class ClassifyContext {

    private final ClassifySession session;

    ClassifyContext(ClassifySession session) {
        this.session = session;
    }

    ClassifySession session() {
        return session;
    }
}
