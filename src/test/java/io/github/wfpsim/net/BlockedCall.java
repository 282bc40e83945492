package io.github.wfpsim.net;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A call on a thread of its own, while the test goes on. Every wait is bounded by the time-out of the test. */
public final class BlockedCall<T> {

    private final FutureTask<T> task;
    private final Thread thread;

    private BlockedCall(Callable<T> call) {
        this.task = new FutureTask<>(call);
        this.thread = new Thread(task, "blocked call");
        this.thread.setDaemon(true);
    }

    /** Starts the call. */
    public static <T> BlockedCall<T> start(Callable<T> call) {
        BlockedCall<T> started = new BlockedCall<>(call);
        started.thread.start();
        return started;
    }

    /** Starts the call and returns once it waits on a monitor or lock. */
    public static <T> BlockedCall<T> startAndAwaitBlocked(Callable<T> call) throws InterruptedException {
        BlockedCall<T> started = start(call);
        while (started.thread.getState() != Thread.State.WAITING) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (started.task.isDone()) {
                throw new AssertionError("the call did not wait");
            }
            Thread.onSpinWait();
        }
        return started;
    }

    /** Interrupts the thread of the call. */
    public void interrupt() {
        thread.interrupt();
    }

    /** Tells whether the call is over. */
    public boolean isDone() {
        return task.isDone();
    }

    /** Waits for the result; the call must not throw. */
    public T result() throws InterruptedException {
        thread.join();
        try {
            return task.get();
        } catch (ExecutionException failure) {
            throw new AssertionError("the call threw", failure.getCause());
        }
    }

    /** Waits for the exception of a call that must throw. */
    public Throwable failure() throws InterruptedException {
        thread.join();
        try {
            throw new AssertionError("the call returned " + task.get());
        } catch (ExecutionException failure) {
            return failure.getCause();
        }
    }
}
