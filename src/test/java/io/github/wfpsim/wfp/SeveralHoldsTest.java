package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One socket of which callouts hold several operations at once. */
@Timeout(20)
class SeveralHoldsTest {

    private static void pendOperation(RedirectBench bench, RedirectBench.Call call) {
        Out<CompletionContext> context = Out.empty();
        assertThat(bench.fwps
                        .fwpsPendOperation0(call.meta().completionHandle(), context)
                        .isSuccess())
                .isTrue();
        call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
    }

    private static void pendClosure(RedirectBench bench, RedirectBench.Call call) {
        ClassifyHandle handle = bench.acquireHandle(call);
        assertThat(bench.fwps
                        .fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out())
                        .isSuccess())
                .isTrue();
        call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
        call.out().clearWriteRight();
    }

    private static List<String> holders(RedirectBench bench) {
        return bench.sim.connections().stream()
                .map(connection -> connection.heldBy())
                .filter(Objects::nonNull)
                .toList();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Test
    @Spec({"WFP-05", "WFP-66", "WFP-67"})
    void closureThatIsHeldWhileAnAuthorizationEnds_isStillListedAndEndsWithTheMachine() throws Exception {
        SimOptions manual = SimOptions.defaults().dispatcher(DispatcherMode.MANUAL);
        RedirectBench bench = new RedirectBench(AddressFamily.AF_INET, manual);
        bench.at(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, call -> pendOperation(bench, call));
        bench.at(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, call -> pendClosure(bench, call));
        InetSocketAddress server = new InetSocketAddress(bench.sim.addresses().get(0), 7000);
        bench.app.winsock().tcpSocket(AddressFamily.AF_INET).bind(server).listen();
        try (WfpSim other = WfpSim.builder()
                .network(bench.sim.network())
                .address(RedirectBench.address(AddressFamily.AF_INET, 77))
                .open()) {
            var client = other.process("C:\\client.exe", Token.STANDARD_USER).winsock();
            var socket = client.socket(2, 1, 6);
            daemon(() -> client.connect(socket, server));
            while (holders(bench).isEmpty()) {
                Thread.onSpinWait();
            }

            bench.app.close();
            bench.sim.dispatcher().runAll();

            assertThat(holders(bench))
                    .filteredOn(holder -> holder.contains("ENDPOINT_CLOSURE"))
                    .as("the listener's; the connection was never made")
                    .hasSize(1);
            bench.close();
            assertThat(bench.sim.connections()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-66")
    void close_endsEveryListenThatACalloutHolds() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            AtomicInteger held = new AtomicInteger();
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4, call -> {
                pendOperation(bench, call);
                held.incrementAndGet();
            });
            SimSocket socket = bench.app
                    .winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .bind(new InetSocketAddress(bench.proxyAddress.getAddress(), 7001));
            CountDownLatch failed = new CountDownLatch(2);
            for (int i = 1; i <= 2; i++) {
                Thread thread = daemon(() -> {
                    try {
                        socket.listen();
                    } catch (WinsockException expected) {
                        failed.countDown();
                    }
                });
                while (held.get() < i || thread.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
            }

            socket.close();

            assertThat(failed.await(5, TimeUnit.SECONDS)).as("both have ended").isTrue();
        }
    }
}
