package io.github.wfpsim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.host.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TraceTest {

    private static final Subject CLIENT = new Subject(4, 4, 1000, "client.exe");
    private static final Subject PROXY = new Subject(8, 4, 1004, "proxy.exe");

    private final VirtualClock clock = new VirtualClock();

    private static TraceEvent event(Subject subject) {
        return new TraceEvent.SocketOpened(subject);
    }

    @Test
    void log_keepsTheNewestAndCountsTheRest() {
        Trace trace = new Trace(clock, 3);
        for (int i = 0; i < 10; i++) {
            trace.emit(event(CLIENT));
        }

        assertThat(trace.log().entries()).extracting(TraceLog.Entry::sequence).containsExactly(8L, 9L, 10L);
        assertThat(trace.log().dropped()).isEqualTo(7);
    }

    @Test
    void log_thatIsCleared_goesOnCounting() {
        Trace trace = new Trace(clock, 3);
        trace.emit(event(CLIENT));

        trace.log().clear();
        trace.emit(event(CLIENT));

        assertThat(trace.log().entries()).extracting(TraceLog.Entry::sequence).containsExactly(2L);
        assertThat(trace.log().dropped()).isZero();
    }

    @Test
    void log_answersByEndpointAndByLineage() {
        Trace trace = new Trace(clock, 10);
        trace.emit(event(CLIENT));
        trace.emit(event(PROXY));
        trace.emit(event(new Subject(9, 9, 1, "other.exe")));
        trace.emit(new TraceEvent.ProcessEnded(1, "other.exe"));

        assertThat(trace.log().entriesOf(8))
                .extracting(TraceLog.Entry::sequence)
                .containsExactly(2L);
        assertThat(trace.log().entriesOfLineage(4))
                .extracting(TraceLog.Entry::sequence)
                .containsExactly(1L, 2L);
    }

    @Test
    void entries_haveTheVirtualTime() {
        Trace trace = new Trace(clock, 10);
        trace.emit(event(CLIENT));
        clock.advance(Duration.ofSeconds(90));
        trace.emit(event(CLIENT));

        List<TraceLog.Entry> entries = trace.log().entries();
        assertThat(Duration.between(entries.get(0).time(), entries.get(1).time()))
                .hasSeconds(90);
    }

    @Test
    void traceWithoutLogOrListener_doesNotListen() {
        Trace trace = new Trace(clock, 0);
        assertThat(trace.isListening()).isFalse();
        trace.emit(event(CLIENT));

        List<TraceLog.Entry> heard = new ArrayList<>();
        try (Trace.Registration listening = trace.addListener(heard::add)) {
            assertThat(listening).isNotNull();
            assertThat(trace.isListening()).isTrue();
            trace.emit(event(CLIENT));
        }

        assertThat(trace.isListening()).isFalse();
        trace.emit(event(CLIENT));
        assertThat(heard).extracting(TraceLog.Entry::sequence).containsExactly(1L);
        assertThat(trace.log().entries()).isEmpty();
    }

    @Test
    void listenerThatThrows_hurtsNobody() {
        Trace trace = new Trace(clock, 10);
        AtomicInteger heard = new AtomicInteger();
        trace.addListener(entry -> {
            throw new IllegalStateException("expected by this test");
        });
        trace.addListener(entry -> heard.incrementAndGet());

        trace.emit(event(CLIENT));

        assertThat(heard).hasValue(1);
        assertThat(trace.log().entries()).hasSize(1);
    }

    @Test
    void listener_mayEmitAndTakeItselfAway() {
        Trace trace = new Trace(clock, 10);
        List<Trace.Registration> own = new ArrayList<>();
        own.add(trace.addListener(entry -> {
            own.get(0).close();
            trace.emit(event(PROXY));
        }));

        trace.emit(event(CLIENT));

        assertThat(trace.log().entries()).hasSize(2);
    }

    @Test
    void manyThreads_getEachNumberOnceAndInOrder() throws Exception {
        int each = 5_000;
        Trace trace = new Trace(clock, 4 * each);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Callable<Integer> emitting = () -> {
            for (int i = 0; i < each; i++) {
                trace.emit(event(CLIENT));
            }
            return each;
        };
        for (Future<Integer> done : threads.invokeAll(Collections.nCopies(4, emitting))) {
            assertThat(done.get(10, TimeUnit.SECONDS)).isEqualTo(each);
        }
        threads.shutdown();

        assertThat(trace.log().entries().stream().mapToLong(TraceLog.Entry::sequence))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 4L * each).boxed().toList());
    }
}
