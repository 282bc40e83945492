package io.github.wfpsim.winsock;

import io.github.wfpsim.machine.Watchers;
import java.util.List;

/**
 * A manual-reset event, WSAEVENT: WSACreateEvent makes it not signalled. Guarded by its private lock. Safe for use by many
 * threads.
 *
 * <p>Source: WSACreateEvent function; WSASetEvent function; WSAResetEvent function (SDK). Requirement: WSA-50.
 */
public final class WsaEvent implements AutoCloseable {

    private final Object lock = new Object();
    private final Watchers watchers = new Watchers();
    private boolean signalled;
    private boolean closed;

    /** Creates an event that is not signalled, WSACreateEvent. */
    public WsaEvent() {}

    /**
     * Signals the event, WSASetEvent.
     *
     * @return false if it is closed
     */
    public boolean set() {
        List<Runnable> waiting;
        synchronized (lock) {
            if (closed) {
                return false;
            }
            signalled = true;
            waiting = watchers.take();
        }
        waiting.forEach(Runnable::run);
        return true;
    }

    /**
     * Takes the signal back, WSAResetEvent.
     *
     * @return false if it is closed
     */
    public boolean reset() {
        synchronized (lock) {
            signalled = false;
            return !closed;
        }
    }

    /**
     * Tells the state.
     *
     * @return true if it is signalled
     */
    public boolean isSignalled() {
        synchronized (lock) {
            return signalled;
        }
    }

    /**
     * Tells whether it was closed.
     *
     * @return true after {@link #close}
     */
    public boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /** Calls somebody once: when it is signalled, at once if so already. */
    void whenSignalled(Runnable next) {
        synchronized (lock) {
            if (!signalled && !closed) {
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

    /** Closes the event, WSACloseEvent; who waits for it waits no longer. A second call does nothing. */
    @Override
    public void close() {
        List<Runnable> waiting;
        synchronized (lock) {
            closed = true;
            waiting = watchers.take();
        }
        waiting.forEach(Runnable::run);
    }
}
