package io.github.wfpsim.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class VirtualClockTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualClock clock = new VirtualClock();
    private final List<String> ran = new ArrayList<>();

    private VirtualClock.Timer note(String name, int seconds) {
        return clock.schedule(Duration.ofSeconds(seconds), () -> ran.add(name + "@" + clock.nanos() / 1_000_000_000));
    }

    @Test
    void now_startsWith2026AndStandsStill() {
        assertThat(clock.now()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(clock.nanos()).isZero();
        assertThat(clock.now()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    }

    @Test
    void advance_movesTheTimeByTheAmount() {
        clock.advance(Duration.ofMillis(1500));
        clock.advance(Duration.ofNanos(1));

        assertThat(clock.nanos()).isEqualTo(1_500_000_001L);
        assertThat(clock.now()).isEqualTo(Instant.parse("2026-01-01T00:00:01.500000001Z"));
    }

    @Test
    void advance_runsDueTimersInOrderEachAtItsOwnTime() {
        note("late", 3);
        note("early", 1);
        note("beyond", 11);
        note("last", 10);

        clock.advance(Duration.ofSeconds(10));

        assertThat(ran).containsExactly("early@1", "late@3", "last@10");
        assertThat(clock.nanos()).isEqualTo(Duration.ofSeconds(10).toNanos());

        clock.advance(SECOND);
        assertThat(ran).endsWith("beyond@11").hasSize(4);
    }

    @Test
    void advance_runsTimersOfOneTimeInTheOrderOfRegistration() {
        for (int i = 0; i < 20; i++) {
            note("t" + i, 1);
        }

        clock.advance(SECOND);

        assertThat(ran).hasSize(20);
        assertThat(ran.get(0)).isEqualTo("t0@1");
        assertThat(ran.get(1)).isEqualTo("t1@1");
        assertThat(ran.get(19)).isEqualTo("t19@1");
    }

    @Test
    void schedule_withoutDelay_waitsForTheNextAdvance() {
        note("now", 0);
        assertThat(ran).isEmpty();

        clock.advance(Duration.ZERO);

        assertThat(ran).containsExactly("now@0");
        assertThat(clock.nanos()).isZero();
    }

    @Test
    void close_cancelsTheTimerAndIsHarmlessAfterwards() {
        VirtualClock.Timer cancelled = note("cancelled", 1);
        VirtualClock.Timer run = note("run", 1);

        cancelled.close();
        cancelled.close();
        clock.advance(SECOND);
        run.close();

        assertThat(ran).containsExactly("run@1");
    }

    @Test
    void timer_thatSchedulesAnother_hasItRunInTheSameAdvanceIfDue() {
        clock.schedule(SECOND, () -> {
            note("child", 2);
            note("tooLate", 5);
        });

        clock.advance(Duration.ofSeconds(4));

        assertThat(ran).containsExactly("child@3");
    }

    @Test
    void timer_thatCancelsAnotherOfTheSameTime_keepsItFromRunning() {
        List<VirtualClock.Timer> victim = new ArrayList<>();
        clock.schedule(SECOND, () -> victim.get(0).close());
        victim.add(note("victim", 1));

        clock.advance(SECOND);

        assertThat(ran).isEmpty();
    }

    @Test
    void timer_thatAdvances_addsToTheOuterAdvance() {
        note("outer", 4);
        note("inner", 7);
        clock.schedule(SECOND, () -> {
            clock.advance(Duration.ofSeconds(3));
            ran.add("back");
        });

        clock.advance(Duration.ofSeconds(4));

        assertThat(ran).containsExactly("outer@4", "inner@7", "back");
        assertThat(clock.nanos()).isEqualTo(Duration.ofSeconds(7).toNanos());
    }

    @Test
    void advance_whenTimersThrow_runsTheOthersAndThrowsTheFirst() {
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second");
        clock.schedule(SECOND, () -> {
            throw first;
        });
        clock.schedule(SECOND, () -> {
            throw second;
        });
        note("after", 2);

        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(5)))
                .isSameAs(first)
                .hasSuppressedException(second);
        assertThat(ran).containsExactly("after@2");
        assertThat(clock.nanos()).isEqualTo(Duration.ofSeconds(5).toNanos());
    }

    @Test
    void advance_whenTimersThrowOneSharedException_throwsIt() {
        RuntimeException shared = new IllegalStateException("shared");
        for (int i = 0; i < 2; i++) {
            clock.schedule(SECOND, () -> {
                throw shared;
            });
        }

        assertThatThrownBy(() -> clock.advance(SECOND)).isSameAs(shared).hasNoSuppressedExceptions();
    }

    @Test
    void negativeDurations_areRejected() {
        Duration negative = Duration.ofNanos(-1);

        assertThatThrownBy(() -> clock.advance(negative))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("amount must not be negative");
        assertThatThrownBy(() -> clock.schedule(negative, () -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("delay must not be negative");
        assertThatThrownBy(() -> clock.deadlineAfter(negative))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout must not be negative");
    }

    @Test
    void advance_beyondWhatTheClockCanShow_isRejectedAndMovesNothing() {
        clock.advance(SECOND);

        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> clock.advance(Duration.ofNanos(Long.MAX_VALUE - 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("292 years");
        assertThat(clock.nanos()).isEqualTo(SECOND.toNanos());
    }

    @Test
    void timer_runsWithoutTheClocksLock() {
        // If a lock were held, the other thread could not schedule and the wait would time out.
        clock.schedule(
                SECOND,
                () -> CompletableFuture.runAsync(() -> note("other", 1))
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join());

        clock.advance(Duration.ofSeconds(2));

        assertThat(ran).containsExactly("other@2");
    }

    @Test
    void advance_fromManyThreads_addsUpAndRunsEachTimerOnce() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        for (int i = 0; i < 1_000; i++) {
            clock.schedule(Duration.ofMillis(i), runs::incrementAndGet);
        }

        Race.run(8, () -> {
            for (int i = 0; i < 250; i++) {
                clock.advance(Duration.ofMillis(1));
            }
            return true;
        });

        assertThat(clock.nanos()).isEqualTo(Duration.ofSeconds(2).toNanos());
        assertThat(runs).hasValue(1_000);
    }

    @Test
    void untilNextTimer_tellsTheFirstOfThoseThatWait() {
        assertThat(clock.untilNextTimer()).isEmpty();
        VirtualClock.Timer early = note("early", 2);
        note("late", 5);
        assertThat(clock.untilNextTimer()).contains(Duration.ofSeconds(2));

        clock.advance(SECOND);
        assertThat(clock.untilNextTimer()).contains(SECOND);
        early.close();
        assertThat(clock.untilNextTimer()).contains(Duration.ofSeconds(4));

        clock.untilNextTimer().ifPresent(clock::advance);
        assertThat(ran).containsExactly("late@5");
        assertThat(clock.untilNextTimer()).isEmpty();
    }

    @Test
    void untilNextTimer_isZero_forOneThatIsDueAndHasNotRun() {
        note("now", 0);

        assertThat(clock.untilNextTimer()).contains(Duration.ZERO);
    }

    @Test
    void onNewTimer_hearsOfTimersAndOfDeadlinesThatSomebodyWaitsFor() {
        AtomicInteger heard = new AtomicInteger();
        Deadline deadline = clock.deadlineAfter(SECOND);
        try (Deadline.Registration first = clock.onNewTimer(heard::incrementAndGet);
                Deadline.Registration second = clock.onNewTimer(heard::incrementAndGet)) {
            note("one", 1);
            assertThat(heard).hasValue(2);
            deadline.onExpiry(() -> {}).close();
            assertThat(heard).hasValue(4);
            second.close();
            second.close();
            note("two", 2);
            assertThat(heard).hasValue(5);
            clock.advance(SECOND);
            deadline.onExpiry(() -> {}).close();
            assertThat(heard).as("the deadline has passed: no timer").hasValue(5);
        }
        note("three", 3);
        assertThat(heard).hasValue(5);
    }

    @Test
    void onNewTimer_mayAskTheClock() {
        List<Duration> next = new ArrayList<>();
        try (Deadline.Registration hook =
                clock.onNewTimer(() -> clock.untilNextTimer().ifPresent(next::add))) {
            note("late", 5);
            note("early", 2);
        }
        assertThat(next).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(2));
    }
}
