package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.verifier.FaultException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When notifyFn hears that a filter is gone: once, and only if it is. */
@Timeout(20)
class DeletionNoticeTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final UUID KEY = new UUID(60, 1);

    private final List<String> heard = new ArrayList<>();

    private void register(Fwps fwps) {
        ClassifyFn1 nothing = (values, meta, data, context, filter, flow, out) -> {};
        FwpsNotifyFn1 notifyFn = (type, key, filter) -> {
            heard.add(type.name().replace("FWPS_CALLOUT_NOTIFY_", "") + " " + filter.name());
            return NtStatus.STATUS_SUCCESS;
        };
        fwps.fwpsCalloutRegister1(new FwpsCallout1(KEY, nothing, notifyFn, null), null);
    }

    @Test
    @Spec("WFP-34")
    void filterAddedAndDeletedInAnAbortedTransaction_isDeletedOnce() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            register(bench.fwps);
            Fwpm fwpm = bench.sim.fwpm();
            fwpm.fwpmTransactionBegin0(0);
            fwpm.fwpmFilterDeleteById0(
                    fwpm.addFilter(Filter.at(LAYER).name("draft").callout(KEY)));
            fwpm.fwpmTransactionAbort0();

            assertThat(heard).containsExactly("ADD_FILTER draft", "DELETE_FILTER draft");
        }
    }

    @Test
    @Spec("WFP-34")
    void filterWhoseDeletionWasAborted_isNotReportedAsDeleted() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            register(bench.fwps);
            Fwpm fwpm = bench.sim.fwpm();
            long kept = fwpm.addFilter(Filter.at(LAYER).name("kept").callout(KEY));
            fwpm.fwpmTransactionBegin0(0);
            fwpm.fwpmFilterDeleteById0(kept);
            fwpm.fwpmTransactionAbort0();
            assertThat(heard).containsExactly("ADD_FILTER kept");

            fwpm.fwpmTransactionBegin0(0);
            fwpm.fwpmFilterDeleteById0(kept);
            fwpm.fwpmTransactionCommit0();

            assertThat(heard).containsExactly("ADD_FILTER kept", "DELETE_FILTER kept");
        }
    }

    @Test
    @Spec("WFP-34")
    void deletion_isReportedAlsoIfTheReauthorizationThatItCausesIsAFault() throws Exception {
        InetSocketAddress server = new InetSocketAddress(RedirectBench.address(AddressFamily.AF_INET, 10), 80);
        AtomicBoolean throwing = new AtomicBoolean();
        ClassifyFn1 moody = (values, meta, data, context, filter, flow, out) -> {
            if (throwing.get()) {
                throw new ArithmeticException("division by zero");
            }
        };
        try (WfpSim sim = WfpSim.open();
                KernelDriver driver = sim.loadDriver("acme.sys");
                var other = driver.registerCallout(new UUID(60, 2), moody)) {
            sim.network().listen(server);
            sim.process("C:\\app.exe", Token.STANDARD_USER)
                    .winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .connect(server);
            register(driver.fwps());
            long filter = sim.fwpm().addFilter(Filter.at(LAYER).name("mine").callout(KEY));
            sim.fwpm().addFilter(Filter.at(LAYER).callout(other.calloutKey()));
            throwing.set(true);

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> sim.fwpm().fwpmFilterDeleteById0(filter));

            assertThat(heard).containsExactly("ADD_FILTER mine", "DELETE_FILTER mine");
            driver.fwps().fwpsCalloutUnregisterByKey0(KEY);
        }
    }
}
