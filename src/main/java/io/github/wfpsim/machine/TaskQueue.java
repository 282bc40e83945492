package io.github.wfpsim.machine;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Dispatcher;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one place where work changes threads: completions of IRPs and overlapped calls go through here.
 *
 * <p>Tasks run one after another in the order of arrival, and never under a lock of this class.
 *
 * <ul>
 *   <li>{@link DispatcherMode#BACKGROUND}: on a single daemon thread, started with the first task. What a task throws
 *       is kept, the thread lives on, and {@link #close} throws it.
 *   <li>{@link DispatcherMode#INLINE}: at once, on the thread that hands the task in; so nested if a task hands in
 *       another one.
 *   <li>{@link DispatcherMode#MANUAL}: when the test calls {@link #runNext} or {@link #runAll}, on its thread.
 * </ul>
 *
 * <p>Requirements: WSK-42, WSA-48, IRP-10.
 */
public final class TaskQueue implements Dispatcher, AutoCloseable {

    /** Real time that closing waits for a task that hangs. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final DispatcherMode mode;

    private final Waits waits;

    private final KeptFailures failures = new KeptFailures();

    /** Guards all fields below. */
    private final WaitingLine line;

    private final Deque<Runnable> queue = new ArrayDeque<>();

    /** Who runs tasks by hand, once for each task that it is in. */
    private final List<Thread> runners = new ArrayList<>();

    private @Nullable Thread worker;
    private boolean closed;

    /**
     * Creates a dispatcher; no thread is started yet.
     *
     * @param mode who runs the tasks
     * @param waits where the waits of the machine are listed
     */
    public TaskQueue(DispatcherMode mode, Waits waits) {
        this.mode = Objects.requireNonNull(mode, "mode must not be null: BACKGROUND is the usual one");
        this.waits = waits;
        this.line = new WaitingLine(waits);
    }

    /** {@return who waits on the machine, in the list that all its lines share} */
    public Waits waits() {
        return waits;
    }

    @Override
    public void execute(Runnable task) {
        if (!offer(task)) {
            throw new IllegalStateException("the dispatcher is closed: finish the work before closing the host");
        }
    }

    /**
     * Hands a task in, unless the dispatcher is closed.
     *
     * @param task what to run
     * @return false if the dispatcher is closed; the task was not run then and never will
     */
    public boolean offer(Runnable task) {
        Objects.requireNonNull(task, "task must not be null: pass what is to run");
        synchronized (line) {
            if (closed) {
                return false;
            }
            if (mode != DispatcherMode.INLINE) {
                queue.add(task);
                wakeWorker();
                return true;
            }
        }
        task.run();
        return true;
    }

    /**
     * Hands a task in that somebody depends on, such as the end of a call: once the dispatcher is closed it is run at once,
     * on the calling thread, because nobody else would.
     *
     * @param task what to run
     */
    public void later(Runnable task) {
        if (!offer(task)) {
            task.run();
        }
    }

    /**
     * Runs a task at once on the calling thread, in every mode. What it throws is none of that thread's business: it is
     * kept, and {@link #close} throws it.
     *
     * @param task what to run
     */
    public void runHere(Runnable task) {
        Objects.requireNonNull(task, "task must not be null: pass what is to run");
        runKept(task);
    }

    /**
     * Tells of a failure that is nobody's who called: as a task that throws it, or when the queue closes, if tasks run inline.
     *
     * @param failure what went wrong
     * @return false if the queue is closed; nobody hears of it then
     */
    public boolean tell(RuntimeException failure) {
        Objects.requireNonNull(failure, "failure must not be null: pass what went wrong");
        if (mode != DispatcherMode.INLINE) {
            return offer(() -> {
                throw failure;
            });
        }
        synchronized (line) {
            if (!closed) {
                failures.keep(failure);
            }
            return !closed;
        }
    }

    @Override
    public boolean runNext() {
        requireManual();
        Runnable task;
        synchronized (line) {
            task = queue.poll();
            if (task == null) {
                return false;
            }
            runners.add(Thread.currentThread());
        }
        try {
            task.run();
        } finally {
            synchronized (line) {
                runners.remove(Thread.currentThread());
            }
        }
        return true;
    }

    @Override
    public int runAll() {
        int count = 0;
        while (runNext()) {
            count++;
        }
        return count;
    }

    /** {@return whether the calling thread is the dispatcher's own, on which nobody may wait for another task} */
    public boolean isOwnThread() {
        synchronized (line) {
            return worker == Thread.currentThread();
        }
    }

    /** {@return whether the calling thread is inside a task, and so must not wait for a later one; also if a test runs it} */
    public boolean isInTask() {
        synchronized (line) {
            return worker == Thread.currentThread() || runners.contains(Thread.currentThread());
        }
    }

    @Override
    public int pending() {
        synchronized (line) {
            return queue.size();
        }
    }

    /**
     * Refuses further tasks, has the waiting ones run, and waits for them. Idempotent. Called on the background thread
     * itself it does not wait; a task that hangs is interrupted after ten seconds of real time.
     *
     * @throws RuntimeException what the first failing task threw, with later failures as suppressed
     */
    @Override
    public void close() {
        Thread background;
        synchronized (line) {
            closed = true;
            line.wakeAll();
            background = worker;
        }
        if (background != null && background != Thread.currentThread()) {
            awaitEnd(background);
        }
        if (mode == DispatcherMode.MANUAL) {
            drain();
        }
        failures.throwAll();
    }

    private void requireManual() {
        if (mode != DispatcherMode.MANUAL) {
            throw new IllegalStateException("tasks run by themselves in mode " + mode + ": build the host with MANUAL");
        }
    }

    private void wakeWorker() {
        if (mode != DispatcherMode.BACKGROUND) {
            return;
        }
        if (worker == null) {
            worker = new Thread(this::drain, "wfpsim-dispatcher");
            worker.setDaemon(true);
            worker.start();
        }
        line.wakeAll();
    }

    /** Runs tasks until the dispatcher is closed and the queue empty, and keeps what they throw. */
    private void drain() {
        for (Runnable task = awaitTask(); task != null; task = awaitTask()) {
            runKept(task);
        }
    }

    private void runKept(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException failure) {
            failures.keep(failure);
        } catch (Error failure) {
            failures.keep(new IllegalStateException("a dispatched task failed: " + failure, failure));
        }
    }

    private @Nullable Runnable awaitTask() {
        while (true) {
            synchronized (line) {
                if (hasTurn()) {
                    return queue.poll();
                }
            }
            try {
                line.await(this::hasTurn, Deadline.NEVER, () -> "a task");
            } catch (InterruptedException stray) {
                // A task left the flag set, or close lost patience; the queue decides.
            }
        }
    }

    /** Whether the worker may go on, or end. Called inside the lock. */
    private boolean hasTurn() {
        return closed || !queue.isEmpty();
    }

    private void awaitEnd(Thread background) {
        Patience patience = Patience.of(CLOSE_PATIENCE);
        boolean interrupted = false;
        while (background.isAlive() && !patience.isOver()) {
            try {
                line.awaitEnd(background, patience, () -> "the dispatcher's last task");
            } catch (InterruptedException early) {
                // Whoever closes must find the tasks done; the flag is for what comes after.
                interrupted = true;
            }
        }
        if (background.isAlive()) {
            background.interrupt();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
