package io.github.wfpsim;

import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.machine.Waits;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that is done once: whoever wants it done meanwhile waits until it is, so that each of them finds it done. Only
 * the thread that does it does not wait for itself. Safe for use by many threads.
 */
final class Once {

    /** Guards the two fields below. */
    private final WaitingLine line;

    private @Nullable Thread doing;
    private boolean done;

    Once(Waits waits) {
        this.line = new WaitingLine(waits);
    }

    /**
     * Does it, or waits for who does.
     *
     * @param task what to do; what it throws only the first caller hears
     * @param what what is done, as others wait for it
     */
    void run(Runnable task, Supplier<String> what) {
        if (isMine()) {
            try {
                task.run();
            } finally {
                finish();
            }
        } else {
            awaitDone(what);
        }
    }

    private boolean isMine() {
        synchronized (line) {
            if (doing != null || done) {
                return false;
            }
            doing = Thread.currentThread();
            return true;
        }
    }

    private void finish() {
        synchronized (line) {
            done = true;
            doing = null;
            line.wakeAll();
        }
    }

    private void awaitDone(Supplier<String> what) {
        synchronized (line) {
            if (done || doing == Thread.currentThread()) {
                return;
            }
        }
        line.awaitThroughInterrupts(() -> done, what);
    }
}
