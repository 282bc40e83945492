package io.github.wfpsim.model;

import io.github.wfpsim.model.ModelSocket.Entry;
import io.github.wfpsim.model.ModelSocket.Flow;
import io.github.wfpsim.model.ModelSocket.Turns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the model knows of redirected connections that each process has accepted (REC-60). */
final class ModelHops {

    private static final class Accepted {

        /** Those that are held, in their order; one that is closed leaves its successors of that depth as they are. */
        private final Map<String, Depths> held = new HashMap<>();

        private final Depths all = new Depths();
        private final Map<String, Turns> closed = new LinkedHashMap<>();
        private final Set<Integer> carried = new HashSet<>();
    }

    private static final class Depths {

        private final Map<Integer, List<Turns>> held = new HashMap<>();
        private final Map<Integer, Turns> latest = new HashMap<>();

        void add(Turns turns) {
            held.computeIfAbsent(turns.depth(), depth -> new ArrayList<>()).add(turns);
            latest.put(turns.depth(), turns);
        }

        void remove(Turns turns) {
            List<Turns> alike = held.get(turns.depth());
            alike.remove(alike.size() - 1);
        }

        @Nullable
        Turns deepest() {
            return held.entrySet().stream()
                    .filter(depth -> !depth.getValue().isEmpty())
                    .max(Map.Entry.comparingByKey())
                    .map(depth -> latest.get(depth.getKey()))
                    .orElse(null);
        }
    }

    private final Map<Actor, Accepted> accepted = new HashMap<>();
    private final Map<Integer, Turns> continued = new HashMap<>();

    private Accepted of(Actor owner) {
        return accepted.computeIfAbsent(owner, actor -> new Accepted());
    }

    void accepted(Actor owner, Turns turns) {
        of(owner).held.computeIfAbsent(turns.first(), to -> new Depths()).add(turns);
        of(owner).all.add(turns);
    }

    /** The acceptor has gone; before its client, if the flow has ends left. */
    void gone(Actor owner, Flow flow) {
        Accepted by = of(owner);
        Turns turns = flow.turns;
        by.all.remove(turns);
        by.held.get(turns.first()).remove(turns);
        if (flow.ends > 0 && !by.carried.contains(flow.newest().id())) {
            Turns other = by.closed.remove(turns.first());
            by.closed.put(turns.first(), deeper(turns, other));
        }
    }

    private static int newestOf(Turns turns) {
        return turns.chain().get(turns.chain().size() - 1).id();
    }

    private static Turns deeper(Turns turns, @Nullable Turns other) {
        return other == null || turns.depth() >= other.depth() ? turns : other;
    }

    /** What a connection goes on with that its own records do not list. */
    @Nullable
    Turns before(Actor owner, List<Entry> inherited, String asked) {
        Accepted by = of(owner);
        if (!inherited.isEmpty()) {
            int newest = inherited.get(inherited.size() - 1).id();
            by.carried.add(newest);
            by.closed
                    .values()
                    .removeIf(
                            turns -> turns.chain().get(turns.chain().size() - 1).id() == newest);
            return continued.get(inherited.get(0).lineage());
        }
        Turns live = by.held.containsKey(asked) ? by.held.get(asked).deepest() : null;
        Turns closed = by.closed.get(asked);
        if (live != null || closed != null) {
            return live == null || (closed != null && closed.depth() > live.depth()) ? closed : live;
        }
        Turns best = by.all.deepest();
        for (Turns turns : by.closed.values()) {
            best = deeper(turns, best);
        }
        return best;
    }

    /** A connection without records was redirected, and goes on with what its process had accepted. */
    void goesOn(Actor owner, int lineage, Turns before) {
        of(owner).closed.values().removeIf(turns -> newestOf(turns) == newestOf(before));
        continued.put(lineage, before);
    }
}
