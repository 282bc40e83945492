package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.UdpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A target process that is not the one that accepts, and each cause of access denied (WFP-120, WSA-36). */
@Timeout(20)
class DeniedControlTest {

    private static SimSocket connect(SimProcess app, InetSocketAddress to) throws IOException {
        SimSocket socket = app.winsock().tcpSocket(AddressFamily.of(to.getAddress()));
        socket.connect(to);
        return socket;
    }

    private static List<Diagnostic> kinds(WfpSim sim) {
        return sim.verifier().diagnostics().stream().map(Finding::kind).toList();
    }

    private static String lastDetail(WfpSim sim) {
        List<Finding<Diagnostic>> all = sim.verifier().diagnostics();
        return all.get(all.size() - 1).detail();
    }

    private static void assertDenied(WfpSim sim, ThrowingCallable call, String why) {
        assertThatExceptionOfType(WinsockException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEACCES));
        assertThat(kinds(sim)).endsWith(Diagnostic.REDIRECT_CONTROL_DENIED);
        assertThat(lastDetail(sim)).contains(why);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-35", "WFP-120", "WSA-36"})
    void targetThatLives_andDoesNotAccept_isToldWhenTheConnectionArrives(AddressFamily family) throws Exception {
        for (boolean lax : new boolean[] {false, true}) {
            SimOptions options =
                    lax ? SimOptions.defaults().with(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS) : SimOptions.defaults();
            try (WfpSim sim = WfpSim.open(options);
                    Vendor vendor = new Vendor(sim, family, "acme", 8080)) {
                SimProcess other = sim.process("C:\\other.exe", Token.ELEVATED_ADMINISTRATOR);
                vendor.calling(vendor.driver.redirectCallout(vendor.handle, vendor.address, other));
                connect(sim.process("C:\\app.exe", Token.STANDARD_USER), Vendor.origin(family));
                SimSocket accepted = vendor.listener.accept();

                if (lax) {
                    assertThat(kinds(sim)).isEmpty();
                    assertThat(accepted.queryRedirectRecords()).isPresent();
                } else {
                    assertThat(kinds(sim)).containsExactly(Diagnostic.REDIRECT_TARGET_DOES_NOT_ACCEPT);
                    assertThat(lastDetail(sim))
                            .contains("names " + other)
                            .contains(vendor.process + " receives at " + IpAddress.text(vendor.address));
                    assertDenied(
                            sim,
                            accepted::queryRedirectRecords,
                            "query of records on socket #" + accepted.handle().value()
                                    + " is denied: the newest redirect names another process, PID " + other.id());
                    assertDenied(sim, accepted::queryRedirectContext, "query of the context");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-35", "WFP-120"})
    void targetOfDatagrams_thatDoesNotReceive_isToldToo(AddressFamily family) throws Exception {
        InetSocketAddress dns =
                IpAddress.parse(family == AddressFamily.AF_INET ? "203.0.113.53:53" : "[2001:db8::53]:53");
        ClassifyFn1[] callout = new ClassifyFn1[1];
        try (WfpSim sim = WfpSim.open();
                UdpProduct acme = sim.product("acme")
                        .callout(ofTheProduct -> (values, meta, data, context, filter, flow, out) ->
                                callout[0].classify(values, meta, data, context, filter, flow, out))
                        .redirectUdp(53)) {
            SimProcess other = sim.process("C:\\other.exe", Token.ELEVATED_ADMINISTRATOR);
            callout[0] = acme.driver()
                    .redirectCallout(acme.redirectHandle(), acme.socket(family).localAddress(), other);

            sim.process("C:\\app.exe", Token.STANDARD_USER)
                    .winsock()
                    .udpSocket(family)
                    .send(new byte[1], dns);

            assertThat(kinds(sim)).containsExactly(Diagnostic.REDIRECT_TARGET_DOES_NOT_ACCEPT);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-37", "WSA-36"})
    void eachCauseOfADeniedSet_isToldApart(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(sim.process("C:\\app.exe", Token.STANDARD_USER), Vendor.origin(family));
            byte[] good = vendor.listener.accept().queryRedirectRecords().orElseThrow();
            RecordForge forge = sim.recordForge();
            SimSocket onward = vendor.process.winsock().tcpSocket(family);
            SimSocket plain =
                    sim.process("C:\\plain.exe", Token.STANDARD_USER).winsock().tcpSocket(family);
            SimSocket foreign = sim.process("C:\\foreign.exe", Token.ELEVATED_ADMINISTRATOR)
                    .winsock()
                    .tcpSocket(family);

            assertDenied(sim, () -> plain.setRedirectRecords(good), "the caller is not elevated");
            assertDenied(sim, () -> foreign.setRedirectRecords(good), "addressed to another process");
            assertDenied(sim, () -> onward.setRedirectRecords(forge.cutTail(good, 1)), "is cut");
            assertDenied(sim, () -> onward.setRedirectRecords(forge.flipByte(good, 0)), "no record");
            assertDenied(sim, () -> onward.setRedirectRecords(forge.flipByte(good, 60)), "was altered");
            assertDenied(sim, () -> onward.setRedirectRecords(forge.reissueElsewhere(good)), "another machine");
        }
    }
}
