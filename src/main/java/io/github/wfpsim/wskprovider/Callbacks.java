package io.github.wfpsim.wskprovider;

import io.github.wfpsim.recorder.FaultScope;
import java.util.ArrayList;
import java.util.List;

/** Which event callbacks of one socket are on, and which run now. The private lock guards that; nobody is called inside. */
final class Callbacks {

    /** Not a mask of wsk.h: WskInspectEvent and WskAbortEvent, which conditional accept switches on. */
    static final int INSPECTION = 0x1;

    private static final int ALL = -1;

    /** Who wants to know when callbacks have returned. */
    private record Waiter(int events, Runnable told) {}

    private final WskProvider provider;
    private final Object lock = new Object();
    private final List<Integer> running = new ArrayList<>(0);
    private final List<Waiter> waiters = new ArrayList<>(0);
    private int enabled;
    private boolean closed;

    Callbacks(WskProvider provider) {
        this.provider = provider;
    }

    void enable(int events) {
        synchronized (lock) {
            enabled |= events;
        }
    }

    void disable(int events) {
        synchronized (lock) {
            enabled &= ~events;
        }
    }

    boolean isEnabled(int event) {
        synchronized (lock) {
            return !closed && (enabled & event) != 0;
        }
    }

    /** Lets no more callbacks start. */
    void close() {
        synchronized (lock) {
            closed = true;
        }
    }

    /** Calls a callback as WSK does; false if it is switched off. Its faults surface from the machine's close. */
    boolean call(int event, Runnable callback) {
        synchronized (lock) {
            if (closed || (enabled & event) == 0) {
                return false;
            }
            running.add(event);
        }
        FaultScope scope = provider.stack().verifier().enter();
        try {
            provider.ioManager().asEventCallback(callback);
        } finally {
            scope.defer();
            returned(event);
        }
        return true;
    }

    private void returned(int event) {
        List<Waiter> ready = new ArrayList<>(0);
        synchronized (lock) {
            running.remove(Integer.valueOf(event));
            for (Waiter waiter : waiters) {
                if (!isRunning(waiter.events())) {
                    ready.add(waiter);
                }
            }
            waiters.removeAll(ready);
        }
        ready.forEach(waiter -> waiter.told().run());
    }

    private boolean isRunning(int events) {
        return running.stream().anyMatch(event -> (event & events) != 0);
    }

    /** Calls somebody when no such callback runs; false, and nobody is called, if none runs now. */
    boolean awaitReturn(int events, Runnable told) {
        synchronized (lock) {
            boolean runs = isRunning(events);
            if (runs) {
                waiters.add(new Waiter(events, told));
            }
            return runs;
        }
    }

    boolean awaitReturnOfAll(Runnable told) {
        return awaitReturn(ALL, told);
    }
}
