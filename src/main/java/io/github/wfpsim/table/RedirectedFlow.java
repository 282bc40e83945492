package io.github.wfpsim.table;

import io.github.wfpsim.record.RedirectChain;
import io.github.wfpsim.record.RedirectContexts;
import io.github.wfpsim.record.RedirectRecord;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A connection that was redirected, shared by its two endpoints: the chain that its acceptor may query and the count of
 * ends that still live. When the last end goes, the contexts of its redirects are freed (REC-29).
 */
public final class RedirectedFlow {

    private static final AtomicIntegerFieldUpdater<RedirectedFlow> ENDS =
            AtomicIntegerFieldUpdater.newUpdater(RedirectedFlow.class, "ends");

    private final RedirectChain chain;
    private final long lineage;
    private final long[] ownRecords;
    private final int targetPid;
    private final RedirectContexts contexts;
    // Counted through ENDS only.
    @SuppressWarnings("UnusedVariable")
    private volatile int ends = 1;

    /**
     * Starts a flow with one live end, the client's.
     *
     * @param chain what the acceptor may query; empty for a redirect that needed no record
     * @param lineage what ties connections together
     * @param ownRecords ids of the records that this connection added
     * @param targetPid the process that the redirect named; 0 if none
     * @param contexts where the redirects' contexts are kept
     */
    public RedirectedFlow(
            RedirectChain chain, long lineage, List<Long> ownRecords, int targetPid, RedirectContexts contexts) {
        this.chain = chain;
        this.lineage = lineage;
        this.ownRecords = new long[ownRecords.size()];
        for (int i = 0; i < this.ownRecords.length; i++) {
            this.ownRecords[i] = ownRecords.get(i);
        }
        this.targetPid = targetPid;
        this.contexts = contexts;
    }

    public RedirectChain chain() {
        return chain;
    }

    public @Nullable RedirectRecord newest() {
        return chain.newest();
    }

    public int targetPid() {
        return targetPid;
    }

    public long lineage() {
        return lineage;
    }

    void addEnd() {
        ENDS.incrementAndGet(this);
    }

    /** Takes one end away; frees the contexts with the last. */
    public void endGone() {
        if (ENDS.decrementAndGet(this) == 0) {
            for (long record : ownRecords) {
                contexts.free(record);
            }
        }
    }
}
