package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.wfp.SubLayer;
import io.github.wfpsim.winsock.SocketHandle;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What meets at the filters: a connection that they block is refused or cut, whichever comes first. */
class PolicySchedules {

    private static final Layer AUTHORIZE = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    @Test
    void filter_blocksOrCutsAConnect() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.tcp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.winsock.connect(socket, SERVER)),
                        () -> scene.sim.fwpm().addFilter(Filter.at(AUTHORIZE).block()));
                Answers.CONNECT_BLOCKED.allow(answer[0]);
                assertThat(scene.sim.connections()).noneMatch(each -> each.state() == ConnectionState.CONNECTED);
                String after = answer[0].equals("success") ? "WSAECONNRESET" : "WSAENOTCONN";
                assertThat(scene.answer(() -> scene.receive(socket, 1))).isEqualTo(after);
            }
        });
    }

    @Test
    void filter_cutsAConnectionUnderAReceive() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.connected(SERVER);
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.receive(socket, 1)),
                        () -> scene.sim.fwpm().addFilter(Filter.at(AUTHORIZE).block()));
                Answers.RECEIVE_CUT.allow(answer[0]);
            }
        });
    }

    @Test
    void filter_meetsCloseOfTheConnection() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.connected(SERVER);
                atOnce(
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero(),
                        () -> scene.sim.fwpm().addFilter(Filter.at(AUTHORIZE).block()));
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void twoTransactions_ofOneKey_addItOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SubLayer subLayer = new SubLayer(new UUID(5, 5), "one", 7);
                Win32Error[] answer = new Win32Error[2];
                atOnce(
                        () -> answer[0] = scene.sim.fwpm().fwpmSubLayerAdd0(subLayer),
                        () -> answer[1] = scene.sim.fwpm().fwpmSubLayerAdd0(subLayer));
                assertThat(answer).containsOnlyOnce(Win32Error.NO_ERROR);
            }
        });
    }

    @Test
    void delete_meetsDelete() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                long id = scene.sim.fwpm().addFilter(Filter.at(AUTHORIZE).permit());
                Win32Error[] answer = new Win32Error[2];
                atOnce(
                        () -> answer[0] = scene.sim.fwpm().fwpmFilterDeleteById0(id),
                        () -> answer[1] = scene.sim.fwpm().fwpmFilterDeleteById0(id));
                assertThat(answer).containsOnlyOnce(Win32Error.NO_ERROR);
            }
        });
    }

    @Test
    void endOfTheProcess_takesTheFiltersOfItsSessionAway() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                Fwpm session = scene.app.openEngine(FwpmSession.dynamic("one"));
                Win32Error[] answer = new Win32Error[1];
                atOnce(
                        () -> answer[0] =
                                session.fwpmFilterAdd0(Filter.at(AUTHORIZE).block(), Out.empty()),
                        scene.app::close);
                assertThat(answer[0]).isNotNull();
                io.github.wfpsim.winsock.Winsock other = scene.sim.app("c.exe").winsock();
                assertThat(other.connect(other.socket(2, 1, 6), SERVER)).isZero();
            }
        });
    }

    @Test
    void closeOfTheSession_meetsItsTransaction() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                Fwpm session = scene.sim.fwpm().open(FwpmSession.dynamic("one"));
                Win32Error[] answer = new Win32Error[2];
                atOnce(
                        () -> {
                            answer[0] = session.fwpmTransactionBegin0(0);
                            session.fwpmFilterAdd0(Filter.at(AUTHORIZE).block(), Out.empty());
                            session.fwpmTransactionCommit0();
                        },
                        () -> answer[1] = session.fwpmEngineClose0());
                session.fwpmEngineClose0();
                scene.server();
                // Nothing of the session is left, so that nothing blocks, and the next transaction begins.
                scene.connected(SERVER);
                assertThat(scene.sim.fwpm().addFilter(Filter.at(AUTHORIZE).permit()))
                        .isPositive();
            }
        });
    }
}
