package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Objects that live longer than what they name. */
class ObjectLifetimeTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final SubLayer SUB_LAYER = new SubLayer(new UUID(60, 1), "dynamic", 0xFFFF);
    private static final Provider PROVIDER = new Provider(new UUID(60, 2), "dynamic");
    private static final FwpmCallout CALLOUT = new FwpmCallout(new UUID(60, 3), "dynamic", LAYER);

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
    private final Fwpm session = bench.sim.fwpm().open(FwpmSession.dynamic("service"));

    @AfterEach
    void closeBench() {
        bench.close();
    }

    private void addAll() {
        session.addSubLayer(SUB_LAYER);
        session.fwpmProviderAdd0(PROVIDER);
        session.fwpmCalloutAdd0(CALLOUT, null);
    }

    private static List<Filter> filtersThatNameThem() {
        return List.of(
                Filter.at(LAYER).subLayer(SUB_LAYER).permit(),
                Filter.at(LAYER).provider(PROVIDER).permit(),
                Filter.at(LAYER).callout(CALLOUT.calloutKey()));
    }

    @Test
    @Spec("WFP-30")
    void staticFilter_thatNamesAnObjectOfADynamicSession_isRefused() {
        addAll();

        assertThat(filtersThatNameThem())
                .allSatisfy(filter -> assertThat(bench.sim.fwpm().fwpmFilterAdd0(filter, null))
                        .isEqualTo(Win32Error.FWP_E_LIFETIME_MISMATCH));
    }

    @Test
    @Spec("WFP-30")
    void filterOfAnotherDynamicSession_thatNamesThem_isRefused() {
        addAll();
        Fwpm other = bench.sim.fwpm().open(FwpmSession.dynamic("other"));

        assertThat(filtersThatNameThem())
                .allSatisfy(filter ->
                        assertThat(other.fwpmFilterAdd0(filter, null)).isEqualTo(Win32Error.FWP_E_LIFETIME_MISMATCH));
    }

    @Test
    @Spec("WFP-30")
    void filterOfTheSameSession_orOneThatNamesStaticObjects_isAdded() {
        addAll();
        SubLayer stays = bench.sim.fwpm().addSubLayer(new SubLayer(new UUID(60, 4), "static", 3));

        assertThat(filtersThatNameThem())
                .allSatisfy(filter ->
                        assertThat(session.fwpmFilterAdd0(filter, null)).isEqualTo(Win32Error.NO_ERROR));
        assertThat(session.fwpmFilterAdd0(Filter.at(LAYER).subLayer(stays).permit(), null))
                .isEqualTo(Win32Error.NO_ERROR);
    }
}
