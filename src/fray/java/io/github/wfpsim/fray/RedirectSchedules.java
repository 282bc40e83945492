package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.WinsockException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What meets at the records of a redirected connection. */
class RedirectSchedules {

    private interface Story {
        void play(Scene scene, TcpProduct product, SimSocket accepted) throws Exception;
    }

    private static void redirected(Story story) {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                TcpProduct product = scene.sim.product("acme").redirectTcp(SERVER.getPort());
                SocketHandle client = scene.connected(SERVER);
                SimSocket accepted = product.listener().accept();
                story.play(scene, product, accepted);
                scene.winsock.closesocket(client);
                product.close();
            }
        });
    }

    /** What a query answers: bytes, none, or the name of the error. */
    private static String answer(SimSocket socket) {
        try {
            return socket.queryRedirectRecords().isPresent() ? "success" : "none";
        } catch (WinsockException failed) {
            return failed.error().name();
        }
    }

    @Test
    void close_endsTheQuery() {
        redirected((scene, product, accepted) -> {
            String[] answer = new String[1];
            atOnce(() -> answer[0] = answer(accepted), accepted::close);
            Answers.QUERY_CLOSED.allow(answer[0]);
        });
    }

    @Test
    void unload_keepsTheRecords() {
        redirected((scene, product, accepted) -> {
            String[] answer = new String[1];
            atOnce(() -> answer[0] = answer(accepted), product::unloadDriver);
            assertThat(answer[0]).isEqualTo("success");
        });
    }

    @Test
    void set_isThereForTheConnect_orTooLate() {
        redirected((scene, product, accepted) -> {
            byte[] records = accepted.queryRedirectRecords().orElseThrow();
            SimSocket onward = product.process().winsock().tcpSocket(io.github.wfpsim.abi.AddressFamily.AF_INET);
            String[] answer = new String[1];
            atOnce(
                    () -> {
                        try {
                            onward.setRedirectRecords(records);
                            answer[0] = "success";
                        } catch (WinsockException late) {
                            answer[0] = late.error().name();
                        }
                    },
                    () -> onward.connect(SERVER));
            Answers.SET_CONNECTING.allow(answer[0]);
            Optional<Integer> chain = scene.sim.connections().stream()
                    .filter(each -> each.endpoint() == onward.handle().value())
                    .map(each -> each.inheritedChain().size())
                    .findFirst();
            assertThat(chain.orElseThrow()).isEqualTo(answer[0].equals("success") ? 1 : 0);
            onward.close();
            accepted.close();
        });
    }
}
