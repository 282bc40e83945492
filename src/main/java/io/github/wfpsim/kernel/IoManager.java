package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.machine.InlineDraws;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the IRPs of one machine share. Made by the root and used by the rooms of the library only. Safe for use by many
 * threads.
 *
 * <p>Requirements: IRP-10, WSK-42.
 */
public final class IoManager {

    private final SimOptions options;
    private final TaskQueue dispatcher;
    private final FaultRecorder verifier;
    private final ThreadIrql irql;

    @SuppressWarnings(
            "ThreadLocalUsage") // One for each machine: a thread may be inside a routine of one and call another.
    private final ThreadLocal<Whereabouts> whereabouts = ThreadLocal.withInitial(Whereabouts::new);

    /** Whose code the thread runs. */
    private static final class Whereabouts {
        private boolean inRoutine;
        private boolean inCallback;
    }

    private final AtomicLong numbers = new AtomicLong();
    private final InlineDraws draws;

    /**
     * Creates the shared part.
     *
     * @param options completion mode and level, and the seed
     * @param dispatcher runs completions
     * @param verifier hears of faults
     * @param irql knows the level of each thread
     */
    public IoManager(SimOptions options, TaskQueue dispatcher, FaultRecorder verifier, ThreadIrql irql) {
        this.options = Objects.requireNonNull(options, "options must not be null");
        this.draws = new InlineDraws(options, 0);
        this.dispatcher = Objects.requireNonNull(dispatcher, "dispatcher must not be null");
        this.verifier = Objects.requireNonNull(verifier, "verifier must not be null");
        this.irql = Objects.requireNonNull(irql, "irql must not be null");
    }

    Waits waits() {
        return dispatcher.waits();
    }

    FaultRecorder verifier() {
        return verifier;
    }

    ThreadIrql irql() {
        return irql;
    }

    long nextNumber() {
        return numbers.incrementAndGet();
    }

    /** Whether the next request completes on the thread that makes it; drawn once for each request (WSK-42). */
    boolean drawInline() {
        return draws.next();
    }

    /** Where completions and queued work run. */
    TaskQueue dispatcher() {
        return dispatcher;
    }

    /** Runs a completion; a thread that only happens to cause it is not to blame for what a routine throws. */
    void complete(Runnable completion, boolean inline) {
        if (inline || options.dispatcher() == DispatcherMode.INLINE) {
            dispatcher.runHere(completion);
        } else {
            dispatcher.later(completion);
        }
    }

    /** Runs a driver's routine at the level of completions, or higher if the thread is higher (IRP-10). */
    void asCompletionRoutine(Runnable routine) {
        Whereabouts here = whereabouts.get();
        boolean before = here.inRoutine;
        here.inRoutine = true;
        try {
            irql.runAt(atLeast(options.completionIrql()), routine);
        } finally {
            here.inRoutine = before;
        }
    }

    /**
     * {@return whether the calling thread is inside a driver's completion routine, where no request may be started
     * (WSKS-36); false in what depends on a future of {@link DriverIo#send}}
     */
    public boolean isInCompletionRoutine() {
        return whereabouts.get().inRoutine;
    }

    /**
     * {@return whether the calling thread is the one that completes requests, so that it must not wait for one to
     * complete: inside a completion routine, and on the dispatcher's own thread}
     */
    public boolean isCompleting() {
        return isInCompletionRoutine() || isOnDispatcher();
    }

    boolean isOnDispatcher() {
        return dispatcher.isOwnThread();
    }

    /**
     * Runs an event callback at the level of completions, or higher if the thread is higher (WSKS-35). Called by the rooms
     * that raise events.
     *
     * @param callback the driver's
     */
    public void asEventCallback(Runnable callback) {
        Whereabouts here = whereabouts.get();
        boolean routine = here.inRoutine;
        boolean before = here.inCallback;
        here.inRoutine = false;
        here.inCallback = true;
        try {
            irql.runAt(atLeast(options.completionIrql()), callback);
        } finally {
            here.inCallback = before;
            here.inRoutine = routine;
        }
    }

    /**
     * {@return whether the calling thread is inside a driver's event callback, where no request may be waited for
     * (WSKS-35)}
     */
    public boolean isInEventCallback() {
        return whereabouts.get().inCallback;
    }

    void atDispatchIrql(Runnable routine) {
        irql.runAt(atLeast(Irql.DISPATCH_LEVEL), routine);
    }

    private Irql atLeast(Irql level) {
        Irql now = irql.get();
        return now.code() > level.code() ? now : level;
    }
}
