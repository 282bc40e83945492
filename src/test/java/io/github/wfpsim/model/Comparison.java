package io.github.wfpsim.model;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A sequence on a fresh machine and a fresh model, up to the first difference.
 *
 * @param made the calls that were made, with the answers of the model; those that would have waited are left out
 * @param difference the first difference; null if there was none
 */
record Comparison(List<Made> made, @Nullable Difference difference) {

    private static final int PATIENCE_SECONDS = 5;

    /** Interrupts calls that wait although the model said that they do not. */
    private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "watchdog");
        thread.setDaemon(true);
        return thread;
    });

    /** Where machine and model differ. */
    enum Where {
        ANSWER,
        TABLE,
        TEAR_DOWN
    }

    /** A call that was made, and what the model says to it. */
    record Made(Step step, String expected) {}

    /** What the model says, and what the machine. */
    record Difference(Where where, String call, String expected, String actual) {

        /** Whether another difference shows the same error; names in the answers may have changed. */
        boolean isLike(@Nullable Difference other) {
            return other != null && where == other.where && call.equals(other.call);
        }
    }

    static Comparison of(List<Step> steps, Supplier<? extends Model> models) {
        Thread self = Thread.currentThread();
        Future<?> alarm = WATCHDOG.schedule(self::interrupt, PATIENCE_SECONDS, TimeUnit.SECONDS);
        try (World world = World.open();
                Model model = models.get()) {
            return run(steps, world, model);
        } finally {
            alarm.cancel(false);
            Thread.interrupted();
        }
    }

    private static Comparison run(List<Step> steps, World world, Model model) {
        List<Made> made = new ArrayList<>();
        for (Step step : steps) {
            String expected = step.on(model);
            if (expected == null) {
                continue;
            }
            made.add(new Made(step, expected));
            String actual = step.on(world);
            if (!expected.equals(actual)) {
                return new Comparison(made, new Difference(Where.ANSWER, step.call(), expected, actual));
            }
            List<String> expectedTable = model.table();
            List<String> actualTable = world.table();
            if (!expectedTable.equals(actualTable)) {
                return new Comparison(
                        made,
                        new Difference(
                                Where.TABLE,
                                step.call(),
                                String.join("\n", expectedTable),
                                String.join("\n", actualTable)));
            }
        }
        List<String> wrong = world.tearDown();
        return new Comparison(
                made,
                wrong.isEmpty() ? null : new Difference(Where.TEAR_DOWN, "tearDown", "", String.join("\n", wrong)));
    }

    /** The calls alone. */
    List<Step> steps() {
        return made.stream().map(Made::step).toList();
    }
}
