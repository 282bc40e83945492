package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Classify, add and remove filters, pend, complete and close, all at once. */
@Timeout(120)
class EngineStressTest {

    private static final int CONNECTS_PER_THREAD = 3_000;
    private static final int CONNECTING_THREADS = 3;

    private record Pended(ClassifyHandle handle, long filterId) {}

    private final BlockingQueue<Pended> pended = new LinkedBlockingQueue<>();
    private final BlockingQueue<SocketHandle> toClose = new LinkedBlockingQueue<>();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    @Spec({"WFP-31", "WFP-58", "WFP-60", "WFP-66", "WFP-73", "WFP-80"})
    void everyConnect_getsOneAnswer_andNothingIsLeft() throws Exception {
        try (RedirectBench bench =
                new RedirectBench(AddressFamily.AF_INET, SimOptions.defaults().traceCapacity(0))) {
            bench.atConnectRedirect(call -> pendOrPass(bench, call));
            CountDownLatch connecting = new CountDownLatch(CONNECTING_THREADS);
            ExecutorService threads = Executors.newCachedThreadPool();
            List<Future<?>> work = new ArrayList<>();
            for (int thread = 0; thread < CONNECTING_THREADS; thread++) {
                int seed = thread;
                work.add(threads.submit(() -> {
                    connectAndClose(bench, new Random(seed));
                    connecting.countDown();
                }));
            }
            work.add(threads.submit(() -> complete(bench)));
            work.add(threads.submit(() -> changeFilters(bench)));
            work.add(threads.submit(() -> closeSome(bench)));

            assertThat(connecting.await(100, TimeUnit.SECONDS)).isTrue();
            over.set(true);
            for (Future<?> done : work) {
                done.get(20, TimeUnit.SECONDS);
            }
            threads.shutdown();

            assertThat(answers).hasValue(CONNECTS_PER_THREAD * CONNECTING_THREADS);
            bench.listener.close();
            bench.unregisterAll();
            assertThat(bench.sim.connections()).isEmpty();
            assertThat(bench.driver.held().toString()).isEqualTo("nothing held");
            assertThat(bench.faults()).isEmpty();
        }
    }

    /** Redirects a third inline, leaves a third alone, and pends the rest. */
    private void pendOrPass(RedirectBench bench, RedirectBench.Call call) {
        if (!call.out().canWrite()) {
            return;
        }
        int kind = (int) (call.meta().transportEndpointHandle() / 4 % 3);
        if (kind == 0) {
            bench.redirect(call, request -> toProxyWithContext(bench, request));
        } else if (kind == 1) {
            ClassifyHandle handle = bench.acquireHandle(call);
            if (bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out())
                    == NtStatus.STATUS_SUCCESS) {
                call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                call.out().clearWriteRight();
                pended.add(new Pended(handle, call.filter().filterId()));
            } else {
                bench.fwps.fwpsReleaseClassifyHandle0(handle);
            }
        }
    }

    private static void toProxyWithContext(RedirectBench bench, ConnectRequest request) {
        bench.toProxy(request);
        PoolBlock context = bench.driver.pool().allocate(16, "cTxt");
        request.setLocalRedirectContext(context, 16);
    }

    private void connectAndClose(RedirectBench bench, Random random) {
        Winsock winsock = bench.app.winsock();
        for (int i = 0; i < CONNECTS_PER_THREAD; i++) {
            SocketHandle socket = winsock.socket(2, 1, 6);
            if (random.nextInt(4) == 0) {
                toClose.add(socket);
            }
            winsock.connect(socket, bench.origin);
            answers.incrementAndGet();
            winsock.closesocket(socket);
            accept(bench);
        }
    }

    private static void accept(RedirectBench bench) {
        try {
            bench.listener.tryAccept().ifPresent(accepted -> accepted.close());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private void complete(RedirectBench bench) {
        Random random = new Random(7);
        while (!over.get() || !pended.isEmpty()) {
            Pended held = poll(pended);
            if (held != null) {
                complete(bench, held, random.nextBoolean());
            }
        }
    }

    private static void complete(RedirectBench bench, Pended held, boolean redirects) {
        if (redirects) {
            Out<Object> data = Out.empty();
            bench.fwps.fwpsAcquireWritableLayerDataPointer0(held.handle(), held.filterId(), 0, data, null);
            ConnectRequest request = (ConnectRequest) Objects.requireNonNull(data.get());
            toProxyWithContext(bench, request);
            bench.fwps.fwpsApplyModifiedLayerData0(held.handle(), request, 0);
        }
        bench.fwps.fwpsCompleteClassify0(held.handle(), 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
        bench.fwps.fwpsReleaseClassifyHandle0(held.handle());
    }

    private void changeFilters(RedirectBench bench) {
        Random random = new Random(8);
        Fwpm fwpm = bench.sim.fwpm();
        List<Long> added = new ArrayList<>();
        while (!over.get()) {
            boolean blocks = random.nextInt(8) == 0;
            Filter.Builder filter =
                    Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4).name("change");
            added.add(fwpm.addFilter(blocks ? filter.block() : filter.permit()));
            if (added.size() > 20 || blocks) {
                fwpm.fwpmFilterDeleteById0(added.remove(added.size() - 1));
            }
            if (added.size() > 10) {
                fwpm.fwpmFilterDeleteById0(added.remove(random.nextInt(added.size())));
            }
        }
    }

    private void closeSome(RedirectBench bench) {
        while (!over.get()) {
            SocketHandle socket = poll(toClose);
            if (socket != null) {
                bench.app.winsock().closesocket(socket);
            }
        }
    }

    private static <T> @Nullable T poll(BlockingQueue<T> queue) {
        try {
            return queue.poll(1, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
