package io.github.wfpsim.table;

import io.github.wfpsim.record.RedirectRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * How deep the redirected connections are that each process holds as acceptor: what the loop guard needs (REC-19). Kept
 * as one counter per process and depth, so that its size does not grow with the number of connections.
 */
final class HopLedger {

    /** The redirects behind one held connection, newest last. */
    private record Trail(@Nullable Trail before, RedirectRecord hop) {}

    private record Depth(int held, Trail latest) {}

    private final ConcurrentHashMap<Integer, ConcurrentSkipListMap<Integer, Depth>> processes =
            new ConcurrentHashMap<>();

    void accepted(int pid, RedirectRecord hop) {
        Trail trail = new Trail(trailOf(hop.originPid(), hop.hopDepth() - 1), hop);
        processes
                .computeIfAbsent(pid, id -> new ConcurrentSkipListMap<>())
                .merge(hop.hopDepth(), new Depth(1, trail), (old, one) -> new Depth(old.held() + 1, trail));
    }

    void gone(int pid, RedirectRecord hop) {
        ConcurrentSkipListMap<Integer, Depth> depths = processes.get(pid);
        if (depths != null) {
            depths.computeIfPresent(
                    hop.hopDepth(), (depth, old) -> old.held() == 1 ? null : new Depth(old.held() - 1, old.latest()));
        }
    }

    /** The deepest redirected connection that a process holds; 0 if it holds none. */
    int deepest(int pid) {
        ConcurrentSkipListMap<Integer, Depth> depths = processes.get(pid);
        var last = depths == null ? null : depths.lastEntry();
        return last == null ? 0 : last.getKey();
    }

    /** The redirects that led to the deepest connection of a process, oldest first. */
    List<RedirectRecord> hopsTo(int pid) {
        List<RedirectRecord> hops = new ArrayList<>();
        for (Trail trail = trailOf(pid, deepest(pid)); trail != null; trail = trail.before()) {
            hops.add(0, trail.hop());
        }
        return hops;
    }

    private @Nullable Trail trailOf(int pid, int depth) {
        ConcurrentSkipListMap<Integer, Depth> depths = processes.get(pid);
        Depth found = depths == null ? null : depths.get(depth);
        return found == null ? null : found.latest();
    }
}
