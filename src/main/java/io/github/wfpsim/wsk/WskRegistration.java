package io.github.wfpsim.wsk;

/**
 * A driver's registration, WSK_REGISTRATION: opaque. What it counts is guarded by its private lock. Safe for use by many
 * threads.
 *
 * <p>Source: WSK_REGISTRATION; Registering a Winsock Kernel Application (WDK). Requirements: WSKS-01 to WSKS-03.
 */
public final class WskRegistration {

    private final WskClientNpi client;
    private final Object lock = new Object();
    private int captures;
    private int sockets;
    private int calls;
    private boolean deregistering;
    private boolean hadSockets;
    private int staticEvents;

    WskRegistration(WskClientNpi client) {
        this.client = client;
    }

    WskClientNpi client() {
        return client;
    }

    /** Counts a capture; false once deregistration has begun. */
    boolean capture() {
        synchronized (lock) {
            captures += deregistering ? 0 : 1;
            return !deregistering;
        }
    }

    /** Gives a capture back; false if there is none. */
    boolean release() {
        synchronized (lock) {
            boolean captured = captures > 0;
            captures -= captured ? 1 : 0;
            lock.notifyAll();
            return captured;
        }
    }

    boolean isDeregistering() {
        synchronized (lock) {
            return deregistering;
        }
    }

    void socketOpened() {
        synchronized (lock) {
            sockets++;
            hadSockets = true;
        }
    }

    /** Sets what every socket has from the start; false if there is one already (WSKS-34). */
    boolean setStaticEvents(int events) {
        synchronized (lock) {
            staticEvents |= hadSockets ? 0 : events;
            return !hadSockets;
        }
    }

    int staticEvents() {
        synchronized (lock) {
            return staticEvents;
        }
    }

    void socketClosed() {
        synchronized (lock) {
            sockets--;
            lock.notifyAll();
        }
    }

    void callBegins() {
        synchronized (lock) {
            calls++;
        }
    }

    void callEnds() {
        synchronized (lock) {
            calls--;
            lock.notifyAll();
        }
    }

    /** Lets no more captures succeed. */
    void beginDeregistering() {
        synchronized (lock) {
            deregistering = true;
        }
    }

    /** Waits until nothing is captured, called or open; an interrupt does not end the wait, as on Windows. */
    void awaitUnused() {
        boolean interrupted = false;
        synchronized (lock) {
            while (captures > 0 || sockets > 0 || calls > 0) {
                try {
                    lock.wait();
                } catch (InterruptedException early) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives up waiting for whom the machine has taken everything away. */
    void takeAway() {
        synchronized (lock) {
            captures = 0;
            calls = 0;
            deregistering = true;
            lock.notifyAll();
        }
    }
}
