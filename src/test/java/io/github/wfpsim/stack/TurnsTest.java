package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TurnsTest {

    /** A socket side that hands out permits. */
    private static final class Side {
        private final ArrayDeque<Runnable> watchers = new ArrayDeque<>();
        private int permits;

        synchronized boolean take() {
            boolean taken = permits > 0;
            permits -= taken ? 1 : 0;
            return taken;
        }

        void whenReady(Runnable next) {
            synchronized (this) {
                if (permits == 0) {
                    watchers.add(next);
                    return;
                }
            }
            next.run();
        }

        void give() {
            List<Runnable> ready;
            synchronized (this) {
                permits++;
                ready = new ArrayList<>(watchers);
                watchers.clear();
            }
            ready.forEach(Runnable::run);
        }

        synchronized int watching() {
            return watchers.size();
        }
    }

    private final Side side = new Side();
    private final Turns turns = new Turns(side::whenReady, Runnable::run);
    private final List<String> done = new ArrayList<>();

    private Turns.Turn turn(String name) {
        return () -> {
            boolean over = side.take();
            if (over) {
                done.add(name);
            }
            return over;
        };
    }

    @Test
    void turns_endInTheirOrder_withOneWatcher() {
        for (String name : List.of("1", "2", "3")) {
            turns.add(turn(name));
            turns.pump();
        }
        assertThat(side.watching()).isEqualTo(1);

        side.give();
        assertThat(done).containsExactly("1");
        side.give();
        side.give();

        assertThat(done).containsExactly("1", "2", "3");
        assertThat(turns.isEmpty()).isTrue();
    }

    @Test
    void removedTurn_letsTheNextOnePass() {
        Turns.Turn first = turn("1");
        turns.add(first);
        turns.add(turn("2"));
        turns.pump();

        turns.remove(first);
        side.give();

        assertThat(done).containsExactly("2");
    }

    @Test
    void turnBehindOneThatIsTakenOut_tries_thoughNothingBecameReady() {
        Turns.Turn first = turn("1");
        turns.add(first);
        turns.add(() -> done.add("needs nothing"));
        turns.pump();

        turns.remove(first);

        assertThat(done).containsExactly("needs nothing");
    }

    @Test
    void oneThatTriesOnItsOwnThread_goesBeforeThoseThatCome() {
        assertThat(turns.enter()).isTrue();
        assertThat(turns.enter()).isFalse();
        turns.add(() -> done.add("2"));
        turns.pump();
        assertThat(done).isEmpty();

        turns.leave();

        assertThat(done).containsExactly("2");
        assertThat(turns.enter()).isTrue();
    }

    @Test
    void manyThreads_loseNoPermitAndNoTurn() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        ExecutorService dispatcher = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 200; round++) {
                Side shared = new Side();
                Turns many = new Turns(shared::whenReady, dispatcher);
                ConcurrentLinkedQueue<Integer> ended = new ConcurrentLinkedQueue<>();
                AtomicInteger next = new AtomicInteger();
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    all.add(pool.submit(shared::give));
                    all.add(pool.submit(() -> {
                        int number = next.getAndIncrement();
                        many.add(() -> shared.take() && ended.add(number));
                        many.pump();
                    }));
                }
                for (Future<?> one : all) {
                    one.get(10, TimeUnit.SECONDS);
                }
                while (!many.isEmpty()) {
                    Thread.onSpinWait();
                }
                assertThat(ended).hasSize(100).doesNotHaveDuplicates();
            }
        } finally {
            pool.shutdownNow();
            dispatcher.shutdownNow();
        }
    }

    @Test
    void manyThreadsThatPump_neverTryOneTurnAtATimeTwice() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 2_000; round++) {
                Side shared = new Side();
                Turns many = new Turns(shared::whenReady, pool);
                AtomicInteger inside = new AtomicInteger();
                AtomicInteger met = new AtomicInteger();
                many.add(() -> {
                    met.addAndGet(inside.getAndIncrement());
                    boolean taken = shared.take();
                    inside.decrementAndGet();
                    return taken;
                });
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    all.add(pool.submit(() -> many.pump()));
                }
                for (Future<?> one : all) {
                    one.get(10, TimeUnit.SECONDS);
                }
                shared.give();
                while (!many.isEmpty()) {
                    Thread.onSpinWait();
                }
                assertThat(met).hasValue(0);
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
