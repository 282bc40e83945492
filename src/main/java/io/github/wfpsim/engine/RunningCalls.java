package io.github.wfpsim.engine;

import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.machine.Waits;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one callout's functions that have not returned, so that nothing is taken away under them (WFP-32). To enter
 * is one compare-and-set in a place that a thread finds free again as a rule, to leave one write. Safe for use by many
 * threads.
 */
final class RunningCalls {

    /** What {@link #enter} gives when no more calls are taken. */
    static final int CLOSED = -1;

    private static final int PLACES = 8;
    /** Keeps places of different threads on different cache lines. */
    private static final int SPACING = 16;

    private static final AtomicReferenceFieldUpdater<RunningCalls, @Nullable RunningCalls> MORE =
            AtomicReferenceFieldUpdater.newUpdater(RunningCalls.class, RunningCalls.class, "more");

    private final AtomicReferenceArray<@Nullable RunningCall> places = new AtomicReferenceArray<>(PLACES * SPACING);
    private final Waits waits;
    private final WaitingLine line;
    private volatile boolean closed;

    /** Where calls go for which there is no place here. */
    private volatile @Nullable RunningCalls more;

    RunningCalls(Waits waits) {
        this.waits = waits;
        this.line = new WaitingLine(waits);
    }

    /** Notes a call that begins; gives what {@link #leave} takes, or CLOSED if it must not begin. */
    int enter(RunningCall call) {
        int place = take(call, 0);
        // Looked at after the call is noted: who closes and does not see the call is seen here.
        if (closed) {
            leave(place);
            return CLOSED;
        }
        return place;
    }

    private int take(RunningCall call, int base) {
        int first = (int) Thread.currentThread().getId() & (PLACES - 1);
        for (int i = 0; i < PLACES; i++) {
            int at = ((first + i) & (PLACES - 1)) * SPACING;
            if (places.get(at) == null && places.compareAndSet(at, null, call)) {
                return base + at;
            }
        }
        return next().take(call, base + places.length());
    }

    private RunningCalls next() {
        RunningCalls known = more;
        if (known != null) {
            return known;
        }
        RunningCalls made = new RunningCalls(waits);
        return MORE.compareAndSet(this, null, made) ? made : next();
    }

    /** Notes that a call has returned. */
    void leave(int place) {
        free(place);
        wake();
    }

    private void free(int place) {
        if (place < places.length()) {
            places.set(place, null);
        } else {
            next().free(place - places.length());
        }
    }

    /** Takes no more calls. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Waits until no call runs, after {@link #close}; an interrupt stays with the thread. */
    void awaitNone(String whose) {
        awaitUntil(() -> !isAnyRunning(), whose);
    }

    /** Waits, after {@link #close}, until something is so that whoever changes it tells by {@link #wake}. */
    void awaitUntil(BooleanSupplier done, String whose) {
        if (!done.getAsBoolean()) {
            line.awaitThroughInterrupts(done, () -> "the functions of " + whose + " to return");
        }
    }

    /** Has {@link #awaitUntil} look again. */
    void wake() {
        if (closed) {
            line.wakeAll();
        }
    }

    boolean isAnyRunning() {
        for (RunningCalls each = this; each != null; each = each.more) {
            for (int at = 0; at < each.places.length(); at += SPACING) {
                if (each.places.get(at) != null) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the calling thread is inside one of the calls. */
    boolean isRunningOnThisThread() {
        for (RunningCalls each = this; each != null; each = each.more) {
            for (int at = 0; at < each.places.length(); at += SPACING) {
                RunningCall call = each.places.get(at);
                if (call != null && call.runner() == Thread.currentThread()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether classifyFn is asked about a flow now. */
    boolean isAsked(long flowId) {
        for (RunningCalls each = this; each != null; each = each.more) {
            for (int at = 0; at < each.places.length(); at += SPACING) {
                RunningCall call = each.places.get(at);
                if (call != null && call.isAbout(flowId)) {
                    return true;
                }
            }
        }
        return false;
    }
}
