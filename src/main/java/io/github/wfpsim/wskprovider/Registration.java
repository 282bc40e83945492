package io.github.wfpsim.wskprovider;

import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskRegistration;
import java.util.concurrent.atomic.AtomicInteger;

/** What one registration has: its captures and sockets, guarded by its private line, and its calls, counted without. */
final class Registration implements WskRegistration {

    private final WskClientNpi client;
    private final WaitingLine line;
    private final AtomicInteger calls = new AtomicInteger();
    private final Runnable whenCallEnds = this::callEnds;
    private int captures;
    private int sockets;
    private volatile boolean deregistering;
    private boolean gone;
    private boolean hadSockets;
    private int staticEvents;

    Registration(WskClientNpi client, Waits waits) {
        this.client = client;
        this.line = new WaitingLine(waits);
    }

    WskClientNpi client() {
        return client;
    }

    /** Counts a capture; false once deregistration has begun. */
    boolean capture() {
        synchronized (line) {
            captures += deregistering ? 0 : 1;
            return !deregistering;
        }
    }

    /** Gives a capture back; false if there is none. */
    boolean release() {
        synchronized (line) {
            boolean captured = captures > 0;
            captures -= captured ? 1 : 0;
            line.wakeAll();
            return captured;
        }
    }

    boolean isDeregistering() {
        return deregistering;
    }

    void socketOpened() {
        synchronized (line) {
            sockets++;
            hadSockets = true;
        }
    }

    /** Sets what every socket has from the start; false if there is one already (WSKS-34). */
    boolean setStaticEvents(int events) {
        synchronized (line) {
            staticEvents |= hadSockets ? 0 : events;
            return !hadSockets;
        }
    }

    int staticEvents() {
        synchronized (line) {
            return staticEvents;
        }
    }

    void socketClosed() {
        synchronized (line) {
            sockets--;
            line.wakeAll();
        }
    }

    /** A call with an IRP begins; without the lock, because every request comes by. */
    void callBegins() {
        calls.incrementAndGet();
    }

    /** The IRP of a call has gone up, or there was none. */
    void callEnds() {
        // Lowered before the flag is read, which is set before the number is: one of the two threads sees the other.
        if (calls.decrementAndGet() == 0 && deregistering) {
            line.wakeAll();
        }
    }

    Runnable whenCallEnds() {
        return whenCallEnds;
    }

    /** Lets no more captures succeed. */
    void beginDeregistering() {
        synchronized (line) {
            deregistering = true;
        }
    }

    /**
     * Waits until nothing is captured or open and no call is left; an interrupt does not end the wait, as on Windows. A
     * thread that completes requests cannot wait for calls, of which its own may be one.
     */
    void awaitUnused(boolean forCalls) {
        line.awaitThroughInterrupts(
                () -> gone || (captures == 0 && sockets == 0 && !(forCalls && calls.get() > 0)), this::inUse);
    }

    /** What a wait is for: what is still in use. */
    private String inUse() {
        synchronized (line) {
            return "the end of " + captures + " captures, " + sockets + " sockets and " + calls
                    + " calls of a WSK registration";
        }
    }

    /** Gives up waiting for whom the machine has taken everything away. */
    void takeAway() {
        synchronized (line) {
            captures = 0;
            gone = true;
            deregistering = true;
            line.wakeAll();
        }
    }
}
