package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.verifier.Fault;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Edits of a bind request that cannot take effect. */
class BindEditTest {

    private static void atBindRedirect(RedirectBench bench, Consumer<BindRequest> edit) {
        bench.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> {
            ClassifyHandle handle = bench.acquireHandle(call);
            Out<Object> data = Out.empty();
            assertThat(bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                            handle, call.filter().filterId(), 0, data, call.out()))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            BindRequest request = (BindRequest) Objects.requireNonNull(data.get());
            edit.accept(request);
            bench.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
            call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            bench.fwps.fwpsReleaseClassifyHandle0(handle);
        });
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-52")
    void addressOfTheOtherFamily_isDroppedWithAFault(AddressFamily family) {
        AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
        try (RedirectBench bench = new RedirectBench(family)) {
            atBindRedirect(
                    bench,
                    request -> request.setLocalAddressAndPort(new InetSocketAddress(IpAddress.loopback(other), 7000)));

            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.ADDRESS_FAMILY_CHANGED);
        }
    }

    @Test
    @Spec("WFP-47")
    void unresolvedAddress_isRefusedWhereItIsWritten() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            InetSocketAddress unresolved = InetSocketAddress.createUnresolved("proxy.example", 7000);
            atBindRedirect(
                    bench,
                    request -> assertThatIllegalArgumentException()
                            .isThrownBy(() -> request.setLocalAddressAndPort(unresolved))
                            .withMessageContaining("not resolved"));

            bench.connect();

            assertThat(bench.faults()).isEmpty();
        }
    }
}
