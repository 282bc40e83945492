package io.github.wfpsim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.verifier.TeardownReport;
import io.github.wfpsim.verifier.TeardownReport.Held;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LoadedDriverTest {

    private final Machine machine = Machine.throwing();
    private final Machine recording = Machine.recording();

    /** Things of one kind, held until they are taken away. */
    private static final class Things implements LoadedDriver.Belongings {

        private final List<Held> held = new ArrayList<>();
        private int timesTaken;

        Things(String... names) {
            for (String name : names) {
                held.add(new Held("thing", name, Machine.DRIVER, "THING_LEAK"));
            }
        }

        @Override
        public List<Held> held() {
            return List.copyOf(held);
        }

        @Override
        public void takeAway() {
            held.clear();
            timesTaken++;
        }
    }

    @Test
    void driver_whenLoaded_isLoadedAndHoldsNothing() {
        assertThat(machine.driver.isLoaded()).isTrue();
        assertThat(machine.driver.name()).isEqualTo(Machine.DRIVER);
        assertThat(machine.driver).hasToString(Machine.DRIVER);
        assertThat(machine.driver.held().isEmpty()).isTrue();
    }

    @Test
    @Spec("WFP-80")
    void unload_whenNothingIsHeld_isClean() {
        machine.pool.allocate(4, "temp").free();

        assertThat(machine.driver.unload().isEmpty()).isTrue();
        assertThat(machine.driver.isLoaded()).isFalse();
        assertThat(machine.faults()).isEmpty();
    }

    @Test
    @Spec({"REC-31", "WFP-80"})
    void unload_whenABlockIsHeld_namesItsTagInReportAndFault() {
        recording.pool.allocate(4, "lEak");

        TeardownReport report = recording.driver.unload();

        assertThat(report.held()).singleElement().satisfies(held -> {
            assertThat(held.object()).contains("'lEak'").contains("4 bytes");
            assertThat(held.holder()).isEqualTo(Machine.DRIVER);
            assertThat(held.detail()).isEqualTo("POOL_LEAK");
        });
        assertThat(recording.verifier.violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Fault.POOL_LEAK);
            assertThat(violation.detail()).contains("'lEak'");
        });
    }

    @Test
    @Spec("REC-31")
    void unload_whenFaultsAreThrown_throwsTheFirstLeakWithTheOthersSuppressed() {
        machine.pool.allocate(4, "one1");
        machine.pool.allocate(4, "two2");

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(machine.driver::unload)
                .withMessageContaining("POOL_LEAK")
                .withMessageContaining("'one1'")
                .satisfies(thrown -> assertThat(thrown.getSuppressed())
                        .singleElement()
                        .asString()
                        .contains("'two2'"));
        assertThat(machine.driver.isLoaded()).isFalse();
    }

    @Test
    @Spec("REC-31")
    void unload_whenWfpOwnsABlock_isClean() {
        NonPagedBlock block = machine.pool.allocate(4, "gone");
        block.transferToEngine();

        assertThat(machine.driver.unload().isEmpty()).isTrue();
        assertThat(machine.pool.outstanding()).containsExactly(block);
        block.freeByEngine();
        assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
    }

    @Test
    @Spec("WFP-80")
    void unload_listsBelongingsInOrderThenBlocks() {
        recording.driver.owns(new Things("a", "b"));
        recording.driver.owns(new Things("c"));
        recording.pool.allocate(4, "last");

        assertThat(recording.driver.unload().held())
                .extracting(Held::detail)
                .containsExactly("THING_LEAK", "THING_LEAK", "THING_LEAK", "POOL_LEAK");
    }

    @Test
    void unload_whenCalledAgain_doesNothing() {
        Things things = new Things("a");
        recording.driver.owns(things);
        recording.pool.allocate(4, "lEak");
        recording.driver.unload();

        assertThat(recording.driver.unload().isEmpty()).isTrue();
        assertThat(recording.faults()).containsExactly(Fault.POOL_LEAK);
        assertThat(things.timesTaken).isEqualTo(1);
    }

    @Test
    void unload_afterItThrew_isClean() {
        machine.pool.allocate(4, "lEak");
        assertThatExceptionOfType(FaultException.class).isThrownBy(machine.driver::unload);

        assertThat(machine.driver.unload().isEmpty()).isTrue();
    }

    @Test
    void held_beforeUnload_raisesNothing() {
        machine.driver.owns(new Things("a"));
        machine.pool.allocate(4, "lEak");

        assertThat(machine.driver.held().held()).hasSize(2);
        assertThat(machine.faults()).isEmpty();
    }

    @Test
    void held_afterUnload_isEmpty() {
        recording.pool.allocate(4, "lEak");
        recording.driver.unload();

        assertThat(recording.driver.held().isEmpty()).isTrue();
    }

    @Test
    void takeAway_takesTheNewestFirst() {
        List<String> taken = new ArrayList<>();
        for (String name : List.of("below", "above")) {
            recording.driver.owns(new LoadedDriver.Belongings() {
                @Override
                public List<Held> held() {
                    return List.of();
                }

                @Override
                public void takeAway() {
                    taken.add(name);
                }
            });
        }
        recording.driver.takeAway();

        assertThat(taken).containsExactly("above", "below");
    }

    @Test
    void takeAway_leavesItsFaultsForLater() {
        machine.pool.allocate(4, "lEak");

        assertThat(machine.driver.takeAway().held()).hasSize(1);
        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(machine.verifier::throwDeferred)
                .withMessageContaining("POOL_LEAK");
    }

    @Test
    void unload_fromManyThreads_reportsOnce() throws Exception {
        Things things = new Things("a");
        recording.driver.owns(things);

        List<TeardownReport> reports = Race.run(8, recording.driver::unload);

        assertThat(reports).filteredOn(report -> !report.isEmpty()).hasSize(1);
        assertThat(things.timesTaken).isEqualTo(1);
    }

    @Test
    @SuppressWarnings("NullAway")
    void driver_whenAnArgumentIsNull_namesIt() {
        assertThatNullPointerException()
                .isThrownBy(() -> new LoadedDriver(null, machine.verifier))
                .withMessageContaining("name must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> new LoadedDriver("a.sys", null))
                .withMessageContaining("verifier must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> machine.driver.owns(null))
                .withMessageContaining("owned must not be null");
    }
}
