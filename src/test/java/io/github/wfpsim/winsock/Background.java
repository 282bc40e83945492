package io.github.wfpsim.winsock;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A call that waits on a thread of its own, while the test goes on. */
final class Background<T> {

    private final FutureTask<T> task;
    private final Thread thread;

    private Background(Callable<T> call) {
        this.task = new FutureTask<>(call);
        this.thread = new Thread(task, "background call");
        this.thread.setDaemon(true);
    }

    static <T> Background<T> start(Callable<T> call) {
        Background<T> background = new Background<>(call);
        background.thread.start();
        return background;
    }

    /** Returns once the call waits for something; bounded by the time-out of the test. */
    Background<T> awaitBlocked() throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (isDone()) {
                throw new AssertionError("the call did not wait");
            }
            Thread.onSpinWait();
        }
        return this;
    }

    boolean isDone() {
        return task.isDone();
    }

    void interrupt() {
        thread.interrupt();
    }

    T result() throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException failure) {
            throw new AssertionError("the call threw", failure.getCause());
        }
    }
}
