package io.github.wfpsim.machine;

import io.github.wfpsim.host.Deadline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What has come and nobody has taken yet, first in first out, and who waits for it: threads in line, and watchers that are
 * called. Guarded by its own line, inside which nothing else is taken. Safe for use by many threads.
 *
 * @param <T> what waits
 */
public final class WaitingQueue<T> {

    /** Decides what has room, and hears what leaves; called inside the queue's lock. */
    public interface Room<T> {

        /**
         * Takes room for an element.
         *
         * @param element what came
         * @param first whether nothing else waits
         * @return false if there is none; nothing was changed then
         */
        boolean take(T element, boolean first);

        /**
         * Gives the room of an element back.
         *
         * @param element what left
         */
        void giveBack(T element);
    }

    private final WaitingLine line;
    private final Supplier<String> what;
    private final @Nullable Room<? super T> room;
    private final ArrayDeque<T> elements = new ArrayDeque<>(1);
    private final Watchers watchers = new Watchers();
    private boolean closed;

    /**
     * Creates an empty queue in which everything has room.
     *
     * @param waits where its waits are listed
     * @param what what is waited for, such as "a connection"
     */
    public WaitingQueue(Waits waits, Supplier<String> what) {
        this(waits, what, null);
    }

    /**
     * Creates an empty queue.
     *
     * @param waits where its waits are listed
     * @param what what is waited for, such as "a datagram"
     * @param room decides what has room; null if everything has
     */
    public WaitingQueue(Waits waits, Supplier<String> what, @Nullable Room<? super T> room) {
        this.line = new WaitingLine(waits);
        this.what = Objects.requireNonNull(what, "what must not be null");
        this.room = room;
    }

    /**
     * Adds an element, unless the queue is closed or there is no room.
     *
     * @param element what came
     * @return false if it was not added
     */
    public boolean offer(T element) {
        List<Runnable> ready;
        synchronized (line) {
            if (closed || (room != null && !room.take(element, elements.isEmpty()))) {
                return false;
            }
            elements.add(element);
            line.wakeAll();
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
        return true;
    }

    /**
     * Takes the oldest element.
     *
     * @return null if there is none
     */
    public @Nullable T poll() {
        synchronized (line) {
            return remove();
        }
    }

    private @Nullable T remove() {
        T oldest = elements.poll();
        if (oldest != null && room != null) {
            room.giveBack(oldest);
        }
        return oldest;
    }

    private @Nullable T look(Predicate<? super T> stays) {
        synchronized (line) {
            T oldest = elements.peek();
            return oldest == null || stays.test(oldest) ? oldest : remove();
        }
    }

    /**
     * Takes the oldest element, waiting for one.
     *
     * @param deadline when to give up
     * @return null if the deadline passed or the queue was closed first
     * @throws InterruptedException if the thread is interrupted and there is none
     */
    public @Nullable T take(Deadline deadline) throws InterruptedException {
        T oldest = poll();
        while (oldest == null && await(deadline)) {
            oldest = poll();
        }
        return oldest;
    }

    /**
     * Shows the oldest element, waiting for one.
     *
     * @param stays whether it is left in the queue; asked inside the queue's lock
     * @param deadline when to give up
     * @return null if the deadline passed or the queue was closed first
     * @throws InterruptedException if the thread is interrupted and there is none
     */
    public @Nullable T peek(Predicate<? super T> stays, Deadline deadline) throws InterruptedException {
        T oldest = look(stays);
        while (oldest == null && await(deadline)) {
            oldest = look(stays);
        }
        return oldest;
    }

    /** False if there is nothing to wait for any more. */
    private boolean await(Deadline deadline) throws InterruptedException {
        return line.await(this::hasCome, deadline, what) && !isClosed();
    }

    /** Called inside the lock. */
    private boolean hasCome() {
        return closed || !elements.isEmpty();
    }

    /** {@return whether a taker need not wait: there is an element, or the queue is closed} */
    public boolean isReady() {
        synchronized (line) {
            return hasCome();
        }
    }

    /**
     * Calls somebody once: when a taker need not wait, at once if so already.
     *
     * @param next what to call, outside the lock; it must not block
     */
    public void whenReady(Runnable next) {
        synchronized (line) {
            if (!hasCome()) {
                watchers.add(next);
                return;
            }
        }
        next.run();
    }

    /** {@return whether the queue is closed} */
    public boolean isClosed() {
        synchronized (line) {
            return closed;
        }
    }

    /**
     * Closes the queue and wakes all who wait. A second call does nothing.
     *
     * @return what nobody has taken
     */
    public List<T> close() {
        List<T> orphans;
        List<Runnable> ready;
        synchronized (line) {
            closed = true;
            orphans = new ArrayList<>(elements);
            while (remove() != null) {
                // Each one's room is given back.
            }
            line.wakeAll();
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
        return orphans;
    }
}
