package io.github.wfpsim.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.trace.Trace;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.verifier.TeardownReport;
import io.github.wfpsim.verifier.Verifier;
import io.github.wfpsim.verifier.Violation;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver's memory, level and life. */
@Timeout(20)
class DriverTest {

    private final Verifier recording = new Verifier(FaultMode.RECORD, new Trace(new VirtualClock(), 0));
    private final Driver driver = new Driver("acme.sys", recording);
    private final Pool pool = driver.pool();

    private List<Fault> faults() {
        return recording.violations().stream().map(Violation::fault).toList();
    }

    @Test
    void block_isWrittenReadAndFreed() {
        PoolBlock block = pool.allocate(8, "tEst");
        block.write(2, (byte) 5, (byte) 6);

        assertThat(block.bytes().get(2)).isEqualTo((byte) 5);
        assertThat(block.size()).isEqualTo(8);
        assertThat(block.tag()).isEqualTo("tEst");
        assertThat(pool.outstanding()).containsExactly(block);
        block.free();

        assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
        assertThat(pool.outstanding()).isEmpty();
        assertThat(faults()).isEmpty();
    }

    @Test
    void block_isReadOnlyThroughItsView() {
        assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> pool.allocate(1, "tEst").bytes().put((byte) 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void size_thatIsNotPositive_isRefused(long size) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.allocate(size, "tEst"))
                .withMessageContaining(String.valueOf(size));
        assertThat(pool.outstanding()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "abcde", "abc\n", "abc\u00e9"})
    void tag_ofOtherThanFourPrintableCharacters_isRefused(String tag) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.allocate(1, tag))
                .withMessageContaining("four printable ASCII characters");
    }

    @Test
    void write_outsideTheBlock_isRefused() {
        PoolBlock block = pool.allocate(4, "tEst");
        for (int offset : new int[] {-1, 3, 4, Integer.MAX_VALUE}) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> block.write(offset, (byte) 1, (byte) 2))
                    .withMessageContaining("does not fit");
        }
    }

    @Test
    @Spec("REC-31")
    void block_freedTwice_isAFault() {
        PoolBlock block = pool.allocate(1, "twic");
        block.free();
        block.free();

        assertThat(faults()).containsExactly(Fault.POOL_DOUBLE_FREE);
        assertThat(recording.violations().get(0).detail()).contains("twic");
    }

    @Test
    @Spec("REC-31")
    void block_ofTheEngine_isNoLongerTheDrivers() {
        PoolBlock block = pool.allocate(1, "gone");
        assertThat(block.transferToEngine()).isTrue();
        assertThat(block.transferToEngine()).as("a second time").isFalse();
        block.write(0, (byte) 1);
        block.free();

        assertThat(block.state()).isEqualTo(PoolBlock.State.ENGINE_OWNED);
        assertThat(faults()).containsExactly(Fault.CONTEXT_USED_AFTER_TRANSFER, Fault.CONTEXT_USED_AFTER_TRANSFER);
        block.freeByEngine();
        block.freeByEngine();
        assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
        assertThat(pool.outstanding()).isEmpty();
    }

    @Test
    @Spec("REC-31")
    void unload_reportsWhatWasNeitherFreedNorHandedOver() {
        pool.allocate(1, "lost");
        pool.allocate(1, "kept").transferToEngine();
        pool.allocate(1, "free").free();

        TeardownReport report = driver.unload();

        assertThat(report.held()).hasSize(1);
        assertThat(report.held().get(0).object()).contains("lost");
        assertThat(faults()).containsExactly(Fault.POOL_LEAK);
    }

    @Test
    void pool_ofAnUnloadedDriver_givesNoMore() {
        driver.unload();

        assertThatIllegalStateException()
                .isThrownBy(() -> pool.allocate(1, "late"))
                .withMessageContaining("acme.sys is unloaded");
        assertThat(pool.outstanding()).isEmpty();
    }

    @Test
    void unload_twice_reportsOnce() {
        pool.allocate(1, "lost");

        driver.unload();

        assertThat(driver.isLoaded()).isFalse();
        assertThat(driver.unload().isEmpty()).isTrue();
        assertThat(faults()).hasSize(1);
    }

    @Test
    void unload_inModeThrow_throwsAfterEverythingWasTakenAway() {
        Verifier throwing = new Verifier(FaultMode.THROW, new Trace(new VirtualClock(), 0));
        Driver leaking = new Driver("acme.sys", throwing);
        leaking.pool().allocate(1, "lost");
        List<String> taken = new ArrayList<>();
        leaking.owns(new Driver.Belongings() {
            @Override
            public List<TeardownReport.Held> held() {
                return List.of();
            }

            @Override
            public void takeAway() {
                taken.add("taken");
            }
        });

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(leaking::unload)
                .withMessageContaining("POOL_LEAK");

        assertThat(taken).hasSize(1);
        assertThat(leaking.isLoaded()).isFalse();
    }

    @Test
    @Spec("REC-31")
    void block_freedByManyThreadsAtOnce_isFreedOnceAndEveryOtherIsAFault() throws Exception {
        int rounds = 500;
        ExecutorService threads = Executors.newFixedThreadPool(3);
        for (int round = 0; round < rounds; round++) {
            PoolBlock block = pool.allocate(1, "race");
            Callable<Boolean> freeing = () -> {
                block.free();
                return true;
            };
            for (Future<Boolean> done : threads.invokeAll(Collections.nCopies(3, freeing))) {
                assertThat(done.get(10, TimeUnit.SECONDS)).isTrue();
            }
        }
        threads.shutdown();

        assertThat(faults()).hasSize(2 * rounds).containsOnly(Fault.POOL_DOUBLE_FREE);
        assertThat(pool.outstanding()).isEmpty();
    }

    @Test
    @Spec("WFP-41")
    void irql_isPerThreadNestsAndComesDownAgainAfterAnException() throws Exception {
        CurrentIrql irql = new CurrentIrql(recording);
        List<Irql> seen = new ArrayList<>();
        assertThatIllegalStateException()
                .isThrownBy(() -> irql.runAt(Irql.DISPATCH_LEVEL, () -> {
                    seen.add(irql.get());
                    irql.runAt(Irql.PASSIVE_LEVEL, () -> seen.add(irql.get()));
                    seen.add(irql.get());
                    ExecutorService other = Executors.newSingleThreadExecutor();
                    other.execute(() -> seen.add(irql.get()));
                    other.shutdown();
                    awaitEnd(other);
                    throw new IllegalStateException("at DISPATCH_LEVEL");
                }));

        assertThat(seen)
                .containsExactly(Irql.DISPATCH_LEVEL, Irql.PASSIVE_LEVEL, Irql.DISPATCH_LEVEL, Irql.PASSIVE_LEVEL);
        assertThat(irql.get()).isEqualTo(Irql.PASSIVE_LEVEL);
    }

    private static void awaitEnd(ExecutorService executor) {
        try {
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    @Spec("WFP-41")
    void functionAboveItsLevel_isRefusedWithAFaultThatNamesIt() {
        CurrentIrql irql = new CurrentIrql(recording);

        assertThat(irql.allows(Irql.PASSIVE_LEVEL, "FwpsExample0")).isTrue();
        irql.runAt(Irql.DISPATCH_LEVEL, () -> {
            assertThat(irql.allows(Irql.DISPATCH_LEVEL, "FwpsExample0")).isTrue();
            assertThat(irql.allows(Irql.PASSIVE_LEVEL, "FwpsExample0")).isFalse();
        });

        assertThat(faults()).containsExactly(Fault.IRQL_TOO_HIGH);
        assertThat(recording.violations().get(0).object()).isEqualTo("FwpsExample0");
    }
}
