package io.github.wfpsim.fray;

import io.github.wfpsim.host.SimOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

    private static final int SCHEDULES = Integer.getInteger("fray.schedules", 100);

    /** Which story ran in how many orders, and how long that took. */
    private static final Path TABLE = Path.of("target", "fray", "schedules.md");

    static {
        write("| Story | Schedules | Seconds |\n|---|---|---|\n", StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** What a thread of a story does, or what the story is. */
    interface Deed {
        void run() throws Exception;
    }

    private Orders() {}

    /** Draws orders until one fails. */
    static void draw(Deed story) {
        long start = System.nanoTime();
        FrayInTestLauncher.INSTANCE.launchFray(
                () -> unchecked(story),
                new POSScheduler(),
                new ControlledRandomProvider(),
                SCHEDULES,
                Integer.MAX_VALUE,
                false,
                TimelineCoverageType.NONE,
                configuration -> Unit.INSTANCE);
        long tenths = (System.nanoTime() - start) / 100_000_000;
        write(
                "| " + nameOfStory() + " | " + SCHEDULES + " | " + tenths / 10 + "." + tenths % 10 + " |\n",
                StandardOpenOption.APPEND);
    }

    /** The method of the test that draws, which helpers of its class may stand between. */
    private static String nameOfStory() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().endsWith("Schedules"))
                        .reduce((inner, outer) -> outer)
                        .map(frame -> frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName()))
                .orElseThrow();
    }

    private static void write(String text, StandardOpenOption how) {
        try {
            Files.createDirectories(TABLE.getParent());
            Files.writeString(TABLE, text, StandardOpenOption.CREATE, how);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
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
