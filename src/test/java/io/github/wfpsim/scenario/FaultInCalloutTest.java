package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.Network;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.InlineEdit;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/decisions/001: a fault inside classifyFn waits for the call that caused it. */
@Timeout(20)
class FaultInCalloutTest {

    /** What came of a connect whose callout freed a block three times. */
    private record Outcome(List<FaultException> thrown, boolean calloutFinished, List<String> states, String story) {}

    private static Outcome connectPastAFaultyCallout(FaultMode mode) throws IOException {
        List<FaultException> thrown = new ArrayList<>();
        List<Boolean> finished = new ArrayList<>();
        try (WfpSim sim = WfpSim.open(SimOptions.defaults().faultMode(mode));
                RemoteServer server = sim.network().listen(Vendor.origin(AddressFamily.AF_INET));
                Vendor vendor = new Vendor(sim, AddressFamily.AF_INET, "acme", 8080)) {
            vendor.calling((values, meta, data, context, filter, flow, out) -> {
                PoolBlock block = vendor.driver.pool().allocate(8, "tEst");
                block.free();
                block.free();
                block.free();
                out.setActionType(ActionType.FWP_ACTION_PERMIT);
                finished.add(true);
            });
            SimSocket socket =
                    sim.process("C:\\app.exe", Token.STANDARD_USER).winsock().tcpSocket(AddressFamily.AF_INET);
            try {
                socket.connect(server.address());
            } catch (FaultException fault) {
                thrown.add(fault);
            }
            List<String> states = sim.connections().stream()
                    .map(found -> found.state().name())
                    .toList();
            String story = new TextRenderer().render(sim.trace().log().entries());
            return new Outcome(thrown, finished.equals(List.of(true)), states, story);
        }
    }

    @Test
    void fault_inACallout_isThrownByConnectOnceTheCalloutFinished() throws IOException {
        Outcome outcome = connectPastAFaultyCallout(FaultMode.THROW);

        assertThat(outcome.calloutFinished()).isTrue();
        assertThat(outcome.thrown()).singleElement().satisfies(fault -> {
            assertThat(fault).hasMessageContaining("POOL_DOUBLE_FREE").hasMessageContaining("'tEst'");
            assertThat(fault.getSuppressed()).singleElement().isInstanceOf(FaultException.class);
        });
    }

    @Test
    void fault_inACallout_leavesTheSameStateInBothModes() throws IOException {
        Outcome thrown = connectPastAFaultyCallout(FaultMode.THROW);
        Outcome recorded = connectPastAFaultyCallout(FaultMode.RECORD);

        assertThat(recorded.thrown()).isEmpty();
        assertThat(recorded.states()).contains("CONNECTED").isEqualTo(thrown.states());
        assertThat(recorded.story()).contains("!! POOL_DOUBLE_FREE").isEqualTo(thrown.story());
    }

    /** Apply throws there and not out of connect, and has finished all the same. */
    @ParameterizedTest
    @EnumSource(FaultMode.class)
    void fault_ofAnApplyOnAThreadOfTheDriver_leavesTheRedirectWhole(FaultMode mode) throws IOException {
        byte[] content = {1, 2, 3, 4};
        try (WfpSim sim = WfpSim.open(SimOptions.defaults().faultMode(mode));
                Vendor vendor = new Vendor(sim, AddressFamily.AF_INET, "acme", 8080)) {
            PoolBlock block = vendor.driver.pool().allocate(content, "tEst");
            vendor.calling((values, meta, data, context, filter, flow, out) -> CompletableFuture.runAsync(() ->
                            InlineEdit.connect(vendor.driver.fwps(), context, filter, out, request -> {
                                request.setRemoteAddressAndPort(vendor.address);
                                request.setLocalRedirectTargetPid(vendor.process.id());
                                request.setLocalRedirectHandle(vendor.handle);
                                request.setLocalRedirectContext(block, block.size());
                                request.setLocalAddressAndPort(vendor.address);
                            }))
                    .exceptionally(fault -> null)
                    .join());
            SimSocket client = sim.process("C:\\app.exe", Token.STANDARD_USER)
                    .winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .connect(Vendor.origin(AddressFamily.AF_INET));

            assertThat(sim.verifier().violations())
                    .extracting(violation -> violation.kind())
                    .containsExactly(Fault.LOCAL_ADDRESS_CHANGED_AT_CONNECT);
            SimSocket accepted = vendor.listener.accept();
            assertThat(accepted.queryRedirectContext()).contains(content);
            client.close();
            accepted.close();
            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
        }
    }

    /** A callout at a layer of the server's machine commits a fault; the client is on another machine. */
    @ParameterizedTest
    @EnumSource(
            value = Layer.class,
            names = {"FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4", "FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4"})
    void fault_onTheServersMachine_isNotTheClientsAndWaitsForTheServersMachineToClose(Layer layer) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("203.0.113.7"), 80);
        try (Network network = WfpSim.openNetwork();
                WfpSim client = WfpSim.builder().network(network).open()) {
            WfpSim server = WfpSim.builder()
                    .network(network)
                    .address(address.getAddress())
                    .open();
            SimSocket listener = server.process("C:\\server.exe", Token.STANDARD_USER)
                    .winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .bind(address)
                    .listen(1);
            CalloutRegistration callout = freeingTwice(server, layer);
            for (int connection = 0; connection < 5; connection++) {
                try (SimSocket socket = client.process("C:\\app.exe", Token.STANDARD_USER)
                        .winsock()
                        .tcpSocket(AddressFamily.AF_INET)
                        .connect(address)) {
                    assertThat(socket.remoteAddress()).isEqualTo(address);
                    listener.accept().close();
                }
            }
            callout.close();

            assertThat(client.connections()).isEmpty();
            assertThat(client.verifier().violations()).isEmpty();
            assertThat(server.connections()).hasSize(1);
            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(server::close)
                    .withMessageContaining("POOL_DOUBLE_FREE");
        }
    }

    private static CalloutRegistration freeingTwice(WfpSim sim, Layer layer) {
        UUID key = new UUID(9, 9);
        KernelDriver driver = sim.loadDriver("acme.sys");
        sim.fwpm().addFilter(Filter.at(layer).callout(key));
        return driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            PoolBlock block = driver.pool().allocate(8, "tEst");
            block.free();
            block.free();
        });
    }

    @Test
    void fault_whileAMachineCloses_leavesNothingOpen() throws IOException {
        WfpSim sim = WfpSim.open();
        SimProcess process = sim.process("C:\\server.exe", Token.STANDARD_USER);
        for (int port = 80; port < 83; port++) {
            process.winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .bind(new InetSocketAddress(port))
                    .listen();
        }
        freeingTwice(sim, Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4);

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(sim::close)
                .satisfies(fault -> assertThat(fault.getSuppressed())
                        .as("two more closures, and the callout that was left")
                        .hasSize(3));

        assertThat(sim.connections()).isEmpty();
        sim.close();
    }

    @Test
    void fault_whileAProcessEnds_leavesNoSocketOpen() throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            SimProcess process = sim.process("C:\\server.exe", Token.STANDARD_USER);
            for (int port = 80; port < 83; port++) {
                process.winsock()
                        .tcpSocket(AddressFamily.AF_INET)
                        .bind(new InetSocketAddress(port))
                        .listen();
            }
            try (CalloutRegistration callout = freeingTwice(sim, Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4)) {
                assertThatExceptionOfType(FaultException.class).isThrownBy(process::close);
            }

            assertThat(sim.connections()).isEmpty();
        }
    }
}
