package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
final class TaskQueueTest {

    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

    private Runnable note(String name) {
        return () -> ran.add(name);
    }

    private static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void background_runsTasksInOrderOnOneDaemonThread() {
        List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits())) {
            for (int i = 0; i < 100; i++) {
                dispatcher.execute(note("t" + i));
                dispatcher.execute(() -> threads.add(Thread.currentThread()));
            }
        }

        assertThat(ran).hasSize(100).startsWith("t0", "t1", "t2").endsWith("t98", "t99");
        assertThat(threads).hasSize(100);
        assertThat(threads.stream().distinct())
                .singleElement()
                .matches(Thread::isDaemon)
                .isNotEqualTo(Thread.currentThread());
    }

    @ParameterizedTest
    @EnumSource(DispatcherMode.class)
    void offer_runsTheTaskUntilTheDispatcherIsClosed(DispatcherMode mode) {
        TaskQueue dispatcher = new TaskQueue(mode, new Waits());
        assertThat(dispatcher.offer(note("before"))).isTrue();
        dispatcher.close();

        assertThat(dispatcher.offer(note("after"))).isFalse();
        assertThat(ran).containsExactly("before");
    }

    @Test
    void background_startsItsThreadWithTheFirstTaskAndEndsItOnClose() {
        CompletableFuture<Thread> worker = new CompletableFuture<>();
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits());
        assertThatCode(dispatcher::close).doesNotThrowAnyException();

        try (TaskQueue used = new TaskQueue(DispatcherMode.BACKGROUND, new Waits())) {
            used.execute(() -> worker.complete(Thread.currentThread()));
            assertThat(await(worker).getName()).isEqualTo("wfpsim-dispatcher");
        }
        assertThat(await(worker).isAlive()).isFalse();
    }

    @Test
    void background_whenIdle_waitsForTheNextTask() {
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits())) {
            CompletableFuture<Thread> worker = new CompletableFuture<>();
            dispatcher.execute(() -> worker.complete(Thread.currentThread()));
            Thread thread = await(worker);
            while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }

            CompletableFuture<Thread> again = new CompletableFuture<>();
            dispatcher.execute(() -> again.complete(Thread.currentThread()));

            assertThat(await(again)).isSameAs(thread);
        }
    }

    @Test
    void background_afterATaskThatThrew_goesOnAndThrowsOnClose() {
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second");
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits());
        dispatcher.execute(() -> {
            throw first;
        });
        dispatcher.execute(() -> {
            throw second;
        });
        dispatcher.execute(note("after"));

        assertThatThrownBy(dispatcher::close).isSameAs(first).hasSuppressedException(second);
        assertThat(ran).containsExactly("after");
        assertThatCode(dispatcher::close).doesNotThrowAnyException();
    }

    @Test
    void background_afterATaskThatThrewAnError_goesOnAndThrowsOnClose() {
        AssertionError broken = new AssertionError("broken invariant");
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits());
        dispatcher.execute(() -> {
            throw broken;
        });
        dispatcher.execute(note("after"));

        assertThatThrownBy(dispatcher::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("broken invariant")
                .hasCause(broken);
        assertThat(ran).containsExactly("after");
    }

    @Test
    void background_afterATaskThatInterruptedItsThread_goesOn() {
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits())) {
            CountDownLatch interrupted = new CountDownLatch(1);
            dispatcher.execute(() -> {
                Thread.currentThread().interrupt();
                interrupted.countDown();
            });
            await(interrupted);
            dispatcher.execute(note("after"));
        }
        assertThat(ran).containsExactly("after");
    }

    @Test
    void background_keepsAtMostAHundredFailures() {
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits());
        for (int i = 0; i < 500; i++) {
            dispatcher.execute(() -> {
                throw new IllegalStateException("broken");
            });
        }

        assertThatThrownBy(dispatcher::close)
                .satisfies(first -> assertThat(first.getSuppressed()).hasSize(99));
    }

    @Test
    void close_onAnInterruptedThread_waitsForTheTasksAllTheSame() {
        Waits waits = new Waits();
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, waits);
        dispatcher.execute(() -> {
            while (waits.standing().isEmpty() && !Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
            ran.add(Thread.currentThread().isInterrupted() ? "interrupted" : "done");
        });
        Thread.currentThread().interrupt();

        dispatcher.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(ran).containsExactly("done");
    }

    @Test
    void close_onTheBackgroundThreadItself_doesNotWaitForItself() {
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits());
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        dispatcher.execute(() -> {
            dispatcher.close();
            closed.complete(true);
        });

        // Half of what close waits for a task that hangs: waiting for itself would take longer.
        assertThat(closed.orTimeout(5, TimeUnit.SECONDS).join()).isTrue();
    }

    @Test
    void close_waitsForTasksThatWereHandedInBefore() {
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits());
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        dispatcher.execute(() -> {
            running.countDown();
            await(released);
        });
        dispatcher.execute(note("waiting"));
        await(running);
        assertThat(dispatcher.pending()).isEqualTo(1);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(dispatcher::close);

        released.countDown();
        await(closing);

        assertThat(ran).containsExactly("waiting");
        assertThat(dispatcher.pending()).isZero();
    }

    @Test
    void inline_runsAtOnceOnTheCallersThreadNested() {
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.INLINE, new Waits())) {
            dispatcher.execute(() -> {
                ran.add("outer on " + Thread.currentThread().getName());
                dispatcher.execute(note("inner"));
                ran.add("outer ends");
            });
        }

        assertThat(ran).containsExactly("outer on " + Thread.currentThread().getName(), "inner", "outer ends");
    }

    @Test
    void inline_letsFailuresReachTheCaller() {
        RuntimeException failure = new IllegalStateException("failure");
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.INLINE, new Waits())) {
            assertThatThrownBy(() -> dispatcher.execute(() -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
        }
    }

    @Test
    void inline_runsTasksWithoutALock() {
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.INLINE, new Waits())) {
            dispatcher.execute(() -> await(CompletableFuture.runAsync(() -> dispatcher.execute(note("other")))));
        }
        assertThat(ran).containsExactly("other");
    }

    @Test
    void manual_runsNothingByItself() {
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.MANUAL, new Waits())) {
            dispatcher.execute(note("a"));
            dispatcher.execute(note("b"));
            assertThat(ran).isEmpty();
            assertThat(dispatcher.pending()).isEqualTo(2);

            assertThat(dispatcher.runNext()).isTrue();
            assertThat(ran).containsExactly("a");
            assertThat(dispatcher.runNext()).isTrue();
            assertThat(dispatcher.runNext()).isFalse();
            assertThat(ran).containsExactly("a", "b");
        }
    }

    @Test
    void runAll_runsAlsoWhatTasksHandIn() {
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.MANUAL, new Waits())) {
            dispatcher.execute(() -> dispatcher.execute(note("child")));

            assertThat(dispatcher.runAll()).isEqualTo(2);
            assertThat(ran).containsExactly("child");
            assertThat(dispatcher.runAll()).isZero();
        }
    }

    @Test
    void runNext_letsFailuresReachTheCallerAndKeepsTheRest() {
        RuntimeException failure = new IllegalStateException("failure");
        try (TaskQueue dispatcher = new TaskQueue(DispatcherMode.MANUAL, new Waits())) {
            dispatcher.execute(() -> {
                throw failure;
            });
            dispatcher.execute(note("rest"));

            assertThatThrownBy(dispatcher::runNext).isSameAs(failure);
            assertThat(dispatcher.runNext()).isTrue();
        }
        assertThat(ran).containsExactly("rest");
    }

    @Test
    void manual_close_runsWhatIsLeft() {
        TaskQueue dispatcher = new TaskQueue(DispatcherMode.MANUAL, new Waits());
        dispatcher.execute(note("left"));

        dispatcher.close();

        assertThat(ran).containsExactly("left");
    }

    @ParameterizedTest
    @EnumSource(names = {"BACKGROUND", "INLINE"})
    void runNextAndRunAll_inAnotherMode_areRejected(DispatcherMode mode) {
        try (TaskQueue dispatcher = new TaskQueue(mode, new Waits())) {
            assertThatThrownBy(dispatcher::runNext)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(mode.name());
            assertThatThrownBy(dispatcher::runAll).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void execute_afterClose_isRefused(DispatcherMode mode) {
        TaskQueue dispatcher = new TaskQueue(mode, new Waits());
        dispatcher.close();
        dispatcher.close();

        assertThatThrownBy(() -> dispatcher.execute(note("never")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(ran).isEmpty();
    }

    @Test
    void execute_racingWithClose_eitherRunsOrIsRefused() throws Exception {
        for (int round = 0; round < 100; round++) {
            List<Integer> done = Collections.synchronizedList(new ArrayList<>());
            TaskQueue dispatcher = new TaskQueue(DispatcherMode.BACKGROUND, new Waits());

            List<Boolean> accepted = Race.run(List.of(
                    () -> {
                        try {
                            dispatcher.execute(() -> done.add(1));
                            return true;
                        } catch (IllegalStateException refused) {
                            return false;
                        }
                    },
                    () -> {
                        dispatcher.close();
                        return false;
                    }));
            // A second close waits for the thread in case the first one came before it was started.
            dispatcher.close();

            assertThat(done).as("round %d", round).hasSize(accepted.get(0) ? 1 : 0);
        }
    }
}
