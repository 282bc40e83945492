package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.verifier.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of a callout that pends, in a wrong order or with wrong arguments. */
@Timeout(20)
class PendedDataTest {

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);

    @AfterEach
    void closeBench() {
        bench.close();
    }

    @Test
    @Spec({"WFP-46", "WFP-60"})
    void completionWithLayerDataStillOut_isAFaultAndVoidsTheData() {
        bench.atConnectRedirect(call -> {
            ClassifyHandle handle = bench.acquireHandle(call);
            bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out());
            ConnectRequest request = bench.acquireRequest(call, handle);
            bench.toProxy(request);
            bench.fwps.fwpsCompleteClassify0(handle, 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
            bench.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            bench.fwps.fwpsReleaseClassifyHandle0(handle);
        });

        bench.connect();

        assertThat(bench.faults()).containsExactly(Fault.APPLY_MISSING, Fault.APPLY_MISUSE);
        assertThat(bench.destination()).as("not redirected").isEqualTo(bench.origin);
    }

    @Test
    @Spec({"WFP-30", "WFP-44", "WFP-59"})
    void filterIdOfAnother_isRefusedWithAFault() {
        List<NtStatus> answers = new ArrayList<>();
        bench.atConnectRedirect(call -> {
            ClassifyHandle handle = bench.acquireHandle(call);
            answers.add(bench.fwps.fwpsAcquireWritableLayerDataPointer0(handle, 4711, 0, Out.empty(), call.out()));
            answers.add(bench.fwps.fwpsPendClassify0(handle, 4711, 0, call.out()));
            bench.fwps.fwpsReleaseClassifyHandle0(handle);
        });

        bench.connect();

        assertThat(answers).containsExactly(NtStatus.STATUS_INVALID_PARAMETER, NtStatus.STATUS_INVALID_PARAMETER);
        assertThat(bench.faults()).containsExactly(Fault.CLASSIFY_HANDLE_MISUSE, Fault.CLASSIFY_HANDLE_MISUSE);
    }

    @Test
    @Spec({"WFP-38", "WFP-64"})
    void changeThatIsUndone_hasNobodyAskedAgain() {
        List<Long> asked = new ArrayList<>();
        bench.atConnectRedirect(call -> {
            asked.add(call.filter().filterId());
            ClassifyHandle handle = bench.acquireHandle(call);
            ConnectRequest request = bench.acquireRequest(call, handle);
            bench.fwps.fwpsApplyModifiedLayerData0(
                    handle, request, Fwps.FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS);
            bench.fwps.fwpsReleaseClassifyHandle0(handle);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        });
        bench.atConnectRedirect(call -> {
            bench.redirect(call, bench::toProxy);
            throw new ArithmeticException("made on purpose");
        });

        bench.connect();

        assertThat(asked).hasSize(1);
        assertThat(bench.destination()).isEqualTo(bench.origin);
    }

    @Test
    @Spec("WFP-15")
    void calloutBelowAPendedClosure_doesNotSeeIsReauthorize() throws Exception {
        Layer closure = Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4;
        List<Integer> flags = new ArrayList<>();
        List<ClassifyHandle> held = new ArrayList<>();
        SimOptions manual = SimOptions.defaults().dispatcher(DispatcherMode.MANUAL);
        try (RedirectBench closing = new RedirectBench(AddressFamily.AF_INET, manual)) {
            closing.at(closure, call -> {
                ClassifyHandle handle = closing.acquireHandle(call);
                closing.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out());
                call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                call.out().clearWriteRight();
                held.add(handle);
            });
            closing.at(closure, call -> flags.add(call.values().flags()));

            closing.connect().close();
            closing.fwps.fwpsCompleteClassify0(held.get(0), 0, new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, 0));
            closing.fwps.fwpsReleaseClassifyHandle0(held.remove(0));
            closing.sim.dispatcher().runAll();

            assertThat(flags)
                    .hasSize(1)
                    .noneMatch(bits -> (bits & ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code()) != 0);
        }
    }
}
