package io.github.wfpsim.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.trace.Events;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.Trace;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.trace.TraceListener;
import io.github.wfpsim.trace.TraceLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TraceRecorderTest {

    private static final int THREADS = 4;
    private static final int ROUNDS = 1_000;

    private final VirtualClock clock = new VirtualClock();
    private final TraceRecorder trace = new TraceRecorder(clock, 3);
    private final TraceRecorder deaf = new TraceRecorder(clock, 0);
    private final List<Long> heard = new CopyOnWriteArrayList<>();

    private void hear(TraceLog.Entry entry) {
        heard.add(entry.sequence());
    }

    private static List<Long> sequences(List<TraceLog.Entry> entries) {
        return entries.stream().map(TraceLog.Entry::sequence).toList();
    }

    private static void emit(TraceRecorder trace, int events) {
        LongStream.rangeClosed(1, events).forEach(endpoint -> trace.emit(Events.opened(endpoint)));
    }

    @Nested
    final class Log {

        @Test
        void log_whenFull_dropsTheOldestAndSaysHowMany() {
            emit(trace, 5);

            assertThat(sequences(trace.log().entries())).containsExactly(3L, 4L, 5L);
            assertThat(trace.log().dropped()).isEqualTo(2);
        }

        @Test
        void log_whenNotFull_dropsNothing() {
            emit(trace, 3);

            assertThat(sequences(trace.log().entries())).containsExactly(1L, 2L, 3L);
            assertThat(trace.log().dropped()).isZero();
        }

        @Test
        void log_whenCleared_goesOnCounting() {
            emit(trace, 5);
            trace.log().clear();
            assertThat(trace.log().entries()).isEmpty();
            assertThat(trace.log().dropped()).isZero();

            emit(trace, 1);

            assertThat(sequences(trace.log().entries())).containsExactly(6L);
        }

        @Test
        void log_listsTheEventsOfOneEndpoint() {
            trace.emit(Events.opened(4));
            trace.emit(new TraceEvent.ProcessEnded(1000, "app.exe"));
            trace.emit(Events.opened(8));

            assertThat(sequences(trace.log().entriesOf(8))).containsExactly(3L);
        }

        @Test
        void log_listsTheEventsOfALineage() {
            trace.emit(new TraceEvent.SocketOpened(new Subject(4, 70, 1000, "app.exe")));
            trace.emit(new TraceEvent.SocketOpened(new Subject(8, 71, 1000, "app.exe")));
            trace.emit(new TraceEvent.SocketOpened(new Subject(12, 70, 1004, "proxy.exe")));

            assertThat(sequences(trace.log().entriesOfLineage(70))).containsExactly(1L, 3L);
        }

        @Test
        void log_givesVirtualTime() {
            clock.advance(Duration.ofSeconds(7));
            emit(trace, 1);

            assertThat(trace.log().entries().get(0).time()).isEqualTo(clock.now());
        }

        @Test
        void entries_areACopy() {
            List<TraceLog.Entry> before = trace.log().entries();
            emit(trace, 1);

            assertThat(before).isEmpty();
            assertThat(trace.log().entries()).isUnmodifiable();
        }
    }

    @Nested
    final class Listening {

        @Test
        void trace_whenNobodyListens_isNotListening() {
            deaf.emit(Events.opened(4));

            assertThat(deaf.isListening()).isFalse();
            assertThat(deaf.log().entries()).isEmpty();
            assertThat(deaf.log().dropped()).isZero();
        }

        @Test
        void trace_whenTheLogKeeps_isListening() {
            assertThat(trace.isListening()).isTrue();
        }

        @Test
        void listener_hearsEventsWithoutALog() {
            deaf.addListener(TraceRecorderTest.this::hear);
            emit(deaf, 2);

            assertThat(deaf.isListening()).isTrue();
            assertThat(heard).containsExactly(1L, 2L);
            assertThat(deaf.log().entries()).isEmpty();
        }

        @Test
        void listener_whenTakenAway_hearsNoMore() {
            Trace.Registration registration = deaf.addListener(TraceRecorderTest.this::hear);
            emit(deaf, 1);
            registration.close();
            emit(deaf, 1);

            assertThat(heard).containsExactly(1L);
            assertThat(deaf.isListening()).isFalse();
        }

        @Test
        void listener_whenAnotherIsTakenAway_stillHears() {
            Trace.Registration other = deaf.addListener(entry -> {});
            deaf.addListener(TraceRecorderTest.this::hear);
            other.close();
            emit(deaf, 1);

            assertThat(heard).containsExactly(1L);
        }

        @Test
        void registration_whenClosedTwice_takesOnlyItsOwnAway() {
            TraceListener twice = TraceRecorderTest.this::hear;
            Trace.Registration first = deaf.addListener(twice);
            deaf.addListener(twice);
            first.close();
            first.close();
            emit(deaf, 1);

            assertThat(heard).containsExactly(1L);
        }

        @Test
        void registration_whenTheLogKeeps_leavesTheTraceListening() {
            trace.addListener(TraceRecorderTest.this::hear).close();

            assertThat(trace.isListening()).isTrue();
        }

        @Test
        void listener_whenItThrows_hurtsNeitherEmitterNorOthers() {
            deaf.addListener(entry -> {
                throw new IllegalStateException("a listener's mistake, made on purpose");
            });
            deaf.addListener(entry -> {
                throw new AssertionError("a listener's failed assertion, made on purpose");
            });
            deaf.addListener(TraceRecorderTest.this::hear);
            emit(deaf, 2);

            assertThat(heard).containsExactly(1L, 2L);
        }

        @Test
        void listener_mayEmitAndListen() {
            deaf.addListener(entry -> {
                if (entry.sequence() == 1) {
                    deaf.addListener(TraceRecorderTest.this::hear);
                    deaf.emit(Events.opened(8));
                }
            });
            emit(deaf, 1);

            assertThat(heard).containsExactly(2L);
        }
    }

    @Nested
    final class Threads {

        private final TraceRecorder large = new TraceRecorder(clock, THREADS * ROUNDS);

        @Test
        void events_ofManyThreads_areNumberedWithoutGapsAndInOrderOfEachConnection() throws Exception {
            Race.run(emitters());

            assertThat(sequences(large.log().entries()))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, THREADS * ROUNDS).boxed().toList());
            for (int endpoint = 0; endpoint < THREADS; endpoint++) {
                assertThat(large.log().entriesOf(endpoint))
                        .extracting(entry -> ((TraceEvent.RecordsQueried) entry.event()).bytes())
                        .containsExactlyElementsOf(
                                LongStream.range(0, ROUNDS).boxed().toList());
            }
        }

        @Test
        void events_ofManyThreads_reachEachListenerOnce() throws Exception {
            large.addListener(entry -> heard.add(entry.sequence()));

            Race.run(emitters());

            assertThat(heard)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, THREADS * ROUNDS).boxed().toList());
        }

        /** Each thread emits numbered events of an endpoint of its own. */
        private List<Callable<Boolean>> emitters() {
            return IntStream.range(0, THREADS)
                    .<Callable<Boolean>>mapToObj(endpoint -> () -> {
                        for (int i = 0; i < ROUNDS; i++) {
                            large.emit(new TraceEvent.RecordsQueried(
                                    Events.subject(endpoint), NtStatus.STATUS_SUCCESS, i));
                        }
                        return true;
                    })
                    .toList();
        }

        @Test
        void listener_whenItComesAsTheLastOneGoes_isHeard() throws Exception {
            AtomicReference<Trace.Registration> last = new AtomicReference<>(deaf.addListener(entry -> {}));
            AtomicReference<Trace.Registration> next = new AtomicReference<>();
            CyclicBarrier together = new CyclicBarrier(2);
            List<Boolean> listening = new ArrayList<>();

            Race.run(List.of(
                    () -> inRounds(together, () -> last.get().close(), () -> {}),
                    () -> inRounds(together, () -> next.set(deaf.addListener(entry -> {})), () -> {
                        listening.add(deaf.isListening());
                        last.set(next.get());
                    })));

            assertThat(listening).hasSize(5 * ROUNDS).containsOnly(true);
        }

        private boolean inRounds(CyclicBarrier together, Runnable step, Runnable check) throws Exception {
            for (int i = 0; i < 5 * ROUNDS; i++) {
                together.await();
                step.run();
                together.await();
                check.run();
            }
            return true;
        }
    }

    @Test
    @SuppressWarnings("NullAway")
    void trace_whenAnArgumentIsBad_namesIt() {
        assertThatNullPointerException()
                .isThrownBy(() -> new TraceRecorder(null, 1))
                .withMessageContaining("clock must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TraceRecorder(clock, -1))
                .withMessageContaining("capacity")
                .withMessageContaining("-1");
        assertThatNullPointerException()
                .isThrownBy(() -> trace.addListener(null))
                .withMessageContaining("listener must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> trace.emit(null))
                .withMessageContaining("event must not be null");
    }
}
