package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.LOCAL;
import static io.github.wfpsim.fray.Scene.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.CompletionContext;
import io.github.wfpsim.winsock.SocketHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What meets at a decision that a callout has put off: the call that waits for it goes on once, and never waits for ever. */
class PendSchedules {

    private static final Layer CONNECT = Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
    private static final Layer AUTHORIZE = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final Layer ACCEPT = Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;

    /** A connect that is pended at a layer, and what somebody does to it meanwhile. */
    private interface Meanwhile {
        void run(Callouts callouts, SocketHandle socket) throws Exception;
    }

    private static void pended(Layer layer, InetSocketAddress to, Meanwhile meanwhile, String... answers) {
        draw(() -> {
            AtomicReference<ClassifyHandle> held = new AtomicReference<>();
            CountDownLatch pended = new CountDownLatch(1);
            try (Callouts callouts = new Callouts()) {
                callouts.at(layer, callouts.pending(held, pended), null);
                callouts.scene.server();
                callouts.scene.listener();
                SocketHandle socket = callouts.scene.tcp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = callouts.scene.answer(() -> callouts.scene.winsock.connect(socket, to)),
                        () -> {
                            pended.await();
                            callouts.permit(held.get());
                        },
                        () -> {
                            pended.await();
                            meanwhile.run(callouts, socket);
                        });
                assertThat(answer[0]).isIn((Object[]) answers);
            }
        });
    }

    @Test
    void complete_letsTheConnectGoOn() {
        pended(CONNECT, SERVER, (callouts, socket) -> {}, "success");
    }

    @Test
    void complete_meetsCloseOfTheSocket() {
        pended(
                CONNECT,
                SERVER,
                (callouts, socket) -> callouts.scene.winsock.closesocket(socket),
                "success",
                "WSAEINTR");
    }

    @Test
    void complete_meetsTheEndOfTheProcess() {
        pended(CONNECT, SERVER, (callouts, socket) -> callouts.scene.app.close(), "success", "WSAEINTR");
    }

    @Test
    void complete_meetsAChangeOfPolicy() {
        pended(
                CONNECT,
                SERVER,
                (callouts, socket) -> callouts.scene
                        .sim
                        .fwpm()
                        .addFilter(io.github.wfpsim.wfp.Filter.at(AUTHORIZE).block()),
                "success",
                "WSAEACCES");
    }

    private static void pendedOperation(Layer layer, InetSocketAddress to, Meanwhile meanwhile, String... answers) {
        draw(() -> {
            AtomicReference<CompletionContext> held = new AtomicReference<>();
            CountDownLatch pended = new CountDownLatch(1);
            try (Callouts callouts = new Callouts()) {
                callouts.at(layer, callouts.pendingOperation(held, pended), null);
                callouts.scene.server();
                SocketHandle listener = callouts.scene.listener();
                SocketHandle socket = callouts.scene.tcp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = callouts.scene.answer(() -> callouts.scene.winsock.connect(socket, to)),
                        () -> {
                            pended.await();
                            callouts.fwps.fwpsCompleteOperation0(held.get(), null);
                        },
                        () -> {
                            pended.await();
                            meanwhile.run(callouts, layer == ACCEPT ? listener : socket);
                        });
                assertThat(answer[0]).isIn((Object[]) answers);
            }
        });
    }

    @Test
    void completeOperation_meetsCloseOfTheSocket() {
        pendedOperation(
                AUTHORIZE,
                SERVER,
                (callouts, socket) -> callouts.scene.winsock.closesocket(socket),
                "success",
                "WSAEINTR");
    }

    @Test
    void completeOperation_meetsCloseOfTheListener() {
        pendedOperation(
                ACCEPT,
                LOCAL,
                (callouts, listener) -> callouts.scene.winsock.closesocket(listener),
                "success",
                "WSAECONNREFUSED");
    }

    @Test
    void unload_letsGoOfWhatIsPended() {
        draw(() -> {
            AtomicReference<ClassifyHandle> held = new AtomicReference<>();
            Callouts callouts = new Callouts(Orders.small().faultMode(FaultMode.RECORD));
            callouts.at(CONNECT, callouts.pending(held, new CountDownLatch(1)), null);
            callouts.scene.server();
            SocketHandle socket = callouts.scene.tcp();
            String[] answer = new String[1];
            atOnce(
                    () -> answer[0] = callouts.scene.answer(() -> callouts.scene.winsock.connect(socket, SERVER)),
                    callouts.driver::unload);
            // A callout that is unloaded inside its function blocks, as it had set out to; whatever, the connect ends.
            Answers.CONNECT_UNLOADED.allow(answer[0]);
            callouts.scene.sim.close();
        });
    }

    @Test
    void unload_letsGoOfAPendedOperation() {
        draw(() -> {
            AtomicReference<CompletionContext> held = new AtomicReference<>();
            Callouts callouts = new Callouts(Orders.small().faultMode(FaultMode.RECORD));
            callouts.at(AUTHORIZE, callouts.pendingOperation(held, new CountDownLatch(1)), null);
            callouts.scene.server();
            SocketHandle socket = callouts.scene.tcp();
            String[] answer = new String[1];
            atOnce(
                    () -> answer[0] = callouts.scene.answer(() -> callouts.scene.winsock.connect(socket, SERVER)),
                    callouts.driver::unload);
            assertThat(answer[0]).isIn("success", "WSAEACCES");
            callouts.scene.sim.close();
        });
    }

    @Test
    void closeOfTheMachine_endsWhatIsPended() {
        draw(() -> {
            AtomicReference<ClassifyHandle> held = new AtomicReference<>();
            CountDownLatch pended = new CountDownLatch(1);
            Callouts callouts = new Callouts(Orders.small().faultMode(FaultMode.RECORD));
            callouts.at(CONNECT, callouts.pending(held, pended), null);
            SocketHandle socket = callouts.scene.tcp();
            String[] answer = new String[1];
            atOnce(
                    () -> answer[0] = callouts.scene.answer(() -> callouts.scene.winsock.connect(socket, SERVER)),
                    () -> {
                        pended.await();
                        callouts.scene.sim.close();
                    });
            Answers.CONNECT_MACHINE_CLOSED.allow(answer[0]);
        });
    }

    @Test
    void complete_letsTheFirstDatagramGo_orItsSocketCloses() {
        draw(() -> {
            InetSocketAddress far = new InetSocketAddress("203.0.113.10", 53);
            AtomicReference<ClassifyHandle> held = new AtomicReference<>();
            CountDownLatch pended = new CountDownLatch(1);
            try (Callouts callouts = new Callouts()) {
                callouts.at(CONNECT, callouts.pending(held, pended), null);
                callouts.scene.sim.network().datagramSocket(far);
                SocketHandle socket = callouts.scene.udp();
                String[] answer = new String[2];
                Orders.Deed close = () -> {
                    pended.await();
                    callouts.scene.winsock.closesocket(socket);
                };
                atOnce(
                        () -> answer[0] = callouts.scene.answer(
                                () -> callouts.scene.winsock.sendto(socket, ByteBuffer.allocate(1), 0, far)),
                        () -> {
                            pended.await();
                            callouts.permit(held.get());
                        },
                        close);
                assertThat(answer[0]).isIn("success", "WSAEINTR");
                assertThat(callouts.scene.sim.connections()).isEmpty();
            }
        });
    }
}
