package io.github.wfpsim.stack;

import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which redirected connections each process has accepted: what the loop guard needs of a connection without records
 * (REC-19). Of those that are held there is one counter per process, first destination and depth, so that the size does
 * not grow with their number; of those that were closed before their client did, and were not carried on, the last few
 * stay.
 */
final class HopLedger {

    /** How many first destinations of closed connections one process is remembered for. */
    private static final int MOST_CLOSED = 64;

    /** How many records one process is known to have carried on. */
    private static final int MOST_CARRIED = 256;

    /** How many lineages are remembered to be the continuation of others. */
    private static final int MOST_CONTINUED = 1024;

    /** So many first destinations may have room for counters although nothing is held. */
    private static final int MOST_IDLE = 8;

    /** The trails of connections that are held, by depth. Not for sharing. */
    private static final class Depths {

        private int[] held = new int[2];
        private @Nullable Trail[] latest = new Trail[2];
        private int deepest;

        void add(Trail trail) {
            int depth = trail.depth();
            if (depth >= held.length) {
                held = Arrays.copyOf(held, 2 * depth);
                latest = Arrays.copyOf(latest, 2 * depth);
            }
            held[depth]++;
            latest[depth] = trail;
            deepest = Math.max(deepest, depth);
        }

        void remove(int depth) {
            if (depth < held.length && held[depth] > 0 && --held[depth] == 0) {
                latest[depth] = null;
                while (deepest > 0 && held[deepest] == 0) {
                    deepest--;
                }
            }
        }

        @Nullable
        Trail deepest() {
            return latest[deepest];
        }
    }

    /** A map that forgets what was put longest ago. */
    private static final class Recent<K, V> extends LinkedHashMap<K, V> {

        private static final long serialVersionUID = 1;

        private final int most;

        Recent(int most) {
            super(4);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
        }
    }

    /** What one process has accepted. Its monitor guards it, but for whether there is anything, which is read without. */
    private static final class Holder {

        private final Map<InetSocketAddress, Depths> held = new HashMap<>(4);
        private final Depths all = new Depths();
        private final Map<InetSocketAddress, Trail> closed = new Recent<>(MOST_CLOSED);
        // By number of the record.
        private final Map<Long, Boolean> carried = new Recent<>(MOST_CARRIED);
        private volatile boolean hasAny;
        private volatile boolean hasClosed;

        void add(Trail trail) {
            synchronized (this) {
                held.computeIfAbsent(trail.firstDestination(), to -> new Depths())
                        .add(trail);
                all.add(trail);
                hasAny = true;
            }
        }

        void remove(Trail trail, boolean staysKnown) {
            synchronized (this) {
                all.remove(trail.depth());
                Depths depths = held.get(trail.firstDestination());
                if (depths != null) {
                    depths.remove(trail.depth());
                    if (depths.deepest == 0 && held.size() > MOST_IDLE) {
                        held.remove(trail.firstDestination());
                    }
                }
                if (staysKnown && !carried.containsKey(trail.newestRecord())) {
                    Trail other = closed.remove(trail.firstDestination());
                    closed.put(trail.firstDestination(), deeper(trail, other));
                }
                look();
            }
        }

        void forgetClosed(InetSocketAddress destination, Trail trail) {
            synchronized (this) {
                closed.remove(destination, trail);
                look();
            }
        }

        void carriedOn(InetSocketAddress destination, RedirectRecord newest) {
            synchronized (this) {
                carried.put(newest.id(), true);
                Trail trail = closed.get(destination);
                if (trail != null && trail.newestRecord() == newest.id()) {
                    closed.remove(destination);
                    look();
                }
            }
        }

        private void look() {
            hasClosed = !closed.isEmpty();
            hasAny = all.deepest > 0 || hasClosed;
        }

        @Nullable
        Trail deepestTo(InetSocketAddress destination) {
            synchronized (this) {
                Depths depths = held.get(destination);
                Trail trail = closed.get(destination);
                Trail live = depths == null ? null : depths.deepest();
                Trail best = live == null || (trail != null && trail.depth() > live.depth()) ? trail : live;
                return best == null ? deepest() : best;
            }
        }

        private @Nullable Trail deepest() {
            Trail best = all.deepest();
            for (Trail trail : closed.values()) {
                best = deeper(trail, best);
            }
            return best;
        }

        private static Trail deeper(Trail trail, @Nullable Trail other) {
            return other == null || trail.depth() >= other.depth() ? trail : other;
        }
    }

    private final ConcurrentHashMap<Integer, Holder> processes = new ConcurrentHashMap<>();
    private final Map<Long, Trail> continued = new Recent<>(MOST_CONTINUED);
    private volatile boolean hasContinued;

    void accepted(int pid, Trail trail) {
        Holder holder = processes.get(pid);
        if (holder == null) {
            holder = processes.computeIfAbsent(pid, id -> new Holder());
        }
        holder.add(trail);
    }

    /**
     * A process has closed what it had accepted.
     *
     * @param first whether the other end is still there: it may be that the process goes on all the same
     */
    void gone(int pid, Trail trail, boolean first) {
        Holder holder = processes.get(pid);
        if (holder != null) {
            holder.remove(trail, first);
        }
    }

    /**
     * What a process goes on with that connects without records: the deepest of its accepted connections to the same
     * first destination, or else the deepest of all; null if it has accepted none.
     */
    @Nullable
    Trail goneOnWith(int pid, InetSocketAddress destination) {
        Holder holder = processes.get(pid);
        return holder == null || !holder.hasAny ? null : holder.deepestTo(IpAddress.unmap(destination));
    }

    /** Somebody has gone on with a trail, so that its closed connection does not count again. */
    void used(int pid, Trail trail) {
        Holder holder = processes.get(pid);
        if (holder != null && holder.hasClosed) {
            holder.forgetClosed(trail.firstDestination(), trail);
        }
    }

    /** A process connects on with records. */
    void carriedOn(int pid, RedirectRecord oldest, RedirectRecord newest) {
        Holder holder = processes.get(pid);
        if (holder != null) {
            holder.carriedOn(IpAddress.unmap(oldest.originalDestination()), newest);
        }
    }

    /** A process has ended: what it had accepted leads nowhere any more. */
    void ended(int pid) {
        processes.remove(pid);
    }

    // ---- lineages

    /** Notes that a lineage goes on with a trail that its records do not list. */
    void continues(long lineage, Trail before) {
        synchronized (continued) {
            continued.put(lineage, before);
            hasContinued = true;
        }
    }

    /** What came before the oldest record of a lineage; null if nothing did. */
    @Nullable
    Trail before(long lineage) {
        if (!hasContinued) {
            return null;
        }
        synchronized (continued) {
            return continued.get(lineage);
        }
    }
}
