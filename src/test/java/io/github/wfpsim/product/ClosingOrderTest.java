package io.github.wfpsim.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.KernelProduct;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.Network;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
                                .withMessageContaining("from another thread");
                        assertThatIllegalStateException()
                                .isThrownBy(acme::served)
                                .withMessageContaining("from another thread");
                    },
                    sim.dispatcher());
            refused.get();
            acme.close();

            assertThat(sim.held().held()).isEmpty();
        }
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DispatcherMode.class,
            names = {"BACKGROUND", "MANUAL"})
    void machine_closedInATask_isNotClosed_andLosesNothing(DispatcherMode mode) throws Exception {
        WfpSim machine = WfpSim.open(SimOptions.defaults().dispatcher(mode));
        TcpProduct bolt = machine.product("bolt").redirectTcp(81).relay();
        KernelProduct acme = machine.product("acme").redirectTcpInDriver(80);

        inATask(
                machine,
                () -> assertThatIllegalStateException()
                        .isThrownBy(machine::close)
                        .withMessageContaining("acme")
                        .withMessageContaining("from another thread"));

        assertThat(bolt.process().isAlive()).isTrue();
        assertThat(acme.served()).isZero();
        assertThat(machine.tearDown().held()).isEmpty();
        assertThat(bolt.process().isAlive()).isFalse();
        assertThat(machine.verifier().violations()).isEmpty();
    }

    @Test
    void machine_closedByTheCalloutOfTheProxysOwnConnection_isNotClosed() throws Exception {
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        try (sim;
                KernelProduct acme = sim.product("acme")
                        .watching(state -> {
                            if (state == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF) {
                                refused.complete(catchThrowable(sim::close));
                            }
                        })
                        .redirectTcpInDriver(80)) {
            sim.serve("203.0.113.10:80", request -> "hello");
            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .isEqualTo("hello");

            assertThat(refused.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("acme");
            assertThat(acme.served()).isEqualTo(1);
        }
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DispatcherMode.class,
            names = {"BACKGROUND", "MANUAL"})
    void machine_withoutProxyInADriver_mayBeClosedInATask(DispatcherMode mode) throws Exception {
        WfpSim machine = WfpSim.open(SimOptions.defaults().dispatcher(mode));
        machine.product("bolt").redirectTcp(81).relay();

        inATask(machine, machine::close);

        assertThat(machine.held().held()).isEmpty();
        assertThat(machine.verifier().violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DispatcherMode.class,
            names = {"BACKGROUND", "MANUAL"})
    void driverProxy_cannotBeInstalledInATask(DispatcherMode mode) throws Exception {
        try (WfpSim machine = WfpSim.open(SimOptions.defaults().dispatcher(mode))) {
            inATask(
                    machine,
                    () -> assertThatIllegalStateException()
                            .isThrownBy(() -> machine.product("acme").redirectTcpInDriver(80))
                            .withMessageContaining("from another thread"));

            assertThat(machine.held().held()).isEmpty();
            machine.product("acme").redirectTcpInDriver(80).close();
        }
    }

    private static void inATask(WfpSim machine, Runnable task) throws Exception {
        CompletableFuture<Void> done = CompletableFuture.runAsync(task, machine.dispatcher());
        if (machine.options().dispatcher() == DispatcherMode.MANUAL) {
            machine.dispatcher().runAll();
        }
        done.get();
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

    @ParameterizedTest
    @EnumSource(
            value = DispatcherMode.class,
            names = {"BACKGROUND", "MANUAL"})
    void driverProxy_closesWhileItsServerPutsTheAnswerOff(DispatcherMode mode) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (Network network = WfpSim.openNetwork();
                WfpSim near = WfpSim.builder()
                        .network(network)
                        .options(SimOptions.defaults().dispatcher(mode))
                        .open();
                WfpSim far = WfpSim.builder()
                        .network(network)
                        .address(IpAddress.parseHost("203.0.113.10"))
                        .options(SimOptions.defaults().faultMode(FaultMode.RECORD))
                        .open()) {
            holdAtTheServer(far, asked);
            SimSocket listener = far.app("server.exe").listen("203.0.113.10:80");
            KernelProduct acme = near.product("acme").redirectTcpInDriver(80);
            SimSocket client = near.app("app.exe").connect("203.0.113.10:80");
            if (mode == DispatcherMode.MANUAL) {
                near.dispatcher().runAll();
            }
            asked.await();

            acme.close();

            assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> client.receive(new byte[1]));
            assertThat(near.held().held()).isEmpty();
            assertThat(near.verifier().violations()).isEmpty();
            listener.close();
        }
    }

    private static void holdAtTheServer(WfpSim machine, CountDownLatch asked) {
        Layer layer = Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;
        UUID key = UUID.nameUUIDFromBytes(new byte[] {1});
        KernelDriver driver = machine.loadDriver("hold.sys");
        driver.registerCallout(key, (fixed, meta, layerData, context, filter, flowContext, out) -> {
            driver.fwps().fwpsPendOperation0(meta.completionHandle(), Out.empty());
            out.setActionType(ActionType.FWP_ACTION_BLOCK);
            asked.countDown();
        });
        machine.fwpm().fwpmCalloutAdd0(new FwpmCallout(key, "hold", layer), null);
        machine.fwpm().fwpmFilterAdd0(Filter.at(layer).name("hold").callout(key), null);
    }
}
