package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.wfp.RedirectBench.Call;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a classification keeps of its first round when callouts are asked again. */
@Timeout(20)
class RepeatedClassificationTest {

    private static final int REAUTHORIZE = ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code();

    private static boolean isRepeat(Call call) {
        return (call.values().flags() & REAUTHORIZE) != 0;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-61")
    void freshClassification_forgetsTheVotesOfTheOneBefore(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Boolean> repeats = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                if (!isRepeat(call)) {
                    call.out().setActionType(ActionType.FWP_ACTION_BLOCK); // a soft one, under which others may pend
                }
            });
            bench.atConnectRedirect(call -> {
                repeats.add(isRepeat(call));
                if (!isRepeat(call)) {
                    completeWithoutClassifyOut(bench, call);
                }
            });

            bench.connect();

            assertThat(repeats).containsExactly(false, true);
            assertThat(bench.faults()).as("nobody blocks at the end").isEmpty();
        }
    }

    private static void completeWithoutClassifyOut(RedirectBench bench, Call call) {
        ClassifyHandle handle = bench.acquireHandle(call);
        bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out());
        bench.fwps.fwpsCompleteClassify0(handle, 0, null);
        bench.fwps.fwpsReleaseClassifyHandle0(handle);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-64")
    void calloutThatIsAskedAgainAndDecidesNothing_takesItsFirstDecisionBack(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Boolean> repeats = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                repeats.add(isRepeat(call));
                if (!isRepeat(call)) {
                    apply(bench, call, Fwps.FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS, 1);
                    call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                }
            });
            bench.atConnectRedirect(call -> {
                apply(bench, call, 0, 2);
                call.out().setActionType(ActionType.FWP_ACTION_CONTINUE);
            });

            bench.connect();

            assertThat(repeats).containsExactly(false, true);
            assertThat(bench.faults()).as("nobody blocks at the end").isEmpty();
        }
    }

    private static void apply(RedirectBench bench, Call call, int flags, long token) {
        ClassifyHandle handle = bench.acquireHandle(call);
        ConnectRequest request = bench.acquireRequest(call, handle);
        request.setPortReservationToken(token);
        bench.fwps.fwpsApplyModifiedLayerData0(handle, request, flags);
        bench.fwps.fwpsReleaseClassifyHandle0(handle);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-64")
    void calloutAtBindRedirect_isAskedAgainAfterAnothersChange(AddressFamily family) throws IOException {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Integer> asked = new ArrayList<>();
            List<Integer> ports = new ArrayList<>();
            bench.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> {
                asked.add(call.values().flags() & REAUTHORIZE);
                int flag = isRepeat(call) ? 0 : Fwps.FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS;
                bind(bench, call, flag, ports, () -> isRepeat(call) ? 7003 : 7001);
            });
            bench.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> bind(bench, call, 0, ports, () -> 7002));

            InetSocketAddress bound = bench.app
                    .winsock()
                    .tcpSocket(family)
                    .bind(new InetSocketAddress(bench.proxyAddress.getAddress(), 7000))
                    .localAddress();

            assertThat(asked).containsExactly(0, REAUTHORIZE);
            assertThat(ports).as("each sees what the one before left").containsExactly(7000, 7001, 7002);
            assertThat(bound.getPort()).isEqualTo(7003);
            assertThat(bench.faults()).isEmpty();
        }
    }

    private static void bind(RedirectBench bench, Call call, int flags, List<Integer> before, IntSupplier port) {
        ClassifyHandle handle = bench.acquireHandle(call);
        Out<Object> data = Out.empty();
        assertThat(bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                        handle, call.filter().filterId(), 0, data, call.out()))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        BindRequest request = (BindRequest) Objects.requireNonNull(data.get());
        InetSocketAddress local = request.localAddressAndPort();
        before.add(local.getPort());
        request.setLocalAddressAndPort(new InetSocketAddress(local.getAddress(), port.getAsInt()));
        bench.fwps.fwpsApplyModifiedLayerData0(handle, request, flags);
        call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        bench.fwps.fwpsReleaseClassifyHandle0(handle);
    }
}
