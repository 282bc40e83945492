package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.host.Race;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class HandleSourceTest {

    @Test
    void next_countsInFoursFromFour() {
        HandleSource handles = new HandleSource();

        assertThat(Stream.generate(handles::next).limit(4)).containsExactly(4L, 8L, 12L, 16L);
    }

    @Test
    void twoSources_areIndependent() {
        HandleSource first = new HandleSource();
        first.next();

        assertThat(new HandleSource().next()).isEqualTo(4);
    }

    @Test
    void next_fromManyThreads_neverGivesOneNumberTwice() throws Exception {
        HandleSource handles = new HandleSource();

        List<List<Long>> given =
                Race.run(8, () -> Stream.generate(handles::next).limit(2_000).toList());

        assertThat(given.stream().flatMap(List::stream))
                .doesNotHaveDuplicates()
                .hasSize(16_000)
                .allMatch(handle -> handle > 0 && handle % 4 == 0);
    }
}
