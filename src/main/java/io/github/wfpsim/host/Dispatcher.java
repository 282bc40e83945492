package io.github.wfpsim.host;

import io.github.wfpsim.host.SimOptions.DispatcherMode;
import java.util.concurrent.Executor;

/**
 * The one place where work changes threads, as a test sees it: completions of IRPs and overlapped calls go through here.
 *
 * <p>Tasks run one after another in the order of arrival, and never under a lock.
 *
 * <ul>
 *   <li>{@link DispatcherMode#BACKGROUND}: on a single daemon thread, started with the first task. What a task throws
 *       is kept, the thread lives on, and closing the machine throws it.
 *   <li>{@link DispatcherMode#INLINE}: at once, on the thread that hands the task in; so nested if a task hands in
 *       another one.
 *   <li>{@link DispatcherMode#MANUAL}: when the test calls {@link #runNext} or {@link #runAll}, on its thread.
 * </ul>
 *
 * <p>Requirements: WSK-42, WSA-48, IRP-10.
 */
public interface Dispatcher extends Executor {

    /**
     * Hands a task in, as IoQueueWorkItem does for a driver.
     *
     * @param task what to run
     * @throws IllegalStateException if the machine is closed
     */
    @Override
    void execute(Runnable task);

    /**
     * Runs the oldest waiting task on the calling thread; what it throws reaches the caller.
     *
     * @return false if none was waiting
     * @throws IllegalStateException if the mode is not {@link DispatcherMode#MANUAL}
     */
    boolean runNext();

    /**
     * Runs waiting tasks on the calling thread until none is left, also those that tasks hand in meanwhile.
     *
     * @return how many were run
     * @throws IllegalStateException if the mode is not {@link DispatcherMode#MANUAL}
     */
    int runAll();

    /** {@return how many tasks wait; a running one does not count} */
    int pending();
}
