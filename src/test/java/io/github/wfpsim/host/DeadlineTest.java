package io.github.wfpsim.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class DeadlineTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualClock clock = new VirtualClock();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void isExpired_fromTheExactTimeOn() {
        Deadline deadline = clock.deadlineAfter(SECOND);

        assertThat(deadline.isExpired()).isFalse();
        clock.advance(SECOND.minusNanos(1));
        assertThat(deadline.isExpired()).isFalse();
        clock.advance(Duration.ofNanos(1));
        assertThat(deadline.isExpired()).isTrue();
        clock.advance(SECOND);
        assertThat(deadline.isExpired()).isTrue();
    }

    @Test
    void deadline_countsFromTheTimeOfItsMaking() {
        clock.advance(SECOND);
        Deadline deadline = clock.deadlineAfter(SECOND);

        assertThat(deadline.isExpired()).isFalse();
        clock.advance(SECOND);
        assertThat(deadline.isExpired()).isTrue();
    }

    @Test
    void deadlineWithoutTimeout_hasExpiredAndRunsActionsAtOnce() {
        Deadline deadline = clock.deadlineAfter(Duration.ZERO);

        assertThat(deadline.isExpired()).isTrue();
        deadline.onExpiry(runs::incrementAndGet).close();
        assertThat(runs).hasValue(1);
    }

    @Test
    void never_doesNotExpireAndKeepsNoAction() {
        Deadline.Registration registration = Deadline.NEVER.onExpiry(runs::incrementAndGet);

        clock.advance(Duration.ofDays(100_000));
        registration.close();

        assertThat(Deadline.NEVER.isExpired()).isFalse();
        assertThat(runs).hasValue(0);
        assertThat(Deadline.NEVER).hasToString("Deadline[never]");
    }

    @Test
    void deadlineBeyondWhatTheClockCanShow_isNever() {
        assertThat(clock.deadlineAfter(Duration.ofSeconds(Long.MAX_VALUE))).isSameAs(Deadline.NEVER);
        assertThat(clock.deadlineAfter(Duration.ofNanos(Long.MAX_VALUE))).isSameAs(Deadline.NEVER);
    }

    @Test
    void onExpiry_runsOnceWhenTheTimeComes() {
        Deadline deadline = clock.deadlineAfter(SECOND);
        deadline.onExpiry(() -> {
            assertThat(deadline.isExpired()).isTrue();
            runs.incrementAndGet();
        });

        clock.advance(SECOND.minusNanos(1));
        assertThat(runs).hasValue(0);
        clock.advance(SECOND);
        clock.advance(SECOND);
        assertThat(runs).hasValue(1);
    }

    @Test
    void closedRegistration_doesNotRun() {
        Deadline.Registration registration = clock.deadlineAfter(SECOND).onExpiry(runs::incrementAndGet);

        registration.close();
        registration.close();
        clock.advance(SECOND);

        assertThat(runs).hasValue(0);
    }

    @Test
    void blockedThread_isWokenByTheAdvance() throws Exception {
        Deadline deadline = clock.deadlineAfter(SECOND);
        CountDownLatch registered = new CountDownLatch(1);
        CountDownLatch expired = new CountDownLatch(1);

        List<Boolean> results = Race.run(List.of(
                () -> {
                    try (Deadline.Registration registration = deadline.onExpiry(expired::countDown)) {
                        assertThat(registration).isNotNull();
                        registered.countDown();
                        return expired.await(10, TimeUnit.SECONDS) && deadline.isExpired();
                    }
                },
                () -> {
                    boolean ready = registered.await(10, TimeUnit.SECONDS);
                    clock.advance(SECOND);
                    return ready;
                }));

        assertThat(results).containsExactly(true, true);
    }

    @Test
    void onExpiry_racingWithTheAdvance_neverLosesTheWakeUp() throws Exception {
        for (int round = 0; round < 300; round++) {
            AtomicInteger wakeUps = new AtomicInteger();
            VirtualClock raced = new VirtualClock();
            Deadline deadline = raced.deadlineAfter(SECOND);

            Race.run(List.of(
                    () -> {
                        deadline.onExpiry(wakeUps::incrementAndGet);
                        return true;
                    },
                    () -> {
                        raced.advance(SECOND);
                        return true;
                    }));

            assertThat(wakeUps).as("round %d", round).hasValue(1);
        }
    }
}
