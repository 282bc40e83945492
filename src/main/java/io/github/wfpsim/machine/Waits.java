package io.github.wfpsim.machine;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Who waits for what on the machines of one network, which may well wait for each other. Safe for use by many threads,
 * without a lock.
 */
public final class Waits {

    private final Set<Wait> begun = ConcurrentHashMap.newKeySet();
    private final AtomicLong numbers = new AtomicLong();

    /** Creates an empty list. */
    public Waits() {}

    /** Notes that the calling thread is about to stand still, until the wait is closed. */
    Wait begin(Supplier<String> what) {
        Wait wait = new Wait(numbers.incrementAndGet(), what);
        begun.add(wait);
        return wait;
    }

    /**
     * {@return who waits now, the longest wait first: sentences such as "main waits for a connection at 192.0.2.2:80"}
     */
    public List<String> standing() {
        return begun.stream()
                .sorted(Comparator.comparingLong(wait -> wait.number))
                .map(Wait::toString)
                .toList();
    }

    /** One thread that stands still. */
    final class Wait implements AutoCloseable {

        private final long number;
        private final Thread thread = Thread.currentThread();
        private final Supplier<String> what;

        private Wait(long number, Supplier<String> what) {
            this.number = number;
            this.what = Objects.requireNonNull(what, "what must not be null");
        }

        @Override
        public void close() {
            begun.remove(this);
        }

        @Override
        public String toString() {
            return thread.getName() + " waits for " + what.get();
        }
    }
}
