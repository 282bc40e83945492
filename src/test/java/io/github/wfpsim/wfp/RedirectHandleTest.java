package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.redirect.RedirectContext;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.verifier.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RedirectHandleTest {

    private static final UUID PROVIDER = new UUID(7, 7);

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);

    @AfterEach
    void closeBench() {
        bench.close();
    }

    @Test
    @Spec("WFP-39")
    void create_withGuidAndNoFlags_givesAHandleOfItsOwn() {
        Out<RedirectHandle> one = Out.empty();
        Out<RedirectHandle> other = Out.empty();

        assertThat(bench.fwps.fwpsRedirectHandleCreate0(PROVIDER, 0, one)).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(bench.fwps.fwpsRedirectHandleCreate0(PROVIDER, 0, other)).isEqualTo(NtStatus.STATUS_SUCCESS);

        assertThat(one.get().id()).isNotEqualTo(other.get().id());
        assertThat(one.get().providerId()).isEqualTo(PROVIDER);
    }

    @Test
    @Spec("WFP-39")
    void create_withNullGuidOrFlags_failsAndLeavesTheOutputAlone() {
        Out<RedirectHandle> out = Out.empty();
        out.set(bench.handle);

        assertThat(bench.fwps.fwpsRedirectHandleCreate0(null, 0, out)).isEqualTo(NtStatus.STATUS_FWP_NULL_POINTER);
        assertThat(bench.fwps.fwpsRedirectHandleCreate0(PROVIDER, 1, out)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        assertThat(bench.fwps.fwpsRedirectHandleCreate0(PROVIDER, -1, out))
                .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);

        assertThat(out.get()).isSameAs(bench.handle);
        assertThat(bench.driver.held().held())
                .extracting(held -> held.object())
                .containsExactly("#" + bench.handle.id());
    }

    @Test
    @Spec("WFP-39")
    void handle_notDestroyedByUnload_isALeakWithItsOwner() {
        bench.driver.unload();

        assertThat(bench.faults()).containsExactly(Fault.REDIRECT_HANDLE_LEAK);
        assertThat(bench.sim.verifier().violations().get(0).object()).isEqualTo("acme.sys");
    }

    @Test
    @Spec("WFP-39")
    void handle_destroyedByItsDriver_isNoLeak() {
        bench.fwps.fwpsRedirectHandleDestroy0(bench.handle);

        assertThat(bench.driver.unload().isEmpty()).isTrue();
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("WFP-39")
    void handle_destroyedByAnotherDriver_isNoLeak() {
        bench.sim.loadDriver("other.sys").fwps().fwpsRedirectHandleDestroy0(bench.handle);

        assertThat(bench.driver.unload().isEmpty()).isTrue();
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("WFP-40")
    void handle_usedOrDestroyedAfterDestroy_isAFault() {
        bench.fwps.fwpsRedirectHandleDestroy0(bench.handle);

        assertThat(bench.fwps.fwpsQueryConnectionRedirectState0(null, bench.handle, null))
                .isEqualTo(RedirectState.FWPS_CONNECTION_NOT_REDIRECTED);
        bench.fwps.fwpsRedirectHandleDestroy0(bench.handle);

        assertThat(bench.faults()).containsExactly(Fault.REDIRECT_HANDLE_DESTROYED, Fault.REDIRECT_HANDLE_DESTROYED);
    }

    @Test
    @Spec("WFP-40")
    void query_withoutRecordHandle_isNotRedirectedAndHasNoContext() {
        Out<RedirectContext> context = Out.empty();

        assertThat(bench.fwps.fwpsQueryConnectionRedirectState0(null, bench.handle, context))
                .isEqualTo(RedirectState.FWPS_CONNECTION_NOT_REDIRECTED);

        assertThat(context.get()).isNull();
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec({"REC-25", "WFP-40"})
    void query_withAHandleOfAnotherMachine_isNotRedirectedAndAFault() {
        List<RedirectState> states = new ArrayList<>();
        try (RedirectBench other = new RedirectBench(AddressFamily.AF_INET)) {
            assertThat(other.handle.id()).as("the same number").isEqualTo(bench.handle.id());
            bench.atConnectRedirect(call -> {
                bench.redirect(call, bench::toProxy);
                states.add(bench.fwps.fwpsQueryConnectionRedirectState0(
                        call.meta().redirectRecords(), other.handle, null));
            });

            bench.connect();
        }

        assertThat(states).containsExactly(RedirectState.FWPS_CONNECTION_NOT_REDIRECTED);
        assertThat(bench.faults()).containsExactly(Fault.REDIRECT_HANDLE_DESTROYED);
    }

    @Test
    @Spec("WFP-41")
    void passiveLevelFunctions_atDispatchLevel_refuseWithAFaultEach() {
        Out<RedirectHandle> handle = Out.empty();
        Out<Integer> callout = Out.empty();
        List<NtStatus> answers = new ArrayList<>();

        bench.sim.irql().runAt(Irql.DISPATCH_LEVEL, () -> {
            answers.add(bench.fwps.fwpsRedirectHandleCreate0(PROVIDER, 0, handle));
            answers.add(bench.fwps.fwpsCalloutRegister1(
                    new FwpsCallout1(PROVIDER, (v, m, d, c, f, flow, out) -> {}), callout));
            answers.add(bench.fwps.fwpsCalloutRegister0(
                    new FwpsCallout0(PROVIDER, (v, m, d, f, flow, out) -> {}), callout));
            answers.add(bench.fwps.fwpsCalloutUnregisterById0(1));
            answers.add(bench.fwps.fwpsCalloutUnregisterByKey0(PROVIDER));
            bench.fwps.fwpsRedirectHandleDestroy0(bench.handle);
        });

        assertThat(answers).containsOnly(NtStatus.STATUS_UNSUCCESSFUL);
        assertThat(handle.get()).isNull();
        assertThat(callout.get()).isNull();
        assertThat(bench.driver.held().toString()).contains("redirect handle #" + bench.handle.id());
        assertThat(bench.faults()).hasSize(6).containsOnly(Fault.IRQL_TOO_HIGH);
    }

    @Test
    @Spec({"WFP-37", "WFP-41"})
    void classifyFn_atDispatchLevel_mayRedirectButNotCreateHandles() {
        try (RedirectBench high =
                new RedirectBench(AddressFamily.AF_INET, SimOptions.defaults().classifyIrql(Irql.DISPATCH_LEVEL))) {
            List<Irql> levels = new ArrayList<>();
            high.atConnectRedirect(call -> {
                levels.add(high.sim.irql().get());
                high.fwps.fwpsQueryConnectionRedirectState0(call.meta().redirectRecords(), high.handle, null);
                high.redirect(call, high::toProxy);
                high.fwps.fwpsQueryConnectionSioFormatRedirectRecords0(
                        call.meta().redirectRecords(), null, 0, null);
                assertThat(high.faults()).isEmpty();
                high.fwps.fwpsRedirectHandleCreate0(PROVIDER, 0, Out.empty());
            });

            high.connect();

            assertThat(levels).containsExactly(Irql.DISPATCH_LEVEL);
            assertThat(high.destination()).isEqualTo(high.proxyAddress);
            assertThat(high.faults()).containsExactly(Fault.IRQL_TOO_HIGH);
            assertThat(high.sim.irql().get()).isEqualTo(Irql.PASSIVE_LEVEL);
        }
    }

    @Test
    @Spec("WFP-37")
    void classifyFn_byDefault_runsAtPassiveLevel() {
        List<Irql> levels = new ArrayList<>();
        bench.atConnectRedirect(call -> levels.add(bench.sim.irql().get()));

        bench.connect();

        assertThat(levels).containsExactly(Irql.PASSIVE_LEVEL);
    }
}
