package io.github.wfpsim.stack;

import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The redirects that led to one connection: those that its records list, and before them those that the records do not
 * know of, because some proxy connected on without them (REC-19, REC-60). Immutable.
 */
final class Trail {

    /**
     * One redirect.
     *
     * @param driver whose redirect
     * @param originPid the process whose connection it was
     * @param from where that was headed
     * @param to where it was sent
     * @param targetPid the process that it named
     * @param handleId the redirect handle; 0 for one without
     */
    record Hop(
            String driver, int originPid, InetSocketAddress from, InetSocketAddress to, int targetPid, long handleId) {

        static Hop of(RedirectRecord record) {
            return new Hop(
                    record.driver(),
                    record.originPid(),
                    record.originalDestination(),
                    record.redirectedTo(),
                    record.targetPid(),
                    record.handleId());
        }

        /** Whether the same driver redirected to the same process, with whatever handle. */
        boolean isLike(String otherDriver, int otherTarget) {
            return targetPid == otherTarget && driver.equals(otherDriver);
        }
    }

    private final @Nullable Trail before;
    private final RedirectChain chain;
    // The redirect that left no record, as on Windows 7; else the chain has it.
    private final @Nullable Hop unrecorded;
    private final InetSocketAddress firstDestination;
    private final int depth;

    private Trail(@Nullable Trail before, RedirectChain chain, @Nullable Hop unrecorded, InetSocketAddress first) {
        this.before = before;
        this.chain = chain;
        this.unrecorded = unrecorded;
        this.firstDestination = IpAddress.unmap(first);
        RedirectRecord newest = chain.newest();
        this.depth = newest == null ? 1 + (before == null ? 0 : before.depth) : newest.hopDepth();
    }

    /** The trail of a connection with records: at least one. */
    static Trail of(@Nullable Trail before, RedirectChain chain) {
        RedirectRecord oldest = chain.oldest();
        if (oldest == null) {
            throw new IllegalArgumentException("a chain without records leads nowhere");
        }
        return new Trail(before, chain, null, oldest.originalDestination());
    }

    /** The trail of a connection that was redirected without leaving a record. */
    static Trail unrecorded(@Nullable Trail before, Hop hop) {
        return new Trail(before, RedirectChain.empty(), hop, hop.from());
    }

    /** Where the connection was headed that the oldest of these records is about. */
    InetSocketAddress firstDestination() {
        return firstDestination;
    }

    /** How many redirects there are. */
    int depth() {
        return depth;
    }

    /** What the records do not know of; null if they know all. */
    @Nullable
    Trail before() {
        return before;
    }

    Hop newest() {
        RedirectRecord newest = chain.newest();
        return unrecorded != null || newest == null ? Objects.requireNonNull(unrecorded) : Hop.of(newest);
    }

    /** Number of the newest record; 0 if there is none. */
    long newestRecord() {
        RedirectRecord newest = chain.newest();
        return newest == null ? 0 : newest.id();
    }

    /** How often the driver of the newest redirect has redirected this to the same process, first destination and all. */
    int turns() {
        Hop newest = newest();
        int turns = 0;
        for (Trail part = this; part != null; part = part.before) {
            if (part.firstDestination.equals(firstDestination)) {
                turns += part.likeIn(newest.driver(), newest.targetPid());
            }
        }
        return turns;
    }

    private int likeIn(String driver, int targetPid) {
        int like = unrecorded != null && unrecorded.isLike(driver, targetPid) ? 1 : 0;
        for (RedirectRecord record : chain.records()) {
            if (record.targetPid() == targetPid && record.driver().equals(driver)) {
                like++;
            }
        }
        return like;
    }

    /** All redirects, oldest first. */
    List<Hop> hops() {
        List<Hop> hops = before == null ? new ArrayList<>() : before.hops();
        chain.records().forEach(record -> hops.add(Hop.of(record)));
        if (unrecorded != null) {
            hops.add(unrecorded);
        }
        return hops;
    }

    /** The processes that connected on without records, in the order in which they did; none twice. */
    List<Integer> forgetful() {
        List<Integer> pids = before == null ? new ArrayList<>() : before.forgetful();
        RedirectRecord oldest = chain.oldest();
        int origin = oldest != null ? oldest.originPid() : newest().originPid();
        if (before != null && !pids.contains(origin)) {
            pids.add(origin);
        }
        return pids;
    }
}
