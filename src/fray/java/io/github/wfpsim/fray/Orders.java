package io.github.wfpsim.fray;

import io.github.wfpsim.host.SimOptions;
import java.util.ArrayList;
import java.util.List;
import kotlin.Unit;
import org.pastalab.fray.core.observers.TimelineCoverageType;
import org.pastalab.fray.core.randomness.ControlledRandomProvider;
import org.pastalab.fray.core.scheduler.POSScheduler;
import org.pastalab.fray.junit.plain.FrayInTestLauncher;

/**
 * Runs a story in many orders of its threads: {@code -Dfray.schedules} says in how many. A failure leaves its order in
 * the report folder; {@link #replay} runs that order again.
 */
final class Orders {

    private static final int SCHEDULES = Integer.getInteger("fray.schedules", 200);

    /** What a thread of a story does, or what the story is. */
    interface Deed {
        void run() throws Exception;
    }

    private Orders() {}

    /** Draws orders until one fails. */
    static void draw(Deed story) {
        FrayInTestLauncher.INSTANCE.launchFray(
                () -> unchecked(story),
                new POSScheduler(),
                new ControlledRandomProvider(),
                SCHEDULES,
                Integer.MAX_VALUE,
                false,
                TimelineCoverageType.NONE,
                configuration -> Unit.INSTANCE);
    }

    /** Runs the one order that a folder of an earlier report holds. */
    static void replay(Deed story, String recording) {
        FrayInTestLauncher.INSTANCE.launchFrayReplay(() -> unchecked(story), recording);
    }

    /** A machine that is small to set up: a step of its own costs an order of the rest. */
    static SimOptions small() {
        return SimOptions.defaults().traceCapacity(0);
    }

    /** Runs deeds at once, the first on the calling thread, and throws what the first of them threw. */
    static void atOnce(Deed mine, Deed... others) throws Exception {
        List<Exception> thrown = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Deed other : others) {
            Thread thread = new Thread(() -> noting(other, thrown));
            threads.add(thread);
            thread.start();
        }
        noting(mine, thrown);
        for (Thread thread : threads) {
            thread.join();
        }
        if (!thrown.isEmpty()) {
            throw thrown.get(0);
        }
    }

    private static void noting(Deed deed, List<Exception> thrown) {
        try {
            deed.run();
        } catch (Exception failure) {
            synchronized (thrown) {
                thrown.add(failure);
            }
        }
    }

    private static void unchecked(Deed story) {
        try {
            story.run();
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }
}
