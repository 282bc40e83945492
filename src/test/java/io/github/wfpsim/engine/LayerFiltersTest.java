package io.github.wfpsim.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FilterCondition.Range;
import io.github.wfpsim.wfp.FilterCondition.Subnet;
import io.github.wfpsim.wfp.FilterWeight;
import io.github.wfpsim.wfp.SubLayer;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The filters that a classification meets, found by an index, against all filters looked at one by one. */
class LayerFiltersTest {

    private static final int SEED = 20_261_121;
    private static final int CHANGES = 400;
    private static final int QUESTIONS = 20;

    private static final SubLayer HEAVY = new SubLayer(new UUID(1, 1), "heavy", 900);
    private static final SubLayer LIGHT = new SubLayer(new UUID(1, 2), "light", 1);

    private final Random random = new Random(SEED);
    private final Set<InstalledFilter> present = new HashSet<>();
    private LayerFilters filters = LayerFilters.NONE;
    private long lastId;

    private enum Family {
        V4(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, Integer.BYTES),
        V6(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V6, 2 * Long.BYTES);

        private final Layer layer;
        private final int addressBytes;

        Family(Layer layer, int addressBytes) {
            this.layer = layer;
            this.addressBytes = addressBytes;
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    @Spec({"WFP-21", "WFP-23", "WFP-31"})
    void matchingFilters_areFoundInOrder_whateverWasAddedAndTakenAway(Family family) {
        for (int change = 0; change < CHANGES; change++) {
            LayerFilters before = filters;
            Map<ConditionField, Object> earlier = values(family);
            List<InstalledFilter> found = asked(before, earlier, null);
            change(family);
            assertThat(asked(before, earlier, null))
                    .as("a running classification keeps its set")
                    .isEqualTo(found);
            for (int question = 0; question < QUESTIONS; question++) {
                Map<ConditionField, Object> values = values(family);
                assertThat(asked(filters, values, null))
                        .as("change %d, values %s", change, values)
                        .isEqualTo(expected(values));
            }
        }
        assertThat(present).hasSizeGreaterThan(100);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    @Spec("WFP-64")
    void cursorThatStartsAtAFilter_givesItAndThoseBelow(Family family) {
        for (int change = 0; change < CHANGES; change++) {
            change(family);
        }
        int started = 0;
        for (int question = 0; question < CHANGES; question++) {
            Map<ConditionField, Object> values = values(family);
            List<InstalledFilter> matching = expected(values);
            if (!matching.isEmpty()) {
                InstalledFilter first = matching.get(random.nextInt(matching.size()));
                List<InstalledFilter> below = matching.subList(matching.indexOf(first), matching.size()).stream()
                        .filter(filter -> filter.subLayer().equals(first.subLayer()))
                        .toList();
                assertThat(asked(filters, values, first)).isEqualTo(below);
                assertThat(filters.find(first.id())).isSameAs(first);
                started++;
            }
        }
        assertThat(started).isPositive();
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    @Spec("WFP-21")
    void subnet_containsTheAddressesThatShareItsFirstBits(Family family) {
        int bits = family.addressBytes * Byte.SIZE;
        for (int i = 0; i < 50 * CHANGES; i++) {
            InetAddress one = address(family);
            InetAddress other = address(family);
            int length = random.nextInt(bits + 1);
            BigInteger difference = new BigInteger(1, one.getAddress()).xor(new BigInteger(1, other.getAddress()));

            assertThat(Comparison.contains(new Subnet(one, length), other))
                    .as("%s in %s/%d", other, one, length)
                    .isEqualTo(difference.bitLength() <= bits - length);
        }
    }

    /** Adds a few or takes a few away, sometimes very many. */
    private void change(Family family) {
        int count = random.nextInt(20) == 0 ? 60 : random.nextInt(3);
        boolean adds = present.size() < 150 || (random.nextInt(3) > 0 && present.size() < 300);
        List<InstalledFilter> added =
                adds ? IntStream.range(0, count).mapToObj(i -> filter(family)).toList() : List.of();
        List<InstalledFilter> byAge = new ArrayList<>(present);
        byAge.sort(Comparator.comparingLong(InstalledFilter::id));
        Set<InstalledFilter> gone = new HashSet<>();
        for (int i = 0; !adds && i < count; i++) {
            gone.add(byAge.get(random.nextInt(byAge.size())));
        }
        filters = filters.with(
                added, gone, Comparator.comparingInt(SubLayer::weight).reversed());
        present.addAll(added);
        present.removeAll(gone);
    }

    private InstalledFilter filter(Family family) {
        Filter.Builder builder = Filter.at(family.layer).weight(FilterWeight.range(random.nextInt(3)));
        int conditions = random.nextInt(4);
        for (int i = 0; i < conditions; i++) {
            FilterCondition condition = condition(family);
            assertThat(ConditionType.fitness(condition, family.layer)).isEqualTo(Win32Error.NO_ERROR);
            builder.when(condition);
        }
        SubLayer subLayer = random.nextBoolean() ? HEAVY : LIGHT;
        Filter definition = builder.subLayer(subLayer).permit();
        return new InstalledFilter(++lastId, new UUID(2, lastId), definition, subLayer, ShownFilter.Surroundings.NONE);
    }

    private FilterCondition condition(Family family) {
        return switch (random.nextInt(9)) {
            case 0 -> FilterCondition.remoteAddress(address(family));
            case 1, 2 ->
                FilterCondition.remoteSubnet(
                        new Subnet(address(family), random.nextInt(family.addressBytes * Byte.SIZE + 1)));
            case 3 -> FilterCondition.remotePort(port());
            case 4 -> FilterCondition.appId(app());
            case 5 ->
                new FilterCondition(
                        ConditionField.FWPM_CONDITION_IP_REMOTE_PORT,
                        MatchType.FWP_MATCH_RANGE,
                        new Range(port(), 1000 + port()));
            case 6 ->
                new FilterCondition(
                        ConditionField.FWPM_CONDITION_IP_REMOTE_PORT, MatchType.FWP_MATCH_NOT_EQUAL, port());
            case 7 ->
                new FilterCondition(ConditionField.FWPM_CONDITION_ALE_APP_ID, MatchType.FWP_MATCH_NOT_EQUAL, app());
            default -> FilterCondition.flagsAllSet(random.nextInt(4));
        };
    }

    private Map<ConditionField, Object> values(Family family) {
        return Map.of(
                ConditionField.FWPM_CONDITION_IP_REMOTE_ADDRESS, address(family),
                ConditionField.FWPM_CONDITION_IP_REMOTE_PORT, port(),
                ConditionField.FWPM_CONDITION_ALE_APP_ID, app(),
                ConditionField.FWPM_CONDITION_FLAGS, random.nextInt(4));
    }

    private int port() {
        return random.nextInt(5);
    }

    private FwpByteBlob app() {
        return FwpByteBlob.ofText("app" + random.nextInt(5));
    }

    /** Few addresses, which differ at either end. */
    private InetAddress address(Family family) {
        byte[] bytes = new byte[family.addressBytes];
        bytes[0] = (byte) (random.nextInt(3) << 6);
        bytes[bytes.length / 2] = (byte) random.nextInt(2);
        bytes[bytes.length - 1] = (byte) random.nextInt(3);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** All that match, as the catalogue says: sub-layers by weight, in each the heaviest first, then the youngest. */
    private List<InstalledFilter> expected(Map<ConditionField, Object> values) {
        return all(present).stream()
                .filter(filter -> filter.matches(values::get))
                .toList();
    }

    private static List<InstalledFilter> all(Set<InstalledFilter> filters) {
        return filters.stream()
                .sorted(Comparator.comparingInt(
                                (InstalledFilter filter) -> -filter.subLayer().weight())
                        .thenComparing((one, other) -> Long.compareUnsigned(other.weight(), one.weight()))
                        .thenComparingLong(filter -> -filter.id()))
                .toList();
    }

    /** What cursors give, from a filter on in its sub-layer, or all. */
    private static List<InstalledFilter> asked(
            LayerFilters filters, Map<ConditionField, Object> values, @Nullable InstalledFilter from) {
        List<InstalledFilter> found = new ArrayList<>();
        for (SubLayerFilters subLayer : filters.subLayers()) {
            if (from == null || subLayer.contains(from)) {
                FilterCursor cursor = subLayer.matching(values::get);
                if (from != null) {
                    cursor.startingAt(from);
                }
                for (InstalledFilter filter = cursor.next(); filter != null; filter = cursor.next()) {
                    found.add(filter);
                }
            }
        }
        return found;
    }
}
