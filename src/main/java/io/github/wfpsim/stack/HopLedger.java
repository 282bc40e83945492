package io.github.wfpsim.stack;

import io.github.wfpsim.redirect.RedirectRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How deep the redirected connections are that each process holds as acceptor: what the loop guard needs (REC-19). Kept
 * as one counter per process and depth, so that its size does not grow with the number of connections.
 */
final class HopLedger {

    /** The redirects behind one held connection, newest last. */
    private record Trail(@Nullable Trail before, RedirectRecord hop) {}

    /** What one process holds, by depth. Its monitor guards it, but for the deepest, which is read without. */
    private static final class Holder {

        private int[] held = new int[2];
        private @Nullable Trail[] latest = new Trail[2];
        private volatile int deepest;

        void add(int depth, Trail trail) {
            synchronized (this) {
                if (depth >= held.length) {
                    held = Arrays.copyOf(held, 2 * depth);
                    latest = Arrays.copyOf(latest, 2 * depth);
                }
                held[depth]++;
                latest[depth] = trail;
                deepest = Math.max(deepest, depth);
            }
        }

        void remove(int depth) {
            synchronized (this) {
                if (depth < held.length && held[depth] > 0 && --held[depth] == 0) {
                    latest[depth] = null;
                    deepest = deepestHeld();
                }
            }
        }

        private int deepestHeld() {
            int depth = deepest;
            while (depth > 0 && held[depth] == 0) {
                depth--;
            }
            return depth;
        }

        @Nullable
        Trail latest(int depth) {
            synchronized (this) {
                return depth < latest.length ? latest[depth] : null;
            }
        }
    }

    private final ConcurrentHashMap<Integer, Holder> processes = new ConcurrentHashMap<>();

    void accepted(int pid, RedirectRecord hop) {
        Trail trail = new Trail(trailOf(hop.originPid(), hop.hopDepth() - 1), hop);
        Holder holder = processes.get(pid);
        if (holder == null) {
            holder = processes.computeIfAbsent(pid, id -> new Holder());
        }
        holder.add(hop.hopDepth(), trail);
    }

    void gone(int pid, RedirectRecord hop) {
        Holder holder = processes.get(pid);
        if (holder != null) {
            holder.remove(hop.hopDepth());
        }
    }

    /** The deepest redirected connection that a process holds; 0 if it holds none. */
    int deepest(int pid) {
        Holder holder = processes.get(pid);
        return holder == null ? 0 : holder.deepest;
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
        Holder holder = depth <= 0 ? null : processes.get(pid);
        return holder == null ? null : holder.latest(depth);
    }
}
