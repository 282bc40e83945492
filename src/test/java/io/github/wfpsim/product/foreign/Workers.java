package io.github.wfpsim.product.foreign;

import io.github.wfpsim.WfpSim;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Where a pending callout has the rest of its work done, in an order that does not depend on luck. */
final class Workers implements Consumer<Runnable>, AutoCloseable {

    /** When the rest is done. */
    enum Order {
        /** Inside classifyFn, on its thread. */
        INLINE,
        /** On a worker, which is done before classifyFn returns. */
        BEFORE_THE_RETURN,
        /** On a worker, which begins after classifyFn has returned. */
        AFTER_THE_RETURN
    }

    private final WfpSim sim;
    private final Order order;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread worker = new Thread(task, "worker");
        worker.setDaemon(true);
        return worker;
    });

    Workers(WfpSim sim, Order order) {
        this.sim = sim;
        this.order = order;
    }

    @Override
    public void accept(Runnable work) {
        switch (order) {
            case INLINE -> work.run();
            case BEFORE_THE_RETURN -> await(thread.submit(work));
            case AFTER_THE_RETURN ->
                thread.execute(() -> {
                    awaitHeld();
                    work.run();
                });
        }
    }

    /** Waits until classifyFn has returned: its callout then holds the one operation that there is. */
    private void awaitHeld() {
        while (sim.connections().stream().noneMatch(connection -> connection.heldBy() != null)) {
            Thread.onSpinWait();
        }
    }

    private static void await(Future<?> work) {
        try {
            work.get();
        } catch (InterruptedException | ExecutionException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** Waits until all that was begun is done, as a driver does before it unloads. */
    void drain() {
        await(thread.submit(() -> {}));
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
