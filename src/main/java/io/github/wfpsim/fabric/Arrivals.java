package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingQueue;
import io.github.wfpsim.machine.Waits;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What came for somebody on the network: it waits until it is fetched, or goes to who takes all of it at once. Safe for use
 * by many threads.
 *
 * @param <T> what comes
 */
final class Arrivals<T> {

    private final WaitingQueue<T> arrivals;
    private volatile @Nullable Consumer<T> taker;

    Arrivals(Waits waits, Supplier<String> what) {
        this.arrivals = new WaitingQueue<>(waits, what);
    }

    /** Waits for the next one; null once closed. */
    @Nullable
    T take(Deadline deadline) throws InterruptedException {
        Objects.requireNonNull(deadline, "deadline must not be null: give Deadline.NEVER to wait without end");
        return arrivals.take(deadline);
    }

    /** Has all that comes, and came, handed over. */
    void whenTaken(Consumer<T> next) {
        taker = next;
        handOver();
    }

    /** False if it is closed. */
    boolean offer(T arrival) {
        boolean taken = arrivals.offer(arrival);
        handOver();
        return taken;
    }

    private void handOver() {
        Consumer<T> next = taker;
        while (next != null) {
            T waiting = arrivals.poll();
            if (waiting == null) {
                return;
            }
            next.accept(waiting);
        }
    }

    boolean isClosed() {
        return arrivals.isClosed();
    }

    /** Takes nothing any more; gives what nobody fetched. */
    List<T> close() {
        return arrivals.close();
    }
}
