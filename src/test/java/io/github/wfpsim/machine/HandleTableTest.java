package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.host.Race;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class HandleTableTest {

    /** Handles from one page to the next. */
    private static final long PAGE = 2048;

    private final HandleTable<String> table = new HandleTable<>();

    @Test
    void get_findsWhatWasPut() {
        table.put(4, "a");
        table.put(8, "b");
        table.put(40 * PAGE, "c");

        assertThat(table.get(4)).isEqualTo("a");
        assertThat(table.get(8)).isEqualTo("b");
        assertThat(table.get(40 * PAGE)).isEqualTo("c");
        assertThat(table.size()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                8,
                1,
                5,
                6,
                7,
                -1,
                -4,
                -2044,
                4 + PAGE,
                4 + (1L << 32),
                4 + (1L << 43),
                Long.MIN_VALUE,
                Long.MIN_VALUE + 4,
                Long.MAX_VALUE,
                Long.MAX_VALUE - 3
            })
    void numberThatNobodyPut_findsNothing(long handle) {
        table.put(4, "a");

        assertThat(table.get(handle)).isNull();
        assertThat(table.remove(handle)).isNull();
        assertThat(table.remove(handle, "a")).isFalse();
        assertThat(table.values()).containsExactly("a");
        assertThat(table.pages()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 6, -4, 1L << 41, Long.MIN_VALUE, Long.MAX_VALUE - 3})
    void put_ofWhatIsNoHandle_isRefused(long handle) {
        assertThatThrownBy(() -> table.put(handle, "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Long.toString(handle))
                .hasMessageContaining("HandleSource");
        assertThat(table.pages()).isZero();
    }

    @Test
    void put_ofTheSameHandle_replaces() {
        table.put(4, "a");
        table.put(4, "b");

        assertThat(table.get(4)).isEqualTo("b");
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void remove_givesTheObjectOnce() {
        table.put(4, "a");

        assertThat(table.remove(4)).isEqualTo("a");
        assertThat(table.remove(4)).isNull();
        assertThat(table.get(4)).isNull();
        assertThat(table.size()).isZero();
    }

    @Test
    @SuppressWarnings("StringOperationCanBeSimplified")
    void remove_ofAnotherObject_leavesTheOneThatIsThere() {
        table.put(4, "a");

        assertThat(table.remove(4, new String("a"))).isFalse();
        assertThat(table.get(4)).isEqualTo("a");
        assertThat(table.remove(4, "a")).isTrue();
        assertThat(table.remove(4, "a")).isFalse();
    }

    @Test
    void values_comeByAscendingHandle() {
        List.of(12L, 3 * PAGE, 4L, PAGE - 4, PAGE, 8L).forEach(handle -> table.put(handle, Long.toString(handle)));

        assertThat(table.values()).containsExactly("4", "8", "12", "2044", "2048", "6144");
    }

    @Test
    void emptyPage_isDropped() {
        for (long handle = 4; handle < 10 * PAGE; handle += 4) {
            table.put(handle, "x");
        }
        assertThat(table.pages()).isEqualTo(10);

        for (long handle = 4; handle < 10 * PAGE; handle += 4) {
            if (handle != 3 * PAGE + 8) {
                table.remove(handle);
            }
        }

        // That of the object that is left, and the newest one.
        assertThat(table.pages()).isEqualTo(2);
        assertThat(table.get(3 * PAGE + 8)).isEqualTo("x");
    }

    @Test
    void machineThatOpensAndCloses_keepsOnePage() {
        for (long handle = 4; handle < 100 * PAGE; handle += 4) {
            table.put(handle, "x");
            table.remove(handle, "x");
            assertThat(table.pages()).isEqualTo(1);
        }
    }

    @Test
    void tableThatBeginsLate_keepsNoRoomForHandlesOfOthers() {
        long last = (1L << 41) - 4;
        table.put(last, "late");

        assertThat(table.get(last)).isEqualTo("late");
        assertThat(table.get(4)).isNull();
        assertThat(table.room()).isEqualTo(1);
        assertThat(table.remove(last)).isEqualTo("late");
    }

    @Test
    void machineThatRunsForLong_keepsNoRoomForHandlesThatAreGone() {
        for (long handle = 4; handle < 4_000_000; handle += 4) {
            table.put(handle, "new");
            table.remove(handle - 4096);
        }

        assertThat(table.room()).isLessThan(10);
        assertThat(table.size()).isEqualTo(1024);
    }

    @Test
    void handleBeforeTheFirst_isFoundToo() {
        table.put(40_000, "first");
        table.put(4, "delayed");

        assertThat(table.values()).containsExactly("delayed", "first");
        assertThat(table.get(40_000)).isEqualTo("first");
    }

    @Test
    void droppedPage_comesBackWithAnOldHandle() {
        table.put(4, "a");
        table.remove(4);
        table.put(PAGE, "b");
        assertThat(table.pages()).isEqualTo(1);

        table.put(8, "c");

        assertThat(table.values()).containsExactly("c", "b");
        assertThat(table.remove(8)).isEqualTo("c");
        assertThat(table.pages()).isEqualTo(1);
    }

    @Test
    void table_doesAsASortedMapDoes() {
        Random random = new Random(7);
        Map<Long, String> model = new TreeMap<>();
        for (int step = 0; step < 200_000; step++) {
            long handle = 4L * random.nextInt(4_000);
            switch (random.nextInt(4)) {
                case 0 -> {
                    String object = "o" + step;
                    table.put(handle, object);
                    model.put(handle, object);
                }
                case 1 -> assertThat(table.remove(handle)).isEqualTo(model.remove(handle));
                case 2 -> {
                    String object = model.getOrDefault(handle, "none");
                    assertThat(table.remove(handle, object)).isEqualTo(model.remove(handle, object));
                }
                default -> assertThat(table.get(handle)).isEqualTo(model.get(handle));
            }
        }
        assertThat(table.size()).isEqualTo(model.size());
        assertThat(table.values()).containsExactlyElementsOf(model.values());
    }

    @Test
    void manyThreads_loseNothing() throws Exception {
        HandleSource handles = new HandleSource();

        List<Map<Long, String>> kept = Race.run(4, () -> {
            Map<Long, String> mine = new HashMap<>();
            Random random = new Random(Thread.currentThread().getId());
            for (int step = 0; step < 20_000; step++) {
                long handle = handles.next();
                String object = "o" + handle;
                table.put(handle, object);
                assertThat(table.get(handle)).isSameAs(object);
                if (random.nextInt(1_000) == 0) {
                    mine.put(handle, object);
                } else {
                    assertThat(table.remove(handle, object)).isTrue();
                }
            }
            return mine;
        });

        Map<Long, String> all = new TreeMap<>();
        kept.forEach(all::putAll);
        assertThat(table.values()).containsExactlyElementsOf(all.values());
        assertThat(table.size()).isEqualTo(all.size());
    }

    @Test
    void pageThatEmptiesAndFillsAtOnce_losesNothing() throws Exception {
        table.put(PAGE, "newer page");
        AtomicInteger next = new AtomicInteger();

        Race.run(4, () -> {
            long handle = 4L + 4L * next.getAndIncrement();
            for (int step = 0; step < 20_000; step++) {
                String object = "o" + step;
                table.put(handle, object);
                assertThat(table.get(handle)).isSameAs(object);
                assertThat(table.remove(handle)).isSameAs(object);
            }
            return handle;
        });

        assertThat(table.values()).containsExactly("newer page");
        assertThat(table.pages()).isEqualTo(1);
    }

    @Test
    void remove_fromManyThreads_givesEachObjectToOne() throws Exception {
        for (long handle = 4; handle < 4 * PAGE; handle += 4) {
            table.put(handle, "o" + handle);
        }

        List<List<String>> taken = Race.run(4, () -> {
            List<String> mine = new ArrayList<>();
            for (long handle = 4; handle < 4 * PAGE; handle += 4) {
                String object = table.remove(handle);
                if (object != null) {
                    mine.add(object);
                }
            }
            return mine;
        });

        assertThat(taken.stream().flatMap(List::stream)).doesNotHaveDuplicates().hasSize((int) PAGE - 1);
        assertThat(table.values()).isEmpty();
    }
}
