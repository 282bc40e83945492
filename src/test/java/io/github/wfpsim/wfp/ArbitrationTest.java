package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Filters of one layer, inside a sub-layer and between sub-layers. */
@Timeout(20)
class ArbitrationTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
    private final List<String> asked = new ArrayList<>();
    private int added;

    @AfterEach
    void closeBench() {
        bench.close();
    }

    private SubLayer subLayer(int weight) {
        SubLayer subLayer = new SubLayer(new UUID(40, weight), "weight " + weight, weight);
        bench.sim.fwpm().fwpmSubLayerAdd0(subLayer);
        return subLayer;
    }

    private void add(Filter.Builder filter, ClassifyFn1 callout) {
        added++;
        UUID key = new UUID(41, added);
        bench.driver.registerCallout(key, callout);
        bench.sim.fwpm().addFilter(filter.callout(key));
    }

    /** A callout that notes its name and writes an action; null leaves the action alone. */
    private ClassifyFn1 noting(String name, @Nullable ActionType action) {
        return (values, meta, data, context, filter, flow, out) -> {
            asked.add(name);
            if (action != null) {
                out.setActionType(action);
            }
        };
    }

    private boolean connects() {
        try {
            bench.app
                    .winsock()
                    .tcpSocket(AddressFamily.AF_INET)
                    .connect(bench.origin)
                    .close();
            return true;
        } catch (IOException blocked) {
            assertThat(blocked).hasMessageContaining(Win32Error.WSAEACCES.name());
            return false;
        }
    }

    @Test
    @Spec("WFP-22")
    void filters_runFromTheHeaviestDownUntilOneDecides() {
        add(Filter.at(LAYER).weight(FilterWeight.explicit(5)), noting("light", ActionType.FWP_ACTION_BLOCK));
        add(Filter.at(LAYER).weight(FilterWeight.explicit(-1)), noting("heaviest", null));
        add(Filter.at(LAYER).weight(FilterWeight.explicit(9)), noting("middle", ActionType.FWP_ACTION_PERMIT));

        assertThat(connects()).isTrue();

        assertThat(asked).containsExactly("heaviest", "middle");
    }

    @Test
    @Spec("WFP-23")
    void weights_explicitRangedAndAutomatic_orderTheFilters() {
        add(Filter.at(LAYER), noting("automatic, vague", null));
        add(Filter.at(LAYER).when(FilterCondition.remotePort(80)), noting("automatic, precise", null));
        add(Filter.at(LAYER).weight(FilterWeight.range(15)), noting("range 15", null));
        add(Filter.at(LAYER).weight(FilterWeight.range(3)), noting("range 3", null));
        add(Filter.at(LAYER), noting("automatic, vague, younger", null));

        connects();

        assertThat(asked)
                .containsExactly(
                        "range 15", "range 3", "automatic, precise", "automatic, vague, younger", "automatic, vague");
    }

    @Test
    @Spec("WFP-23")
    void tie_goesToTheYoungerFilter_alsoAfterADeletionWasUndone() {
        add(Filter.at(LAYER).key(new UUID(43, 1)), noting("older", null));
        add(Filter.at(LAYER), noting("younger", null));
        bench.sim.fwpm().fwpmTransactionBegin0(0);
        bench.sim.fwpm().fwpmFilterDeleteByKey0(new UUID(43, 1));
        bench.sim.fwpm().fwpmTransactionAbort0();

        connects();

        assertThat(asked).containsExactly("younger", "older");
    }

    @Test
    @Spec("WFP-22")
    void subLayersOfOneWeight_keepTheirOrderAfterADeletionWasUndone() {
        SubLayer older = bench.sim.fwpm().addSubLayer(new SubLayer(new UUID(44, 1), "older", 7));
        SubLayer younger = bench.sim.fwpm().addSubLayer(new SubLayer(new UUID(44, 2), "younger", 7));
        bench.sim.fwpm().fwpmTransactionBegin0(0);
        bench.sim.fwpm().fwpmSubLayerDeleteByKey0(older.key());
        bench.sim.fwpm().fwpmTransactionAbort0();
        add(Filter.at(LAYER).subLayer(younger), noting("younger", null));
        add(Filter.at(LAYER).subLayer(older), noting("older", null));

        connects();

        assertThat(asked).containsExactly("older", "younger");
    }

    @Test
    @Spec({"WFP-21", "WFP-23"})
    void weight_automatic_countsAlternativesOnOneFieldOnce() {
        add(
                Filter.at(LAYER)
                        .when(FilterCondition.remotePort(80))
                        .when(FilterCondition.remotePort(81))
                        .when(FilterCondition.remotePort(82)),
                noting("one of three ports", null));
        add(
                Filter.at(LAYER)
                        .when(FilterCondition.remotePort(80))
                        .when(FilterCondition.remoteAddress(bench.origin.getAddress())),
                noting("one port of one host", null));

        connects();

        assertThat(asked).containsExactly("one port of one host", "one of three ports");
    }

    @Test
    @Spec({"WFP-24", "WFP-38"})
    void calloutThatThrows_belowAHardBlock_isNoConflict() {
        bench.sim.fwpm().addFilter(Filter.at(LAYER).subLayer(subLayer(9)).block());
        add(Filter.at(LAYER).subLayer(subLayer(3)), (values, meta, data, context, filter, flow, out) -> {
            throw new ArithmeticException("made on purpose");
        });

        assertThat(connects()).isFalse();

        assertThat(bench.sim.trace().log().entries())
                .extracting(entry -> entry.event())
                .noneMatch(TraceEvent.PolicyConflict.class::isInstance);
    }

    @Test
    @Spec("WFP-23")
    void weight_rangeAbove15_isRefused() {
        Filter filter = Filter.at(LAYER).weight(FilterWeight.range(16)).block();

        assertThat(bench.sim.fwpm().fwpmFilterAdd0(filter, null)).isEqualTo(Win32Error.FWP_E_INVALID_WEIGHT);
        assertThat(connects()).isTrue();
    }

    @Test
    @Spec("WFP-24")
    void subLayers_areAskedFromTheHeaviestDown() {
        for (int weight : new int[] {3, 70, 0xFFFF, 9}) {
            add(Filter.at(LAYER).subLayer(subLayer(weight)), noting("sub-layer " + weight, null));
        }

        connects();

        assertThat(asked).containsExactly("sub-layer 65535", "sub-layer 70", "sub-layer 9", "sub-layer 3");
    }

    /** How a filter decides. */
    private enum Voice {
        SOFT_PERMIT,
        HARD_PERMIT,
        SOFT_BLOCK,
        HARD_BLOCK;

        private boolean isHard() {
            return this == HARD_PERMIT || this == HARD_BLOCK;
        }
    }

    /**
     * The heavier sub-layer's decision, the lighter one's, and the outcome (Filter Arbitration). The lighter decision
     * comes from a filter, so that a block against a hard permit is no veto.
     */
    @ParameterizedTest(name = "{0} over {1}: permits {2}")
    @CsvSource({
        "SOFT_PERMIT, SOFT_PERMIT, true",
        "SOFT_PERMIT, HARD_PERMIT, true",
        "SOFT_PERMIT, SOFT_BLOCK, false",
        "SOFT_PERMIT, HARD_BLOCK, false",
        "HARD_PERMIT, SOFT_PERMIT, true",
        "HARD_PERMIT, HARD_PERMIT, true",
        "HARD_PERMIT, HARD_BLOCK, true",
        "SOFT_BLOCK, SOFT_PERMIT, true",
        "SOFT_BLOCK, HARD_PERMIT, true",
        "SOFT_BLOCK, SOFT_BLOCK, false",
        "SOFT_BLOCK, HARD_BLOCK, false",
        "HARD_BLOCK, SOFT_PERMIT, false",
        "HARD_BLOCK, HARD_PERMIT, false",
        "HARD_BLOCK, SOFT_BLOCK, false",
        "HARD_BLOCK, HARD_BLOCK, false"
    })
    @Spec({"WFP-24", "WFP-26"})
    void twoSubLayers_settleByHardness(Voice heavier, Voice lighter, boolean permits) {
        decide(subLayer(200), heavier);
        decide(subLayer(100), lighter);

        assertThat(connects()).isEqualTo(permits);
        assertThat(bench.faults()).isEmpty();
    }

    private void decide(SubLayer subLayer, Voice voice) {
        Filter.Builder filter = Filter.at(LAYER).subLayer(subLayer);
        switch (voice) {
            case SOFT_PERMIT -> bench.sim.fwpm().addFilter(filter.permit());
            case HARD_PERMIT ->
                bench.sim
                        .fwpm()
                        .addFilter(filter.flag(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)
                                .permit());
            case HARD_BLOCK -> bench.sim.fwpm().addFilter(filter.block());
            case SOFT_BLOCK -> add(filter, noting("soft block", ActionType.FWP_ACTION_BLOCK));
        }
    }

    /** The same with callouts, which write only while they hold the right: the block against a hard permit is a veto. */
    @ParameterizedTest
    @EnumSource(Voice.class)
    @Spec({"WFP-25", "WFP-26", "WFP-28"})
    void calloutBelowAnyDecision_isAskedWithTheRightItHas(Voice heavier) {
        List<Boolean> mayWrite = new ArrayList<>();
        decide(subLayer(200), heavier);
        add(Filter.at(LAYER).subLayer(subLayer(100)), (values, meta, data, context, filter, flow, out) -> {
            mayWrite.add(out.canWrite());
            if (out.canWrite()) {
                out.setActionType(ActionType.FWP_ACTION_PERMIT);
            }
        });

        boolean connected = connects();

        assertThat(mayWrite).containsExactly(!heavier.isHard());
        assertThat(connected).isEqualTo(heavier != Voice.HARD_BLOCK);
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("WFP-28")
    void vetoOfACallout_beatsAHardPermit() {
        decide(subLayer(200), Voice.HARD_PERMIT);
        add(Filter.at(LAYER).subLayer(subLayer(100)), noting("veto", ActionType.FWP_ACTION_BLOCK));
        decide(subLayer(50), Voice.HARD_PERMIT);

        assertThat(connects()).isFalse();
        assertThat(bench.faults()).isEmpty();
        assertThat(conflicts()).isEqualTo(1);
    }

    private long conflicts() {
        return bench.sim.trace().log().entries().stream()
                .filter(entry -> entry.event() instanceof TraceEvent.PolicyConflict)
                .count();
    }

    @Test
    @Spec("WFP-28")
    void blockOfAFilterAgainstAHardPermit_isNoVetoAndNoConflict() {
        decide(subLayer(200), Voice.HARD_PERMIT);
        decide(subLayer(100), Voice.HARD_BLOCK);

        assertThat(connects()).isTrue();
        assertThat(conflicts()).isZero();
    }

    @Test
    @Spec("WFP-28")
    void permitOfACalloutAgainstAHardBlock_isIgnoredAndAFault() {
        decide(subLayer(200), Voice.HARD_BLOCK);
        add(Filter.at(LAYER).subLayer(subLayer(100)), noting("permit", ActionType.FWP_ACTION_PERMIT));

        assertThat(connects()).isFalse();
        assertThat(bench.faults()).containsExactly(Fault.ACTION_WRITTEN_WITHOUT_RIGHT);
    }

    @Test
    @Spec("WFP-26")
    void callout_thatClearsTheRight_decidesHard() {
        add(Filter.at(LAYER).subLayer(subLayer(200)), (values, meta, data, context, filter, flow, out) -> {
            out.setActionType(ActionType.FWP_ACTION_PERMIT);
            out.clearWriteRight();
        });
        decide(subLayer(100), Voice.HARD_BLOCK);

        assertThat(connects()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, true"})
    @Spec("WFP-27")
    void clearActionRight_makesAPermitHard(boolean flagged, boolean connects) {
        decide(subLayer(200), flagged ? Voice.HARD_PERMIT : Voice.SOFT_PERMIT);
        decide(subLayer(100), Voice.HARD_BLOCK);

        assertThat(connects()).isEqualTo(connects);
    }

    @Test
    @Spec("WFP-27")
    void clearActionRight_makesItsCalloutsDecisionHard() {
        add(
                Filter.at(LAYER).subLayer(subLayer(200)).flag(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT),
                noting("hard by flag", ActionType.FWP_ACTION_PERMIT));
        decide(subLayer(100), Voice.HARD_BLOCK);

        assertThat(connects()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = ActionType.class,
            names = {"FWP_ACTION_CONTINUE", "FWP_ACTION_NONE", "FWP_ACTION_NONE_NO_MATCH"})
    @Spec("WFP-29")
    void undecidedCallouts_leaveItToTheNextFilterAndInTheEndPermit(ActionType undecided) {
        add(Filter.at(LAYER).weight(FilterWeight.explicit(2)), noting("first", undecided));
        add(Filter.at(LAYER).weight(FilterWeight.explicit(1)), noting("second", undecided));

        assertThat(connects()).isTrue();

        assertThat(asked).containsExactly("first", "second");
    }

    @Test
    @Spec("WFP-29")
    void emptyLayer_permits() {
        assertThat(connects()).isTrue();
    }

    @Test
    @Spec("WFP-31")
    void filterAddedOrRemovedDuringAClassification_countsFromTheNextOn() {
        Layer layer = Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4; // where live flows are not asked again
        long[] second = new long[1];
        add(Filter.at(layer).weight(FilterWeight.explicit(2)), (values, meta, data, context, filter, flow, out) -> {
            asked.add("first");
            bench.sim.fwpm().fwpmFilterDeleteById0(second[0]);
            second[0] = bench.sim
                    .fwpm()
                    .addFilter(Filter.at(layer).weight(FilterWeight.explicit(1)).block());
        });
        UUID inspecting = new UUID(42, 42);
        bench.driver.registerCallout(inspecting, noting("second", null));
        second[0] = bench.sim
                .fwpm()
                .addFilter(Filter.at(layer).weight(FilterWeight.explicit(1)).callout(inspecting));

        assertThat(connects()).as("with the filters that it started with").isTrue();
        assertThat(asked).containsExactly("first", "second");
        assertThat(connects()).as("with the filters that were added").isFalse();
    }

    @Test
    void deletedFilter_isNotAskedAndCannotBeDeletedAgain() {
        long id = bench.sim.fwpm().addFilter(Filter.at(LAYER).block());

        assertThat(bench.sim.fwpm().fwpmFilterDeleteById0(id)).isEqualTo(Win32Error.NO_ERROR);
        assertThat(bench.sim.fwpm().fwpmFilterDeleteById0(id)).isEqualTo(Win32Error.FWP_E_FILTER_NOT_FOUND);

        assertThat(connects()).isTrue();
    }
}
