package io.github.wfpsim.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs work on several threads that start at the same moment. */
public final class Race {

    private static final long PATIENCE_SECONDS = 20;

    private Race() {}

    public static <T> List<T> run(int threads, Callable<T> work) throws Exception {
        List<Callable<T>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(work);
        }
        return run(all);
    }

    public static <T> List<T> run(List<Callable<T>> works) throws Exception {
        return run(works, PATIENCE_SECONDS);
    }

    public static <T> List<T> run(List<Callable<T>> works, long patienceSeconds) throws Exception {
        CyclicBarrier start = new CyclicBarrier(works.size());
        ExecutorService pool = Executors.newFixedThreadPool(works.size());
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Callable<T> work : works) {
                futures.add(pool.submit(() -> {
                    start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    return work.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(patienceSeconds, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
