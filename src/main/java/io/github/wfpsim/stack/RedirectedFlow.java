package io.github.wfpsim.stack;

import io.github.wfpsim.chain.CapturedContext;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.redirect.RedirectRecord;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A connection that was redirected, shared by its two endpoints: the chain that its acceptor may query and the count of
 * ends that still live. When the last end goes, the contexts of its redirects are freed (REC-29).
 */
final class RedirectedFlow {

    private static final AtomicIntegerFieldUpdater<RedirectedFlow> ENDS =
            AtomicIntegerFieldUpdater.newUpdater(RedirectedFlow.class, "ends");

    private final RedirectChain chain;
    private final @Nullable RedirectRecord newest;
    private final @Nullable CapturedContext context;
    private final long lineage;
    private final int targetPid;
    private final int addressee;
    private final @Nullable Trail trail;
    private final RedirectContexts contexts;
    // Null if the newest record is the only one, as nearly always.
    private final long @Nullable [] ownRecords;
    // What the acceptor reads, once it has asked: queries go no further than here.
    private volatile byte @Nullable [] records;
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
     * @param trail the redirects that led here, for the loop guard; null if the connection leaves the machine
     * @param contexts where the redirects' contexts are kept
     */
    RedirectedFlow(
            RedirectChain chain,
            long lineage,
            List<Long> ownRecords,
            int targetPid,
            @Nullable Trail trail,
            RedirectContexts contexts) {
        this.chain = chain;
        this.newest = chain.newest();
        this.addressee = newest == null ? 0 : newest.targetPid();
        this.context = newest == null ? null : contexts.find(newest.id());
        this.lineage = lineage;
        this.targetPid = targetPid;
        this.trail = trail;
        this.contexts = contexts;
        boolean newestAlone = newest != null && ownRecords.size() == 1 && ownRecords.get(0) == newest.id();
        this.ownRecords = newestAlone
                ? null
                : ownRecords.stream().mapToLong(Long::longValue).toArray();
    }

    RedirectChain chain() {
        return chain;
    }

    @Nullable
    RedirectRecord newest() {
        return newest;
    }

    /** The process that the newest record names; 0 if there is none. */
    int addressee() {
        return addressee;
    }

    /** The blob of the chain; the array itself, which nobody changes. */
    byte[] records(RedirectRecordCodec codec) {
        byte[] made = records;
        if (made == null) {
            made = codec.encode(chain);
            records = made;
        }
        return made;
    }

    /** The context of the newest redirect, which may have been freed; null if it never had one. */
    @Nullable
    CapturedContext context() {
        return context;
    }

    /** The redirects that led here; null if there is nothing to count. */
    @Nullable
    Trail trail() {
        return trail;
    }

    int targetPid() {
        return targetPid;
    }

    long lineage() {
        return lineage;
    }

    void addEnd() {
        ENDS.incrementAndGet(this);
    }

    /** Takes one end away; frees the contexts with the last. Whether it was the last. */
    boolean endGone() {
        boolean last = ENDS.decrementAndGet(this) == 0;
        if (last) {
            freeContexts();
        }
        return last;
    }

    private void freeContexts() {
        if (ownRecords != null) {
            for (long record : ownRecords) {
                contexts.free(record);
            }
        } else if (newest != null) {
            contexts.free(newest.id());
        }
    }
}
