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

    /** Which subscriptions a thread has to tell after the one that it tells; only that thread looks into its queue. */
    private final ConcurrentHashMap<Thread, ArrayDeque<ChangeSubscription<?, ?>>> telling = new ConcurrentHashMap<>();

    /** Tells subscriptions of one machine; their faults surface when all have heard. */
    void tell(List<ChangeSubscription<?, ?>> noted) {
        if (noted.isEmpty()) {
            return;
        }
        Thread self = Thread.currentThread();
        ArrayDeque<ChangeSubscription<?, ?>> outer = telling.get(self);
        if (outer != null) {
            outer.addAll(noted);
            return;
        }
        ArrayDeque<ChangeSubscription<?, ?>> queue = new ArrayDeque<>(noted);
        try (FaultScope scope = noted.get(0).verifier().enter()) {
            telling.put(self, queue);
            for (ChangeSubscription<?, ?> next = queue.poll(); next != null; next = queue.poll()) {
                next.tell();
            }
        } finally {
            telling.remove(self);
        }
    }
}
