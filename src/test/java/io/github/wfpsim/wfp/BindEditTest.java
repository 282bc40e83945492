package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.SequenceRenderer;
import io.github.wfpsim.trace.TextRenderer;
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

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-47")
    void story_tellsOfAnEditThatTookEffect_andOfNoOther(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            InetSocketAddress moved = own(bench, family);
            atBindRedirect(bench, request -> request.setPortReservationToken(1));
            atBindRedirect(bench, request -> request.setLocalAddressAndPort(moved));
            atBindRedirect(bench, request -> request.setLocalAddressAndPort(moved));

            bench.connect();

            assertThat(new TextRenderer().render(bench.sim.trace().log().entries()))
                    .containsOnlyOnce("acme.sys changes the local address ")
                    .contains(" ==> " + IpAddress.text(moved));
            assertThat(new SequenceRenderer().render(bench.sim.trace().log().entries()))
                    .contains("changes the local address");
        }
    }

    @Test
    @Spec("WFP-48")
    void story_tellsOfALocalAddressThatIsHonouredAtConnectRedirect() {
        for (boolean honoured : new boolean[] {false, true}) {
            SimOptions options = honoured
                    ? SimOptions.defaults().with(Deviation.LOCAL_ADDRESS_AT_CONNECT_APPLIED_TO_TCP)
                    : SimOptions.defaults();
            try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET, options)) {
                InetSocketAddress moved = own(bench, AddressFamily.AF_INET);
                bench.atConnectRedirect(call -> bench.redirect(call, request -> request.setLocalAddressAndPort(moved)));

                bench.connect();

                String story = new TextRenderer().render(bench.sim.trace().log().entries());
                assertThat(story.contains("acme.sys changes the local address "))
                        .isEqualTo(honoured);
            }
        }
    }

    private static InetSocketAddress own(RedirectBench bench, AddressFamily family) {
        return bench.sim.addresses().stream()
                .filter(address -> AddressFamily.of(address) == family)
                .map(address -> new InetSocketAddress(address, 7000))
                .findFirst()
                .orElseThrow();
    }
}
