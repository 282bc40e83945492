package io.github.wfpsim.wskprovider;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one socket whose IRPs have not gone up, or whose routines have not returned: the close comes after them,
 * whoever has taken them meanwhile in order to cancel or to end them (WSKS-11).
 */
final class OpenCalls {

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();
    private final Runnable whenCallEnds;

    /** Calls that are calls of a registration as well, which hears of the end of each. */
    OpenCalls(Registration registration) {
        this.whenCallEnds = () -> {
            end();
            registration.callEnds();
        };
    }

    void begin() {
        open.incrementAndGet();
    }

    /** Ends a call; for each that has begun, once. */
    Runnable whenCallEnds() {
        return whenCallEnds;
    }

    private void end() {
        if (open.decrementAndGet() == 0) {
            goOn();
        }
    }

    boolean isNone() {
        return open.get() == 0;
    }

    /** Goes on when no call is open: at once, or on the thread that ends the last one. */
    void whenNone(Runnable next) {
        waiting.set(next);
        // Looked at after it is said who waits: who ends the last call and does not see it is seen here.
        if (isNone()) {
            goOn();
        }
    }

    private void goOn() {
        Runnable next = waiting.getAndSet(null);
        if (next != null) {
            next.run();
        }
    }
}
