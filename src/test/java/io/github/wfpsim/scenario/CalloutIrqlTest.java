package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.verifier.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The level at which a callout runs, and what it may call there. */
@Timeout(20)
class CalloutIrqlTest {

    @ParameterizedTest
    @EnumSource(
            value = Irql.class,
            names = {"PASSIVE_LEVEL", "DISPATCH_LEVEL"})
    @Spec({"WFP-37", "WFP-41"})
    void classifyFn_runsAtTheKnobsLevel_andMayCreateHandlesAtPassiveOnly(Irql level) throws IOException {
        SimOptions options = SimOptions.defaults().faultMode(FaultMode.RECORD).classifyIrql(level);
        List<Irql> seen = new ArrayList<>();
        try (WfpSim sim = WfpSim.open(options);
                RemoteServer server = sim.network().listen(Vendor.origin(AddressFamily.AF_INET));
                Vendor vendor = new Vendor(sim, AddressFamily.AF_INET, "acme", 8080)) {
            vendor.calling((values, meta, data, context, filter, flow, out) -> {
                seen.add(sim.irql().get());
                vendor.driver.fwps().fwpsQueryConnectionRedirectState0(meta.redirectRecords(), vendor.handle, null);
                vendor.driver.fwps().fwpsRedirectHandleCreate0(new UUID(9, 9), 0, Out.empty());
            });
            sim.process("C:\\app.exe", Token.STANDARD_USER)
                    .winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .connect(server.address());
            seen.add(sim.irql().get());

            assertThat(seen).containsExactly(level, Irql.PASSIVE_LEVEL);
            assertThat(sim.verifier().violations())
                    .extracting(violation -> violation.kind())
                    .isEqualTo(level == Irql.PASSIVE_LEVEL ? List.of() : List.of(Fault.IRQL_TOO_HIGH));
        }
    }
}
