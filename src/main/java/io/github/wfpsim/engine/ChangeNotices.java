package io.github.wfpsim.engine;

import io.github.wfpsim.recorder.FaultScope;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Has subscriptions told on the thread that made the change. What a callback changes in turn is told after it has returned, as
 * by a thread of the engine's own: callbacks do not nest (WFP-141). Safe for use by many threads, without a lock.
 */
final class ChangeNotices {

    /** Longer chains of changes, each made in the callback that heard of the one before, have no end. */
    private static final int MOST_TURNS = 10_000;

    /** What a thread tells now; only that thread looks into it. */
    private static final class Telling {

        private final ArrayDeque<ChangeSubscription<?, ?>> queue;
        private int turn;

        private Telling(List<ChangeSubscription<?, ?>> noted) {
            this.queue = new ArrayDeque<>(noted);
        }
    }

    private final ConcurrentHashMap<Thread, Telling> telling = new ConcurrentHashMap<>();

    /** The place that a change by this thread has in a chain of changes that callbacks made: 1 if it is the first. */
    int turn() {
        Telling here = telling.get(Thread.currentThread());
        return here == null ? 1 : here.turn + 1;
    }

    /** Begins with one notice, whose callback may change something; false if the chain that it ends has no end. */
    boolean begin(int turn) {
        Telling here = telling.get(Thread.currentThread());
        if (here != null) {
            here.turn = turn;
        }
        return turn <= MOST_TURNS;
    }

    /** Tells subscriptions of one machine; their faults surface when all have heard. */
    void tell(List<ChangeSubscription<?, ?>> noted) {
        if (noted.isEmpty()) {
            return;
        }
        Thread self = Thread.currentThread();
        Telling outer = telling.get(self);
        if (outer != null) {
            outer.queue.addAll(noted);
            return;
        }
        Telling here = new Telling(noted);
        try (FaultScope scope = noted.get(0).verifier().enter()) {
            telling.put(self, here);
            for (ChangeSubscription<?, ?> next = here.queue.poll(); next != null; next = here.queue.poll()) {
                next.tell(this);
            }
        } finally {
            telling.remove(self);
        }
    }
}
