package io.github.wfpsim.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.KernelProduct;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.winsock.WinsockException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Products, their threads and the machine may close in any order, and on any thread that need not run for it. */
@Timeout(60)
class ClosingOrderTest {

    private final WfpSim sim = WfpSim.open();

    @RepeatedTest(20)
    void productsAndMachine_closedByTwoThreads_leaveNothingBehind() throws Exception {
        TcpProduct acme = sim.product("acme").redirectTcp(80).relay();
        KernelProduct bolt = sim.product("bolt").redirectTcpInDriver(81);
        CyclicBarrier together = new CyclicBarrier(2);
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            await(together);
            bolt.close();
            acme.close();
        });
        await(together);

        assertThat(sim.tearDown().held()).isEmpty();

        other.get();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    private static void await(CyclicBarrier together) {
        try {
            together.await();
        } catch (Exception broken) {
            throw new AssertionError("the other thread did not come", broken);
        }
    }

    @Test
    void driverProxy_cannotBeWaitedFor_onTheThreadOfItsWorkItems() throws Exception {
        try (sim;
                KernelProduct acme = sim.product("acme").redirectTcpInDriver(80)) {
            CompletableFuture<Void> refused = CompletableFuture.runAsync(
                    () -> {
                        assertThatIllegalStateException()
                                .isThrownBy(acme::close)
                                .withMessageContaining("from another one");
                        assertThatIllegalStateException()
                                .isThrownBy(acme::served)
                                .withMessageContaining("from another one");
                    },
                    sim.dispatcher()::execute);
            refused.get();
            acme.close();

            assertThat(sim.held().held()).isEmpty();
        }
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    void code_thatWrapsWhatEndsIt_endsAsQuietly() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        try (sim) {
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            acme.run(() -> {
                try {
                    begun.countDown();
                    new CountDownLatch(1).await();
                } catch (InterruptedException ended) {
                    throw new IllegalStateException(ended);
                }
            });
            acme.run(() -> {
                try {
                    begun.countDown();
                    acme.listener().accept();
                } catch (WinsockException ended) {
                    throw new IllegalStateException(new ExecutionException(ended));
                }
            });
            begun.await();

            acme.close();
        }
    }

    @Test
    void code_thatWantsAThread_whenItsProductCloses_endsQuietly() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (sim) {
            TcpProduct acme = sim.product("acme").redirectTcp(80);
            acme.run(() -> {
                try {
                    begun.countDown();
                    new CountDownLatch(1).await();
                } catch (InterruptedException closing) {
                    acme.run(() -> {});
                }
            });
            begun.await();

            acme.close();

            assertThatIllegalStateException()
                    .isThrownBy(() -> acme.run(() -> {}))
                    .withMessageContaining("is closed");
        }
    }
}
