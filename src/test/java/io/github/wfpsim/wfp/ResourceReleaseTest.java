package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RESOURCE_RELEASE comes once for each port that was assigned. */
@Timeout(20)
class ResourceReleaseTest {

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
    private final InetSocketAddress nobody = new InetSocketAddress(bench.origin.getAddress(), 81);
    private final List<String> asked = new CopyOnWriteArrayList<>();

    ResourceReleaseTest() {
        bench.at(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4, call -> asked.add("assignment"));
        bench.at(
                Layer.FWPS_LAYER_ALE_RESOURCE_RELEASE_V4,
                call -> asked.add(call.values().local().getPort() == 0 ? "release of nothing" : "release"));
    }

    @AfterEach
    void closeBench() {
        bench.close();
    }

    @Test
    @Spec("WFP-05")
    void connectThatIsBlocked_releasesItsImplicitPortOnce() throws Exception {
        bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> call.out().setActionType(ActionType.FWP_ACTION_BLOCK));
        SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);

        failToConnect(socket, bench.origin, Win32Error.WSAEACCES);
        assertThat(asked).containsExactly("assignment", "release");
        socket.close();

        assertThat(asked).containsExactly("assignment", "release");
    }

    @Test
    @Spec("WFP-05")
    void connectThatIsRefused_releasesItsPortEachTime() throws Exception {
        SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);

        failToConnect(socket, nobody, Win32Error.WSAECONNREFUSED);
        failToConnect(socket, nobody, Win32Error.WSAECONNREFUSED);

        assertThat(asked).containsExactly("assignment", "release", "assignment", "release");
    }

    @Test
    @Spec("WFP-05")
    void connectOfABoundSocketThatFails_keepsThePortUntilTheSocketCloses() throws Exception {
        SimSocket socket = bench.app
                .winsock()
                .tcpSocket(AddressFamily.AF_INET)
                .bind(new InetSocketAddress(bench.sim.addresses().get(0), 7000));

        failToConnect(socket, nobody, Win32Error.WSAECONNREFUSED);
        assertThat(asked).containsExactly("assignment");
        socket.close();

        assertThat(asked).containsExactly("assignment", "release");
    }

    @Test
    @Spec({"WFP-05", "WFP-66"})
    void socketThatIsClosedWhileItsConnectIsHeld_releasesItsPortOnce() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
            assertThat(bench.fwps.fwpsPendOperation0(call.meta().completionHandle(), Out.empty()))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
            held.countDown();
        });
        SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
        CountDownLatch failed = new CountDownLatch(1);
        Thread connecting = new Thread(() -> {
            try {
                socket.connect(bench.origin);
            } catch (WinsockException expected) {
                failed.countDown();
            }
        });
        connecting.start();
        assertThat(held.await(5, TimeUnit.SECONDS)).isTrue();

        socket.close();

        assertThat(failed.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(asked).filteredOn("release"::equals).hasSize(1);
    }

    @Test
    @Spec("WFP-05")
    void boundSocket_thatNeitherConnectedNorListened_hasNoClosure() throws Exception {
        bench.at(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, call -> asked.add("closure"));
        bench.app
                .winsock()
                .tcpSocket(AddressFamily.AF_INET)
                .bind(new InetSocketAddress(bench.sim.addresses().get(0), 7000))
                .close();
        assertThat(asked).containsExactly("assignment", "release");

        bench.listener.close();

        assertThat(asked).as("a listener has one").endsWith("closure", "release");
    }

    @Test
    @Spec("WFP-05")
    void connectionThatIsRefusedAtItsServer_hasNoClosure() throws Exception {
        bench.at(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, call -> asked.add("closure"));
        bench.at(
                Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4,
                call -> call.out().setActionType(ActionType.FWP_ACTION_BLOCK));
        SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);

        failToConnect(socket, bench.proxyAddress, Win32Error.WSAECONNREFUSED);
        socket.close();

        assertThat(asked).containsExactly("assignment", "release");
    }

    private static void failToConnect(SimSocket socket, InetSocketAddress to, Win32Error error) {
        try {
            socket.connect(to);
            throw new AssertionError("connected");
        } catch (WinsockException failed) {
            assertThat(failed.error()).isEqualTo(error);
        }
    }
}
