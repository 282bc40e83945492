package io.github.wfpsim.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.SubLayer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table that filters are found in by numbers and by bits of addresses. */
class FilterTableTest {

    private static final int SEED = 7;
    private static final int FEW_BITS = 3;

    private final Random random = new Random(SEED);
    private long lastId;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 5000})
    @Spec("WFP-21")
    void numbers_areFound_andOthersAreNot(int size) {
        Map<Integer, List<InstalledFilter>> found = new HashMap<>();
        while (found.size() < size) {
            found.put(random.nextInt(), List.of(filter(), filter()));
        }
        found.put(-1, List.of(filter()));
        FilterTable table = FilterTable.ofNumbers(found);

        found.forEach((number, filters) -> assertThat(table.get(Integer.toUnsignedLong(number), 0))
                .as("filters of %d", number)
                .containsExactlyElementsOf(filters));
        for (int i = 0; i < 1000; i++) {
            int other = random.nextInt();
            if (!found.containsKey(other)) {
                assertThat(table.get(Integer.toUnsignedLong(other), 0)).isNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 60, 100, 5000})
    @Spec("WFP-21")
    void prefixes_areFoundByBothHalves(int size) {
        int bits = size > 100 ? Long.SIZE : FEW_BITS;
        Map<AddressPrefix, List<InstalledFilter>> found = new HashMap<>();
        for (int i = 0; i < size; i++) {
            found.put(new AddressPrefix(false, 128, half(bits), half(bits)), List.of(filter()));
        }
        FilterTable table = FilterTable.ofPrefixes(found);

        found.forEach((prefix, filters) -> assertThat(table.get(prefix.high(), prefix.low()))
                .as("filters of %s", prefix)
                .containsExactlyElementsOf(filters));
        for (int i = 0; i < 1000; i++) {
            AddressPrefix other = new AddressPrefix(false, 128, half(bits), half(bits));
            if (!found.containsKey(other)) {
                assertThat(table.get(other.high(), other.low())).isNull();
            }
        }
    }

    /** With few bits: keys that have one half in common. */
    private long half(int bits) {
        return random.nextLong() >>> (Long.SIZE - bits);
    }

    private InstalledFilter filter() {
        SubLayer subLayer = new SubLayer(new UUID(1, 1), "one", 1);
        Filter definition = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                .subLayer(subLayer)
                .permit();
        return new InstalledFilter(++lastId, new UUID(2, lastId), definition, subLayer, ShownFilter.Surroundings.NONE);
    }
}
