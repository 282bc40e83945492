package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.BlockedCall;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaitingLineTest {

    private final VirtualClock clock = new VirtualClock();
    private final Waits waits = new Waits();
    private final WaitingLine line = new WaitingLine(waits);
    private final AtomicBoolean ready = new AtomicBoolean();

    private void comes() {
        synchronized (line) {
            ready.set(true);
            line.wakeAll();
        }
    }

    @Test
    void wait_endsWhenWhatItWaitsForHasCome_andIsListedMeanwhile() throws Exception {
        BlockedCall<Boolean> waiting =
                BlockedCall.startAndAwaitBlocked(() -> line.await(ready::get, Deadline.NEVER, () -> "a packet"));
        assertThat(waits.standing()).containsExactly("blocked call waits for a packet");

        line.wakeAll();
        assertThat(waiting.isDone()).as("nothing has come").isFalse();
        comes();

        assertThat(waiting.result()).isTrue();
        assertThat(waits.standing()).isEmpty();
    }

    @Test
    void wait_endsAtItsDeadline() throws Exception {
        Deadline deadline = clock.deadlineAfter(Duration.ofSeconds(2));
        BlockedCall<Boolean> waiting =
                BlockedCall.startAndAwaitBlocked(() -> line.await(ready::get, deadline, () -> "a packet"));
        clock.advance(Duration.ofSeconds(1));
        assertThat(waiting.isDone()).isFalse();

        clock.advance(Duration.ofSeconds(1));

        assertThat(waiting.result()).isFalse();
        assertThat(clock.untilNextTimer()).isEmpty();
    }

    @Test
    void whatIsThere_isFoundAfterTheDeadlineToo() throws Exception {
        ready.set(true);

        assertThat(line.await(ready::get, clock.deadlineAfter(Duration.ZERO), () -> "a packet"))
                .isTrue();
    }

    @Test
    void wait_endsWithAnInterrupt_unlessItHasCome() throws Exception {
        BlockedCall<Boolean> waiting =
                BlockedCall.startAndAwaitBlocked(() -> line.await(ready::get, Deadline.NEVER, () -> "a packet"));
        waiting.interrupt();
        assertThat(waiting.failure()).isInstanceOf(InterruptedException.class);
        assertThat(waits.standing()).isEmpty();

        comes();
        Thread.currentThread().interrupt();
        assertThat(line.await(ready::get, Deadline.NEVER, () -> "a packet")).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void waitThroughInterrupts_goesOn_andLeavesTheInterruptToTheThread() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        BlockedCall<Boolean> waiting = BlockedCall.startAndAwaitBlocked(() -> {
            line.awaitThroughInterrupts(
                    () -> {
                        looks.incrementAndGet();
                        return ready.get();
                    },
                    () -> "a packet");
            return Thread.interrupted();
        });
        int before = looks.get();
        waiting.interrupt();
        while (looks.get() == before) {
            Thread.onSpinWait();
        }
        comes();

        assertThat(waiting.result()).isTrue();
    }

    @Test
    void patience_endsInRealTime() throws Exception {
        assertThat(line.await(ready::get, Patience.of(Duration.ofMillis(1)), () -> "a packet"))
                .isFalse();
        ready.set(true);
        assertThat(line.await(ready::get, Patience.of(Duration.ZERO), () -> "a packet"))
                .isTrue();
    }

    @Test
    void words_areMadeForThoseWhoAsk_andWaitsAreListedInTheirOrder() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        BlockedCall<Boolean> first = BlockedCall.startAndAwaitBlocked(
                () -> line.await(ready::get, Deadline.NEVER, () -> "packet " + asked.incrementAndGet()));
        BlockedCall<Boolean> second = BlockedCall.startAndAwaitBlocked(() ->
                new WaitingLine(waits).await(ready::get, clock.deadlineAfter(Duration.ofSeconds(1)), () -> "time"));
        assertThat(asked).hasValue(0);

        List<String> standing = waits.standing();

        assertThat(standing).containsExactly("blocked call waits for packet 1", "blocked call waits for time");
        comes();
        clock.advance(Duration.ofSeconds(1));
        assertThat(first.result()).isTrue();
        assertThat(second.result()).isTrue();
    }
}
