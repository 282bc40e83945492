package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** docs/decisions/001: a fault inside classifyFn waits for the call that caused it. */
@Timeout(20)
class FaultInCalloutTest {

    /** What came of a connect whose callout freed a block three times. */
    private record Outcome(List<FaultException> thrown, boolean calloutFinished, List<String> states, String story) {}

    private static Outcome connectPastAFaultyCallout(FaultMode mode) throws IOException {
        List<FaultException> thrown = new ArrayList<>();
        List<Boolean> finished = new ArrayList<>();
        try (WfpSim sim = WfpSim.open(SimOptions.builder().faultMode(mode).build());
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
            List<String> states =
                    sim.connections().stream().map(found -> found.state()).toList();
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
}
