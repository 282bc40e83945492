package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.CalloutFlag;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.verifier.Diagnostic;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a filter carries for its callout. */
@Timeout(20)
class FilterDataTest {

    private static final UUID CALLOUT = new UUID(91, 1);
    private static final UUID CONTEXT = new UUID(91, 2);
    private static final SubLayer SUB_LAYER = new SubLayer(new UUID(91, 3), "of data", 700);

    /** What a callout saw of its filter. */
    private record Seen(
            long id, long weight, int subLayerWeight, int flags, ActionType action, int calloutId, long context) {

        static Seen of(FwpsFilter filter) {
            return new Seen(
                    filter.filterId(),
                    filter.weight(),
                    filter.subLayerWeight(),
                    filter.flags(),
                    filter.action(),
                    filter.calloutId(),
                    filter.context());
        }
    }

    private final List<Seen> seen = new ArrayList<>();
    private final List<List<FilterCondition>> conditions = new ArrayList<>();
    private final List<FwpByteBlob> data = new ArrayList<>();

    private void classify(FwpsFilter filter) {
        seen.add(Seen.of(filter));
        conditions.add(filter.filterConditions());
        FwpmProviderContext context = filter.providerContext();
        data.add(context == null ? FwpByteBlob.ofText("none") : context.dataBuffer());
    }

    private CalloutRegistration register(RedirectBench bench) {
        return bench.driver.registerCallout(
                CALLOUT, (values, meta, layerData, context, filter, flow, out) -> classify(filter));
    }

    private static Filter.Builder filter(RedirectBench bench) {
        return Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(bench.family));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-91")
    void callout_seesWhatItsFilterIsMadeOf(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            CalloutRegistration registered = register(bench);
            FilterCondition port = FilterCondition.remotePort(RedirectBench.ORIGIN_PORT);
            bench.sim.fwpm().addSubLayer(SUB_LAYER);
            long id = bench.sim
                    .fwpm()
                    .addFilter(filter(bench)
                            .subLayer(SUB_LAYER)
                            .weight(FilterWeight.range(3))
                            .when(port)
                            .flag(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)
                            .flag(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)
                            .flag(FilterFlag.FWPM_FILTER_FLAG_INDEXED)
                            .rawContext(0xFEDC_BA98_7654_3210L)
                            .callout(CALLOUT));
            bench.connect();
            registered.close();

            assertThat(seen)
                    .containsExactly(new Seen(
                            id,
                            (3L << 60) + 1,
                            700,
                            FwpsFilter.FWPS_FILTER_FLAG_CLEAR_ACTION_RIGHT
                                    | FwpsFilter.FWPS_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED,
                            ActionType.FWP_ACTION_CALLOUT_TERMINATING,
                            registered.calloutId(),
                            0xFEDC_BA98_7654_3210L));
            assertThat(conditions).containsExactly(List.of(port));
            bench.unregisterAll();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-91")
    void contextThatNotifyFnSets_isWhatClassifyFnAndTheNoticeOfDeletionGet(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<String> notices = new ArrayList<>();
            List<FwpsFilter> kept = new ArrayList<>();
            Out<Integer> calloutId = Out.empty();
            bench.fwps.fwpsCalloutRegister1(
                    new FwpsCallout1(
                            CALLOUT,
                            (values, meta, layerData, context, filter, flow, out) -> classify(filter),
                            (type, key, filter) -> {
                                notices.add(type + " " + filter.context());
                                if (type == NotifyType.FWPS_CALLOUT_NOTIFY_ADD_FILTER) {
                                    filter.setContext(77);
                                    kept.add(filter);
                                } else {
                                    assertThatIllegalStateException()
                                            .isThrownBy(() -> filter.setContext(78))
                                            .withMessageContaining("notifyFn");
                                }
                                return NtStatus.STATUS_SUCCESS;
                            },
                            null),
                    calloutId);
            long id = bench.sim.fwpm().addFilter(filter(bench).rawContext(5).callout(CALLOUT));
            bench.connect();
            assertThatIllegalStateException().isThrownBy(() -> kept.get(0).setContext(79));
            bench.sim.fwpm().fwpmFilterDeleteById0(id);
            bench.fwps.fwpsCalloutUnregisterById0(Objects.requireNonNull(calloutId.get()));

            assertThat(seen).extracting(Seen::context).containsExactly(77L);
            assertThat(notices)
                    .containsExactly("FWPS_CALLOUT_NOTIFY_ADD_FILTER 5", "FWPS_CALLOUT_NOTIFY_DELETE_FILTER 77");
            bench.unregisterAll();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-91", "WFP-92"})
    void providerContext_reachesACalloutThatUsesThem(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            CalloutRegistration registered = register(bench);
            Fwpm fwpm = bench.sim.fwpm();
            FwpByteBlob bytes = FwpByteBlob.of((byte) 1, (byte) 2, (byte) 3);
            Out<Long> contextId = Out.empty();
            fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(CONTEXT, "settings", bytes), contextId);
            fwpm.fwpmCalloutAdd0(
                    new FwpmCallout(
                            CALLOUT,
                            "uses it",
                            Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family),
                            CalloutFlag.FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT),
                    null);
            fwpm.addFilter(filter(bench).providerContext(CONTEXT).callout(CALLOUT));
            bench.connect();
            registered.close();

            assertThat(data).containsExactly(bytes);
            assertThat(seen).extracting(Seen::context).containsExactly(contextId.get());
            assertThat(bench.sim.verifier().diagnostics()).isEmpty();
            bench.unregisterAll();
        }
    }

    @Test
    @Spec("WFP-92")
    void providerContext_isHiddenFromACalloutThatWasAddedWithoutTheFlag_andThatIsTold() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CalloutRegistration registered = register(bench);
            Fwpm fwpm = bench.sim.fwpm();
            fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(CONTEXT, "settings", FwpByteBlob.empty()), null);
            fwpm.fwpmCalloutAdd0(new FwpmCallout(CALLOUT, "not", Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4), null);
            fwpm.addFilter(filter(bench).providerContext(CONTEXT).callout(CALLOUT));
            bench.connect();
            registered.close();

            assertThat(data).containsExactly(FwpByteBlob.ofText("none"));
            assertThat(bench.sim.verifier().diagnostics())
                    .extracting(found -> found.kind())
                    .containsExactly(Diagnostic.PROVIDER_CONTEXT_NOT_SHOWN);
            bench.unregisterAll();
        }
    }

    @Test
    @Spec({"WFP-30", "WFP-92"})
    void providerContext_isKeptAsLongAsAFilterNamesIt() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm fwpm = bench.sim.fwpm();
            FwpmProviderContext settings = new FwpmProviderContext(CONTEXT, "settings", FwpByteBlob.empty());
            Filter naming = filter(bench).providerContext(CONTEXT).callout(CALLOUT);

            assertThat(fwpm.fwpmFilterAdd0(naming, null)).isEqualTo(Win32Error.FWP_E_PROVIDER_CONTEXT_NOT_FOUND);
            try (Fwpm dynamic = fwpm.open(FwpmSession.dynamic("goes"))) {
                assertThat(dynamic.fwpmProviderContextAdd0(settings, null)).isEqualTo(Win32Error.NO_ERROR);
                assertThat(fwpm.fwpmFilterAdd0(naming, null)).isEqualTo(Win32Error.FWP_E_LIFETIME_MISMATCH);
            }
            assertThat(fwpm.fwpmProviderContextAdd0(settings, null)).isEqualTo(Win32Error.NO_ERROR);
            assertThat(fwpm.fwpmProviderContextAdd0(settings, null)).isEqualTo(Win32Error.FWP_E_ALREADY_EXISTS);
            long id = fwpm.addFilter(naming);
            assertThat(fwpm.fwpmProviderContextDeleteByKey0(CONTEXT)).isEqualTo(Win32Error.FWP_E_IN_USE);
            fwpm.fwpmFilterDeleteById0(id);
            assertThat(fwpm.fwpmProviderContextDeleteByKey0(CONTEXT)).isEqualTo(Win32Error.NO_ERROR);
            assertThat(fwpm.fwpmProviderContextDeleteByKey0(CONTEXT))
                    .isEqualTo(Win32Error.FWP_E_PROVIDER_CONTEXT_NOT_FOUND);
            bench.unregisterAll();
        }
    }

    @Test
    @Spec({"WFP-30", "WFP-92"})
    void provider_isKeptAsLongAsACalloutOrAProviderContextNamesIt() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm fwpm = bench.sim.fwpm();
            UUID vendor = new UUID(91, 9);
            FwpmProviderContext settings = new FwpmProviderContext(CONTEXT, "settings", vendor, FwpByteBlob.empty(), 0);
            FwpmCallout callout = new FwpmCallout(
                    CALLOUT, "its", Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, java.util.Set.of(), vendor, 0);

            assertThat(fwpm.fwpmProviderContextAdd0(settings, null)).isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
            assertThat(fwpm.fwpmCalloutAdd0(callout, null)).isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
            fwpm.fwpmProviderAdd0(new Provider(vendor, "vendor"));
            fwpm.fwpmProviderContextAdd0(settings, null);
            assertThat(fwpm.fwpmProviderDeleteByKey0(vendor)).isEqualTo(Win32Error.FWP_E_IN_USE);
            fwpm.fwpmProviderContextDeleteByKey0(CONTEXT);
            fwpm.fwpmCalloutAdd0(callout, null);
            assertThat(fwpm.fwpmProviderDeleteByKey0(vendor)).isEqualTo(Win32Error.FWP_E_IN_USE);
            fwpm.fwpmCalloutDeleteByKey0(CALLOUT);
            assertThat(fwpm.fwpmProviderDeleteByKey0(vendor)).isEqualTo(Win32Error.NO_ERROR);
            bench.unregisterAll();
        }
    }

    @Test
    @Spec("WFP-92")
    void rawAndProviderContext_shareOnePlace() {
        Filter.Builder both = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                .providerContext(CONTEXT)
                .rawContext(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> both.callout(CALLOUT))
                .withMessageContaining("share one place");
        Filter.Builder flagOnly =
                Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4).flag(FilterFlag.FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flagOnly.callout(CALLOUT))
                .withMessageContaining("call providerContext()");
    }
}
