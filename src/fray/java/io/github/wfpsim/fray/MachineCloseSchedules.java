package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Orders.small;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A machine closes while another thread is in a call. */
class MachineCloseSchedules {

    private static final InetSocketAddress SERVER = new InetSocketAddress("203.0.113.10", 80);
    private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 8080);

    /** A call on a machine that another thread closes may be refused, by Winsock or by the machine itself. */
    private static void unlessClosed(Orders.Deed deed) throws Exception {
        try {
            deed.run();
        } catch (WinsockException | IllegalStateException closed) {
            // One of the two outcomes; what stays behind is asked for afterwards.
        }
    }

    private static SimSocket startAndListen(WfpSim sim) throws WinsockException {
        return sim.app("a.exe")
                .winsock()
                .tcpSocket(AddressFamily.AF_INET)
                .bind(LOCAL)
                .listen();
    }

    @Test
    void twoClose() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            atOnce(sim::close, sim::close);
        });
    }

    @Test
    void processThatStarts_listensNoLonger() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            atOnce(sim::close, () -> unlessClosed(() -> startAndListen(sim)));
            assertThat(sim.connections())
                    .as("what lives on in a closed machine")
                    .isEmpty();
        });
    }

    @Test
    void processThatStarts_acceptsNoLonger() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            atOnce(sim::close, () -> unlessClosed(() -> startAndListen(sim).accept()));
            assertThat(sim.connections()).isEmpty();
        });
    }

    @Test
    void driverThatLoads_leavesNothing() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            atOnce(sim::close, () -> unlessClosed(() -> sim.loadDriver("a.sys")));
            assertThat(sim.held().held()).isEmpty();
        });
    }

    @Test
    void calloutThatRegisters_leavesNothing() {
        draw(() -> {
            // A callout that is registered when the machine has closed all is a leak, as it is on Windows.
            WfpSim sim = WfpSim.open(small().faultMode(FaultMode.RECORD));
            atOnce(
                    sim::close,
                    () -> unlessClosed(() -> sim.loadDriver("a.sys")
                            .registerCallout(new UUID(1, 1), (v, m, d, c, f, w, o) -> {})
                            .close()));
            assertThat(sim.held().held()).isEmpty();
        });
    }

    @Test
    void accept_ends() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            SimSocket listener = startAndListen(sim);
            atOnce(() -> unlessClosed(listener::accept), sim::close);
        });
    }

    @Test
    void connect_ends() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            RemoteServer server = sim.network().listen(SERVER);
            SimProcess app = sim.app("a.exe");
            atOnce(
                    () -> unlessClosed(
                            () -> app.winsock().tcpSocket(AddressFamily.AF_INET).connect(SERVER)),
                    sim::close);
            assertThat(sim.connections()).isEmpty();
            server.close();
        });
    }

    @Test
    void receive_ends() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            sim.network().listen(SERVER);
            SimSocket socket =
                    sim.app("a.exe").winsock().tcpSocket(AddressFamily.AF_INET).connect(SERVER);
            atOnce(() -> unlessClosed(() -> socket.receive(new byte[1])), sim::close);
        });
    }

    @Test
    void firstDatagram_ends() {
        draw(() -> {
            WfpSim sim = WfpSim.open(small());
            SimProcess app = sim.app("a.exe");
            atOnce(
                    () -> unlessClosed(
                            () -> app.winsock().udpSocket(AddressFamily.AF_INET).send(new byte[1], SERVER)),
                    sim::close);
            assertThat(sim.connections()).isEmpty();
        });
    }
}
