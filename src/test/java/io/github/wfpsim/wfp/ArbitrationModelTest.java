package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The engine against a model of arbitration that is written down from the catalogue, word by word and without regard to
 * speed, on random sets of filters.
 */
@Timeout(120)
class ArbitrationModelTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final int SETS = 20_000;
    private static final long SEED = 20_261_121;

    /** What a callout of the test writes. */
    private enum Script {
        CONTINUE(null, false),
        SOFT_PERMIT(ActionType.FWP_ACTION_PERMIT, false),
        HARD_PERMIT(ActionType.FWP_ACTION_PERMIT, true),
        SOFT_BLOCK(ActionType.FWP_ACTION_BLOCK, false),
        HARD_BLOCK(ActionType.FWP_ACTION_BLOCK, true);

        private final @Nullable ActionType action;
        private final boolean clearsRight;

        Script(@Nullable ActionType action, boolean clearsRight) {
            this.action = action;
            this.clearsRight = clearsRight;
        }

        UUID key() {
            return new UUID(70, name().hashCode());
        }

        void write(ClassifyOut out) {
            if (action != null) {
                out.setActionType(action);
            }
            if (clearsRight) {
                out.clearWriteRight();
            }
        }
    }

    /** One random filter; script is null for a filter without callout. */
    private record Choice(
            int subLayer, long weight, boolean matches, ActionType action, Script script, boolean clearActionRight) {

        Filter filter(List<SubLayer> subLayers) {
            Filter.Builder filter = Filter.at(LAYER)
                    .name(toString())
                    .subLayer(subLayers.get(subLayer))
                    .weight(FilterWeight.explicit(weight))
                    .when(FilterCondition.remotePort(matches ? RedirectBench.ORIGIN_PORT : 1));
            if (clearActionRight) {
                filter.flag(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT);
            }
            return script == null ? filter.build(action, null) : filter.callout(script.key());
        }
    }

    /** The catalogue's words, WFP-21 to WFP-29. */
    private static final class Model {

        private ActionType standing;
        private boolean hard;

        boolean permits(List<SubLayer> subLayers, List<Choice> filters) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < subLayers.size(); i++) {
                order.add(i);
            }
            order.sort(Comparator.comparingInt((Integer i) -> subLayers.get(i).weight())
                    .reversed());
            for (int subLayer : order) {
                List<Choice> youngestFirst = new ArrayList<>(filters);
                Collections.reverse(youngestFirst);
                evaluate(youngestFirst.stream()
                        .filter(filter -> filter.subLayer() == subLayer && filter.matches())
                        .sorted(Comparator.comparingLong(Choice::weight).reversed())
                        .toList());
            }
            return standing != ActionType.FWP_ACTION_BLOCK;
        }

        /** The first filter that decides ends the sub-layer. */
        private void evaluate(List<Choice> matching) {
            for (Choice filter : matching) {
                if (filter.script() == null ? decides(filter) : calloutDecides(filter)) {
                    return;
                }
            }
        }

        /** A filter's block is hard and its permit soft by default; the flag makes it hard. */
        private boolean decides(Choice filter) {
            boolean block = filter.action() == ActionType.FWP_ACTION_BLOCK;
            if (!hard) {
                standing = filter.action();
                hard = block || filter.clearActionRight();
            }
            return true;
        }

        /** A callout decides while it holds the write right; without it only a block against a permit counts, a veto. */
        private boolean calloutDecides(Choice filter) {
            ActionType written = filter.script().action;
            if (written == null) {
                return false;
            }
            if (!hard) {
                standing = written;
                hard = filter.script().clearsRight || filter.clearActionRight();
                return true;
            }
            boolean veto = written == ActionType.FWP_ACTION_BLOCK && standing == ActionType.FWP_ACTION_PERMIT;
            if (veto) {
                standing = ActionType.FWP_ACTION_BLOCK;
            }
            return veto;
        }
    }

    private static Choice choice(Random random, int subLayers) {
        boolean callout = random.nextBoolean();
        return new Choice(
                random.nextInt(subLayers),
                random.nextInt(4),
                random.nextInt(5) > 0,
                random.nextBoolean() ? ActionType.FWP_ACTION_PERMIT : ActionType.FWP_ACTION_BLOCK,
                callout ? Script.values()[random.nextInt(Script.values().length)] : null,
                random.nextInt(4) == 0);
    }

    @Test
    @Spec({"WFP-21", "WFP-22", "WFP-23", "WFP-24", "WFP-25", "WFP-26", "WFP-27", "WFP-28", "WFP-29"})
    void randomFilterSets_areDecidedAsTheModelDecides() {
        Random random = new Random(SEED);
        int blocked = 0;
        try (RedirectBench bench =
                new RedirectBench(AddressFamily.AF_INET, SimOptions.defaults().traceCapacity(0))) {
            for (Script script : Script.values()) {
                bench.driver.registerCallout(
                        script.key(), (values, meta, data, context, filter, flow, out) -> script.write(out));
            }
            List<SubLayer> subLayers = subLayers(bench.sim.fwpm());
            for (int set = 0; set < SETS; set++) {
                List<Choice> filters = new ArrayList<>();
                for (int i = random.nextInt(7); i >= 0; i--) {
                    filters.add(choice(random, subLayers.size()));
                }
                boolean expected = new Model().permits(subLayers, filters);
                assertThat(isPermitted(bench, subLayers, filters))
                        .as("set %d of seed %d: %s", set, SEED, filters)
                        .isEqualTo(expected);
                blocked += expected ? 0 : 1;
            }
        }
        assertThat(blocked).as("both outcomes are frequent").isBetween(SETS / 5, SETS * 4 / 5);
    }

    private static List<SubLayer> subLayers(Fwpm fwpm) {
        List<SubLayer> subLayers = new ArrayList<>();
        for (int weight : new int[] {300, 100, 200}) {
            subLayers.add(fwpm.addSubLayer(new SubLayer(new UUID(71, weight), "weight " + weight, weight)));
        }
        return subLayers;
    }

    private static boolean isPermitted(RedirectBench bench, List<SubLayer> subLayers, List<Choice> filters) {
        Fwpm fwpm = bench.sim.fwpm();
        fwpm.fwpmTransactionBegin0(0);
        List<Long> ids = filters.stream()
                .map(choice -> fwpm.addFilter(choice.filter(subLayers)))
                .toList();
        fwpm.fwpmTransactionCommit0();
        Winsock winsock = bench.app.winsock();
        SocketHandle socket = winsock.socket(2, 1, 6);
        boolean connected = winsock.connect(socket, bench.origin) == 0;
        winsock.closesocket(socket);
        fwpm.fwpmTransactionBegin0(0);
        ids.forEach(fwpm::fwpmFilterDeleteById0);
        fwpm.fwpmTransactionCommit0();
        return connected;
    }
}
