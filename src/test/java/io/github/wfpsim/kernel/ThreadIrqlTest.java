package io.github.wfpsim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
final class ThreadIrqlTest {

    private static final String FUNCTION = "FwpsRedirectHandleCreate0";

    private final Machine machine = Machine.throwing();
    private final ThreadIrql irql = machine.irql;
    private final List<Irql> seen = new ArrayList<>();

    private void look() {
        seen.add(irql.get());
    }

    @Test
    void thread_startsAtPassive() {
        assertThat(irql.get()).isEqualTo(Irql.PASSIVE_LEVEL);
    }

    @ParameterizedTest
    @EnumSource(Irql.class)
    void runAt_raisesForTheActionAndLowersAfterwards(Irql level) {
        irql.runAt(level, this::look);
        look();

        assertThat(seen).containsExactly(level, Irql.PASSIVE_LEVEL);
    }

    @Test
    void runAt_whenNested_restoresEachLevel() {
        irql.runAt(Irql.DISPATCH_LEVEL, () -> {
            irql.runAt(Irql.PASSIVE_LEVEL, () -> {
                irql.runAt(Irql.APC_LEVEL, this::look);
                look();
            });
            look();
        });
        look();

        assertThat(seen).containsExactly(Irql.APC_LEVEL, Irql.PASSIVE_LEVEL, Irql.DISPATCH_LEVEL, Irql.PASSIVE_LEVEL);
    }

    @Test
    void runAt_whenAlreadyThere_staysThereAfterwards() {
        irql.runAt(Irql.DISPATCH_LEVEL, () -> {
            irql.runAt(Irql.DISPATCH_LEVEL, () -> {});
            look();
        });

        assertThat(seen).containsExactly(Irql.DISPATCH_LEVEL);
    }

    @Test
    void runAt_whenTheActionThrows_restoresTheLevels() {
        irql.runAt(Irql.APC_LEVEL, () -> {
            assertThatIllegalStateException()
                    .isThrownBy(() -> irql.runAt(Irql.DISPATCH_LEVEL, () -> {
                        throw new IllegalStateException("callout");
                    }));
            look();
        });
        look();

        assertThat(seen).containsExactly(Irql.APC_LEVEL, Irql.PASSIVE_LEVEL);
    }

    @Test
    void level_isEachThreadsOwn() throws Exception {
        List<List<Irql>> inOtherThreads = new ArrayList<>();
        irql.runAt(Irql.DISPATCH_LEVEL, () -> inOtherThreads.addAll(levelsOfOthers()));

        assertThat(inOtherThreads).hasSize(4).allMatch(List.of(Irql.PASSIVE_LEVEL, Irql.APC_LEVEL)::equals);
    }

    private List<List<Irql>> levelsOfOthers() {
        try {
            return Race.run(4, () -> {
                List<Irql> levels = new ArrayList<>();
                levels.add(irql.get());
                irql.runAt(Irql.APC_LEVEL, () -> levels.add(irql.get()));
                return levels;
            });
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void level_isEachMachinesOwn() {
        irql.runAt(Irql.DISPATCH_LEVEL, () -> seen.add(Machine.throwing().irql.get()));

        assertThat(seen).containsExactly(Irql.PASSIVE_LEVEL);
    }

    @ParameterizedTest
    @CsvSource({
        "PASSIVE_LEVEL, PASSIVE_LEVEL",
        "PASSIVE_LEVEL, DISPATCH_LEVEL",
        "APC_LEVEL, DISPATCH_LEVEL",
        "DISPATCH_LEVEL, DISPATCH_LEVEL"
    })
    void allows_upToTheHighestLevel(Irql now, Irql highest) {
        irql.runAt(now, () -> assertThat(irql.allows(highest, FUNCTION)).isTrue());

        assertThat(machine.faults()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "APC_LEVEL, PASSIVE_LEVEL",
        "DISPATCH_LEVEL, PASSIVE_LEVEL",
        "DISPATCH_LEVEL, APC_LEVEL",
    })
    void allows_aboveTheHighestLevel_raisesIrqlTooHighWithFunctionAndLevels(Irql now, Irql highest) {
        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(() -> irql.runAt(now, () -> irql.allows(highest, FUNCTION)))
                .withMessageContaining("IRQL_TOO_HIGH")
                .withMessageContaining(FUNCTION)
                .withMessageContaining(now.name())
                .withMessageContaining(highest.name());
        assertThat(irql.get()).isEqualTo(Irql.PASSIVE_LEVEL);
    }

    @Test
    void allows_whenFaultsAreRecorded_saysNo() {
        Machine recording = Machine.recording();

        recording.irql.runAt(
                Irql.DISPATCH_LEVEL,
                () -> assertThat(recording.irql.allows(Irql.PASSIVE_LEVEL, FUNCTION))
                        .isFalse());

        assertThat(recording.faults()).containsExactly(Fault.IRQL_TOO_HIGH);
    }

    @Test
    @SuppressWarnings("NullAway")
    void irql_whenAnArgumentIsNull_namesIt() {
        assertThatNullPointerException()
                .isThrownBy(() -> new ThreadIrql(null))
                .withMessageContaining("verifier must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> irql.runAt(null, () -> {}))
                .withMessageContaining("irql must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> irql.runAt(Irql.APC_LEVEL, null))
                .withMessageContaining("action must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> irql.allows(null, FUNCTION))
                .withMessageContaining("highest must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> irql.allows(Irql.APC_LEVEL, null))
                .withMessageContaining("function must not be null");
    }
}
