package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A status that becomes known once, and who waits for it, told in the order in which they asked. The private lock guards
 * both; nobody is called inside it.
 */
final class Settlement {

    private final Object lock = new Object();
    private final ArrayDeque<Consumer<NtStatus>> waiting = new ArrayDeque<>(1);
    private boolean settling;
    private volatile @Nullable NtStatus status;

    /** The status; null while it is not known. */
    @Nullable
    NtStatus now() {
        return status;
    }

    /** Tells the status: at once if it is known, else on the thread that settles it. */
    void whenKnown(Consumer<NtStatus> next) {
        NtStatus known = status;
        if (known == null) {
            synchronized (lock) {
                known = status;
                if (known == null) {
                    waiting.add(next);
                    return;
                }
            }
        }
        next.accept(known);
    }

    /** Makes the status known; all but the first call do nothing. */
    void settle(NtStatus outcome) {
        synchronized (lock) {
            if (settling) {
                return;
            }
            settling = true;
        }
        // Known only when nobody waits any more, so that nobody overtakes.
        for (Consumer<NtStatus> next = nextOrKnown(outcome); next != null; next = nextOrKnown(outcome)) {
            next.accept(outcome);
        }
    }

    private @Nullable Consumer<NtStatus> nextOrKnown(NtStatus outcome) {
        synchronized (lock) {
            if (waiting.isEmpty()) {
                status = outcome;
            }
            return waiting.poll();
        }
    }
}
