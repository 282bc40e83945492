package io.github.wfpsim.sockets;

import io.github.wfpsim.machine.Watchers;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous procedure calls of one thread, which run in its alertable waits, one at a time. Guarded by its private
 * lock; nothing is called inside it.
 */
final class ApcQueue {

    private final Thread thread;
    private final Object lock = new Object();
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final Watchers watchers = new Watchers();
    private volatile boolean running;
    private boolean ended;

    ApcQueue(Thread thread) {
        this.thread = thread;
    }

    /** Queues a call; false if the thread has ended. */
    boolean add(Runnable call) {
        List<Runnable> ready;
        synchronized (lock) {
            if (hasEnded()) {
                return false;
            }
            waiting.add(call);
            ready = watchers.take();
        }
        ready.forEach(Runnable::run);
        return true;
    }

    /** Whether one of the thread's calls runs now. */
    boolean isRunning() {
        return running;
    }

    boolean hasEnded() {
        return ended || !thread.isAlive();
    }

    /** The thread runs no more calls. */
    void end() {
        synchronized (lock) {
            ended = true;
            waiting.clear();
        }
    }

    /** Calls somebody once: when a call is queued, at once if one is. */
    void whenQueued(Runnable next) {
        synchronized (lock) {
            if (waiting.isEmpty()) {
                watchers.add(next);
                return;
            }
        }
        next.run();
    }

    /** Calls somebody no more. */
    void forget(Runnable next) {
        synchronized (lock) {
            watchers.remove(next);
        }
    }

    /** Runs what is queued, on the thread itself; false if there was nothing, or a call is running already. */
    boolean runAll() {
        if (running) {
            return false;
        }
        boolean any = false;
        running = true;
        try {
            for (Runnable call = poll(); call != null; call = poll()) {
                any = true;
                call.run();
            }
        } finally {
            running = false;
        }
        return any;
    }

    private @Nullable Runnable poll() {
        synchronized (lock) {
            return waiting.poll();
        }
    }
}
