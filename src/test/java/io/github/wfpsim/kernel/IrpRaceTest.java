package io.github.wfpsim.kernel;

import static io.github.wfpsim.kernel.Bench.KEEP;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that send, complete, cancel, close, reuse and free at the same time. */
@Timeout(60)
class IrpRaceTest {

    private static final int CLIENTS = 2;
    private static final int SLOTS_OF_A_CLIENT = 16;
    private static final int REQUESTS = 100_000;
    private static final int HAND_INS = 30_000;
    private static final int FUTURES = 20_000;
    private static final long SEED = 20_260_102L;

    private final Bench bench = new Bench(
            SimOptions.defaults().completionMode(CompletionMode.SEEDED_RANDOM).seed(SEED));
    private final Queue<IrpRequest> queue = new ConcurrentLinkedQueue<>();
    private final List<Slot> slots = new ArrayList<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger routines = new AtomicInteger();
    private final AtomicInteger succeeded = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicInteger hooks = new AtomicInteger();
    private final AtomicInteger wins = new AtomicInteger();
    private final AtomicInteger cancelCalls = new AtomicInteger();

    /** One IRP after another. Who holds the token may cancel or free the IRP, so that nobody cancels a freed one. */
    private final class Slot implements IoCompletionRoutine {

        private final Queue<Slot> free;
        private final AtomicReference<Irp> token = new AtomicReference<>();
        private final AtomicInteger calls = new AtomicInteger();
        private Irp irp = bench.io.ioAllocateIrp(1, false);
        private PoolBlock buffer = bench.pool.allocate(4, "Race");

        Slot(Queue<Slot> free) {
            this.free = free;
            buffer.free();
            token.set(irp);
            free.add(this);
        }

        void send(SplittableRandom random) {
            prepare(random.nextInt(8) == 0);
            calls.set(0);
            buffer = bench.pool.allocate(4, "Race");
            bench.io.ioSetCompletionRoutine(irp, this, buffer, true, true, true);
            IrpRequest request = IrpRequest.begin(bench.io, irp, "WskReceive");
            request.borrow(buffer);
            sent.incrementAndGet();
            request.pend(hooks::incrementAndGet);
            queue.add(request);
        }

        private void prepare(boolean anew) {
            if (!anew) {
                bench.io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS);
                return;
            }
            await(() -> token.getAndSet(null) != null);
            bench.io.ioFreeIrp(irp);
            irp = bench.io.ioAllocateIrp(1, false);
            token.set(irp);
        }

        @Override
        public NtStatus completed(DeviceObject device, Irp completed, Object context) {
            IoStatus outcome = completed.ioStatus();
            (outcome.information() == 7 ? succeeded : cancelled).incrementAndGet();
            boolean expected = outcome.equals(new IoStatus(NtStatus.STATUS_SUCCESS, 7))
                    || outcome.equals(new IoStatus(NtStatus.STATUS_CANCELLED, 0));
            ((PoolBlock) context).free();
            if (!expected || completed != irp || calls.incrementAndGet() != 1) {
                throw new IllegalStateException("unexpected " + outcome + " of " + completed);
            }
            routines.incrementAndGet();
            free.add(this);
            return KEEP;
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // A hint only: there are more threads than processors.
    private static void breathe() {
        Thread.yield();
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            breathe();
        }
    }

    private Boolean client(int number) {
        SplittableRandom random = new SplittableRandom(SEED + number);
        Queue<Slot> free = slots.get(number * SLOTS_OF_A_CLIENT).free;
        for (int i = 0; i < REQUESTS / CLIENTS; i++) {
            await(() -> !free.isEmpty());
            free.remove().send(random);
        }
        return true;
    }

    private Boolean complete(int number) {
        SplittableRandom random = new SplittableRandom(SEED - number);
        while (routines.get() < REQUESTS) {
            IrpRequest request = queue.poll();
            if (request == null) {
                breathe();
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> request.cancel();
                case 1 -> {
                    if (request.take()) {
                        wins.incrementAndGet();
                        request.finish(NtStatus.STATUS_SUCCESS, 7, null);
                    }
                }
                default -> {
                    if (request.complete(NtStatus.STATUS_SUCCESS, 7)) {
                        wins.incrementAndGet();
                    }
                }
            }
        }
        return true;
    }

    private Boolean cancel() {
        SplittableRandom random = new SplittableRandom(SEED);
        while (routines.get() < REQUESTS) {
            Slot slot = slots.get(random.nextInt(slots.size()));
            Irp irp = slot.token.getAndSet(null);
            if (irp == null) {
                continue;
            }
            if (bench.io.ioCancelIrp(irp)) {
                cancelCalls.incrementAndGet();
            }
            slot.token.set(irp);
            breathe();
        }
        return true;
    }

    @AfterEach
    void close() {
        bench.dispatcher.close();
    }

    @Test
    @Spec({"IRP-13", "IRP-14", "IRP-16"})
    void requests_endExactlyOnce_whoeverCompletesCancelsOrCloses() throws Exception {
        List<Callable<Boolean>> works = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            Queue<Slot> free = new ConcurrentLinkedQueue<>();
            for (int j = 0; j < SLOTS_OF_A_CLIENT; j++) {
                slots.add(new Slot(free));
            }
            works.add(() -> client(number));
            works.add(() -> complete(number));
        }
        works.add(this::cancel);

        Race.run(works);

        assertThat(sent).hasValue(REQUESTS);
        assertThat(routines).hasValue(REQUESTS);
        assertThat(succeeded).hasValue(wins.get());
        assertThat(cancelled).hasValue(hooks.get());
        assertThat(succeeded.get() + cancelled.get()).isEqualTo(REQUESTS);
        assertThat(cancelCalls.get()).isLessThanOrEqualTo(cancelled.get());
        assertNothingLeft();
    }

    private void assertNothingLeft() {
        bench.dispatcher.close();
        slots.forEach(slot -> bench.io.ioFreeIrp(slot.irp));
        assertThat(bench.pool.outstanding()).isEmpty();
        assertThat(bench.driver.held().isEmpty()).isTrue();
        bench.driver.unload();
        assertThat(bench.faults()).isEmpty();
    }

    /** Two threads spin on the number of the round, so that they hand in within nanoseconds of each other. */
    @Test
    @Spec("IRP-16")
    void irp_handedInByTwoThreadsAtOnce_isTakenOnce() throws Exception {
        Bench recording = new Bench(Bench.manual().faultMode(SimOptions.FaultMode.RECORD));
        Irp irp = recording.io.ioAllocateIrp(1, false);
        AtomicInteger arrived = new AtomicInteger();
        AtomicInteger round = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        Runnable next = () -> {
            recording.dispatcher.runAll();
            recording.io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS);
            recording.io.ioSetCompletionRoutine(irp, (d, i, c) -> KEEP, null, true, true, true);
        };
        next.run();

        Race.run(2, () -> {
            SplittableRandom random =
                    new SplittableRandom(Thread.currentThread().getId());
            for (int i = 0; i < HAND_INS; i++) {
                for (int spins = random.nextInt(40); spins > 0; spins--) {
                    Thread.onSpinWait();
                }
                if (recording.call(irp) == NtStatus.STATUS_PENDING) {
                    taken.incrementAndGet();
                }
                if (arrived.incrementAndGet() % 2 == 0) {
                    next.run();
                    round.incrementAndGet();
                } else {
                    awaitRound(round, i + 1);
                }
            }
            return true;
        });

        assertThat(taken).hasValue(HAND_INS);
        assertThat(recording.faults()).containsOnly(Fault.IRP_BUSY);
    }

    private static void awaitRound(AtomicInteger round, int number) {
        for (int spins = 0; round.get() < number; spins++) {
            if (spins > 1_000) {
                breathe();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    @Spec({"IRP-13", "IRP-17"})
    void futures_endExactlyOnceAndFreeTheirIrps_whoeverCancels() throws Exception {
        Queue<CompletableFuture<IoStatus>> pending = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<IoStatus>> all = new ArrayList<>();
        AtomicInteger ended = new AtomicInteger();
        Callable<Boolean> client = () -> {
            for (int i = 0; i < FUTURES; i++) {
                CompletableFuture<IoStatus> future = bench.io.send(irp -> {
                    IrpRequest request = bench.pend(irp, hooks::incrementAndGet);
                    queue.add(request);
                    return NtStatus.STATUS_PENDING;
                });
                all.add(future.whenComplete((outcome, failure) -> ended.incrementAndGet()));
                pending.add(future);
            }
            return true;
        };
        Callable<Boolean> canceller = () -> {
            while (ended.get() < FUTURES) {
                CompletableFuture<IoStatus> future = pending.poll();
                if (future != null && future.cancel(true)) {
                    cancelCalls.incrementAndGet();
                }
            }
            return true;
        };
        Callable<Boolean> completer = () -> {
            while (ended.get() < FUTURES) {
                IrpRequest request = queue.poll();
                if (request == null) {
                    breathe();
                } else if (request.complete(NtStatus.STATUS_SUCCESS, 7)) {
                    wins.incrementAndGet();
                }
            }
            return true;
        };

        Race.run(List.of(client, canceller, canceller, completer));

        assertThat(all).hasSize(FUTURES).allMatch(CompletableFuture::isDone);
        assertThat(hooks.get() + wins.get()).isEqualTo(FUTURES);
        assertThat(cancelCalls).hasValue(hooks.get());
        assertNothingLeft();
    }
}
