package io.github.wfpsim.stack;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingQueue;
import io.github.wfpsim.machine.Waits;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Connections that a listener has not accepted yet, and the places for those that are being set up. */
final class AcceptQueue {

    private final int backlog;

    /** Places that are reserved or filled. */
    private final AtomicInteger places = new AtomicInteger();

    private final WaitingQueue<Endpoint> established;

    AcceptQueue(int backlog, Waits waits, Supplier<String> what) {
        this.backlog = backlog;
        this.established = new WaitingQueue<>(waits, what);
    }

    /** Reserves a place for a connection that is being set up; false if the queue is full or closed. */
    boolean reserve() {
        if (established.isClosed()) {
            return false;
        }
        int taken = places.getAndUpdate(now -> now < backlog ? now + 1 : now);
        return taken < backlog;
    }

    /** Gives a reserved place back. */
    void release() {
        places.decrementAndGet();
    }

    /** Fills a reserved place; false if the listener closed meanwhile. */
    boolean offer(Endpoint connection) {
        boolean queued = established.offer(connection);
        if (!queued) {
            release();
        }
        return queued;
    }

    /** Calls somebody once: when there is a connection or the queue is closed, at once if so already. */
    void whenReady(Runnable next) {
        established.whenReady(next);
    }

    /** Whether there is a connection, or the queue is closed. */
    boolean isReady() {
        return established.isReady();
    }

    /**
     * Takes the oldest connection, waiting for one.
     *
     * @return null if the queue was closed or the deadline passed first
     */
    @Nullable
    Endpoint take(Deadline deadline) throws InterruptedException {
        return freed(established.take(deadline));
    }

    /** Takes the oldest connection if there is one. */
    @Nullable
    Endpoint poll() {
        return freed(established.poll());
    }

    private @Nullable Endpoint freed(@Nullable Endpoint taken) {
        if (taken != null) {
            release();
        }
        return taken;
    }

    /** Closes the queue, wakes every waiter and hands back what nobody accepted. */
    List<Endpoint> close() {
        return established.close();
    }

    boolean isClosed() {
        return established.isClosed();
    }
}
