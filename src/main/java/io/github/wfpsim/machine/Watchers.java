package io.github.wfpsim.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Who wants to be called once when something becomes ready. The owner keeps it under a lock of its own, takes the
 * watchers there and calls them outside; {@link #isEmpty()} alone may be read without the lock.
 */
public final class Watchers {

    private List<Runnable> waiting = List.of();
    private volatile boolean empty = true;

    /** Creates an empty list. */
    public Watchers() {}

    /**
     * Adds a watcher.
     *
     * @param watcher called once; it must not block
     */
    public void add(Runnable watcher) {
        Objects.requireNonNull(watcher, "watcher must not be null: give what is to be called");
        List<Runnable> more = new ArrayList<>(waiting);
        more.add(watcher);
        waiting = more;
        empty = false;
    }

    /**
     * Takes one watcher out.
     *
     * @param watcher one that was added, or not
     */
    public void remove(Runnable watcher) {
        List<Runnable> fewer = new ArrayList<>(waiting);
        fewer.remove(watcher);
        waiting = fewer;
        empty = fewer.isEmpty();
    }

    /**
     * Takes all watchers out.
     *
     * @return them, in the order in which they came
     */
    public List<Runnable> take() {
        List<Runnable> taken = waiting;
        waiting = List.of();
        empty = true;
        return taken;
    }

    /** {@return whether nobody watches, as the last change under the lock left it} */
    public boolean isEmpty() {
        return empty;
    }
}
