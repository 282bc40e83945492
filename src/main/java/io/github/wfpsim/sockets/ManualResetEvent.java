package io.github.wfpsim.sockets;

import io.github.wfpsim.machine.Watchers;
import io.github.wfpsim.winsock.WsaEvent;
import java.util.List;

/** An event with those who wait for it. Guarded by its private lock; who is told is called without it. */
final class ManualResetEvent implements WsaEvent {

    private final Object lock = new Object();
    private final Watchers watchers = new Watchers();
    private boolean signalled;
    private boolean closed;

    /** The event as this room knows it; an event comes from WSACreateEvent. */
    static ManualResetEvent of(WsaEvent event) {
        if (event instanceof ManualResetEvent own) {
            return own;
        }
        throw new IllegalArgumentException(event + " is no event of a machine: give one that wsaCreateEvent made");
    }

    @Override
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

    @Override
    public boolean reset() {
        synchronized (lock) {
            signalled = false;
            return !closed;
        }
    }

    @Override
    public boolean isSignalled() {
        synchronized (lock) {
            return signalled;
        }
    }

    @Override
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
