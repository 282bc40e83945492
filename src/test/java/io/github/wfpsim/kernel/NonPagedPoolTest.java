package io.github.wfpsim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class NonPagedPoolTest {

    private static final String TAG = "rCtx";
    private static final int THREADS = 4;
    private static final int ROUNDS = 500;

    private final Machine machine = Machine.throwing();
    private final Machine recording = Machine.recording();

    private static byte[] contentOf(NonPagedBlock block) {
        ByteBuffer view = block.bytes();
        byte[] content = new byte[view.remaining()];
        view.get(content);
        return content;
    }

    private static NonPagedBlock freed(NonPagedPool pool) {
        NonPagedBlock block = pool.allocate(8, TAG);
        block.free();
        return block;
    }

    private static NonPagedBlock transferred(NonPagedPool pool) {
        NonPagedBlock block = pool.allocate(8, TAG);
        block.transferToEngine();
        return block;
    }

    private static void assertFault(ThrowingCallable use, Fault fault) {
        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(use)
                .withMessageContaining(Machine.DRIVER)
                .withMessageContaining("'" + TAG + "'")
                .satisfies(thrown -> assertThat(thrown.violation().kind()).isEqualTo(fault));
    }

    @Nested
    final class Allocate {

        @Test
        void allocate_givesAZeroedBlockOwnedByTheDriver() {
            NonPagedBlock block = machine.pool.allocate(5, TAG);

            assertThat(contentOf(block)).isEqualTo(new byte[5]);
            assertThat(block.size()).isEqualTo(5);
            assertThat(block.tag()).isEqualTo(TAG);
            assertThat(block.state()).isEqualTo(PoolBlock.State.DRIVER_OWNED);
        }

        @Test
        void allocate_whenGivenBytes_copiesThem() {
            byte[] given = {1, 2, 3};

            NonPagedBlock block = machine.pool.allocate(given, TAG);
            given[0] = 9;

            assertThat(contentOf(block)).containsExactly(1, 2, 3);
        }

        @Test
        void outstanding_listsBlocksOldestFirstUntilTheyAreFreed() {
            NonPagedBlock first = machine.pool.allocate(1, TAG);
            NonPagedBlock second = machine.pool.allocate(1, TAG);
            NonPagedBlock third = machine.pool.allocate(1, TAG);
            second.free();

            assertThat(machine.pool.outstanding()).containsExactly(first, third);
        }

        @Test
        void outstanding_isTrueWhicheverBlocksAreFreed() {
            Random random = new Random(1);
            List<PoolBlock> live = new ArrayList<>();
            for (int step = 0; step < ROUNDS; step++) {
                if (live.isEmpty() || (live.size() < 5 && random.nextBoolean())) {
                    live.add(machine.pool.allocate(1, TAG));
                } else {
                    live.remove(random.nextInt(live.size())).free();
                }
                assertThat(machine.pool.outstanding()).containsExactlyElementsOf(live);
            }
        }

        @ParameterizedTest
        @ValueSource(longs = {0, -1, Long.MIN_VALUE})
        void allocate_whenSizeIsNotPositive_namesTheSize(long size) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> machine.pool.allocate(size, TAG))
                    .withMessageContaining("size")
                    .withMessageContaining(String.valueOf(size));
            assertThat(machine.pool.outstanding()).isEmpty();
        }

        @Test
        void allocate_whenThereAreNoBytes_isRefused() {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> machine.pool.allocate(new byte[0], TAG))
                    .withMessageContaining("size");
        }

        @ParameterizedTest
        @ValueSource(longs = {Integer.MAX_VALUE, Integer.MAX_VALUE + 1L, 0xFFFF_FFFFL, Long.MAX_VALUE})
        void allocate_whenSizeIsHuge_hasASizeButNoMemory(long size) {
            NonPagedBlock block = machine.pool.allocate(size, TAG);

            assertThat(block.size()).isEqualTo(size);
            assertThat(contentOf(block)).isEmpty();
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> block.write(0, (byte) 1))
                    .withMessageContaining(String.valueOf(size));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "abc", "abcde", "ab\nc", "ab\u00e9c", "abc\u007f"})
        void allocate_whenTagIsNotFourPrintableCharacters_namesTheTag(String tag) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> machine.pool.allocate(1, tag))
                    .withMessageContaining("tag");
            assertThat(machine.pool.outstanding()).isEmpty();
        }

        @Test
        @SuppressWarnings("NullAway")
        void allocate_whenAnArgumentIsNull_namesIt() {
            assertThatNullPointerException()
                    .isThrownBy(() -> machine.pool.allocate(1, null))
                    .withMessageContaining("tag must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> machine.pool.allocate((byte[]) null, TAG))
                    .withMessageContaining("bytes must not be null");
        }

        @Test
        void allocate_whenTheDriverIsUnloaded_isRefused() {
            machine.driver.unload();

            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> machine.pool.allocate(1, TAG))
                    .withMessageContaining(Machine.DRIVER)
                    .withMessageContaining("unloaded");
            assertThat(machine.pool.outstanding()).isEmpty();
        }
    }

    @Nested
    final class Write {

        @Test
        void write_putsBytesAtTheOffset() {
            NonPagedBlock block = machine.pool.allocate(4, TAG);

            block.write(1, (byte) 7, (byte) 8);
            block.write(3, (byte) 9);

            assertThat(contentOf(block)).containsExactly(0, 7, 8, 9);
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 3, 4, Integer.MAX_VALUE, Integer.MIN_VALUE})
        void write_whenTheRangeIsOutside_namesOffsetAndBlockAndChangesNothing(int offset) {
            NonPagedBlock block = machine.pool.allocate(4, TAG);

            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> block.write(offset, (byte) 1, (byte) 2))
                    .withMessageContaining("2 bytes at " + offset)
                    .withMessageContaining(TAG);
            assertThat(contentOf(block)).isEqualTo(new byte[4]);
        }

        @Test
        void write_ofNothingAtTheEnd_isLegal() {
            NonPagedBlock block = machine.pool.allocate(4, TAG);

            block.write(4);

            assertThat(machine.faults()).isEmpty();
        }

        @Test
        @SuppressWarnings("NullAway")
        void write_whenBytesAreNull_namesThem() {
            assertThatNullPointerException()
                    .isThrownBy(() -> machine.pool.allocate(1, TAG).write(0, (byte[]) null))
                    .withMessageContaining("bytes must not be null");
        }

        @Test
        void bytes_areReadOnly() {
            assertThat(machine.pool.allocate(4, TAG).bytes().isReadOnly()).isTrue();
        }

        @Test
        @Spec("REC-31")
        void write_afterTransfer_raisesContextUsedAfterTransfer() {
            assertFault(() -> transferred(machine.pool).write(0, (byte) 1), Fault.CONTEXT_USED_AFTER_TRANSFER);
        }

        @Test
        @Spec("REC-31")
        void write_afterTransfer_changesNothing() {
            NonPagedBlock block = transferred(recording.pool);

            block.write(0, (byte) 1);

            assertThat(contentOf(block)).isEqualTo(new byte[8]);
            assertThat(recording.faults()).containsExactly(Fault.CONTEXT_USED_AFTER_TRANSFER);
        }

        @Test
        void write_afterFree_isAFaultAndChangesNothing() {
            NonPagedBlock block = freed(recording.pool);

            block.write(0, (byte) 1);

            assertThat(contentOf(block)).isEqualTo(new byte[8]);
            assertThat(recording.faults()).hasSize(1);
        }
    }

    @Nested
    final class Free {

        @Test
        void free_givesTheBlockBack() {
            NonPagedBlock block = freed(machine.pool);

            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
            assertThat(machine.pool.outstanding()).isEmpty();
        }

        @Test
        @Spec("REC-31")
        void free_whenFreedBefore_raisesPoolDoubleFree() {
            assertFault(() -> freed(machine.pool).free(), Fault.POOL_DOUBLE_FREE);
        }

        @Test
        @Spec("REC-31")
        void free_afterTransfer_raisesContextUsedAfterTransferAndLeavesTheBlockToWfp() {
            NonPagedBlock block = transferred(recording.pool);

            block.free();

            assertThat(recording.faults()).containsExactly(Fault.CONTEXT_USED_AFTER_TRANSFER);
            assertThat(block.state()).isEqualTo(PoolBlock.State.ENGINE_OWNED);
            assertThat(recording.pool.outstanding()).containsExactly(block);
        }

        @Test
        void free_afterWfpFreedIt_raisesPoolDoubleFree() {
            NonPagedBlock block = transferred(machine.pool);
            block.freeByEngine();

            assertFault(block::free, Fault.POOL_DOUBLE_FREE);
        }
    }

    @Nested
    final class Transfer {

        @Test
        void transfer_makesWfpTheOwnerUntilItFreesTheBlock() {
            NonPagedBlock block = machine.pool.allocate(8, TAG);

            assertThat(block.transferToEngine()).isTrue();
            assertThat(block.state()).isEqualTo(PoolBlock.State.ENGINE_OWNED);
            block.freeByEngine();

            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
            assertThat(machine.pool.outstanding()).isEmpty();
        }

        @Test
        void transfer_whenTheDriverDoesNotOwnTheBlock_saysSo() {
            assertThat(freed(machine.pool).transferToEngine()).isFalse();
            assertThat(transferred(machine.pool).transferToEngine()).isFalse();
        }

        @Test
        void freeByEngine_whenTheDriverOwnsTheBlock_doesNothing() {
            NonPagedBlock block = machine.pool.allocate(8, TAG);

            block.freeByEngine();

            assertThat(block.state()).isEqualTo(PoolBlock.State.DRIVER_OWNED);
        }
    }

    @Nested
    final class Races {

        @Test
        @Spec("REC-31")
        void free_fromManyThreads_succeedsOnce() throws Exception {
            NonPagedBlock block = recording.pool.allocate(8, TAG);

            Race.run(THREADS, () -> {
                block.free();
                return true;
            });

            assertThat(recording.faults()).isEqualTo(Collections.nCopies(THREADS - 1, Fault.POOL_DOUBLE_FREE));
        }

        @Test
        void freeAndTransfer_atOnce_haveOneWinner() throws Exception {
            for (int round = 0; round < 50; round++) {
                NonPagedBlock block = machine.pool.allocate(8, TAG);

                List<Boolean> won = Race.run(List.of(block::transferToEngine, () -> freesWithoutFault(block)));

                assertThat(won).containsOnlyOnce(true);
            }
        }

        private boolean freesWithoutFault(NonPagedBlock block) {
            try {
                block.free();
                return true;
            } catch (FaultException thrown) {
                return false;
            }
        }

        @Test
        void allocateAndFree_fromManyThreads_leaveNothing() throws Exception {
            Race.run(THREADS, () -> {
                IntStream.range(0, ROUNDS).forEach(round -> freed(recording.pool));
                return true;
            });

            assertThat(recording.pool.outstanding()).isEmpty();
            assertThat(recording.faults()).isEmpty();
        }

        @Test
        @Spec({"REC-31", "WFP-80"})
        void unload_whileOthersAllocate_reportsEveryBlockThatWasHandedOut() throws Exception {
            for (int round = 0; round < 50; round++) {
                Machine racing = Machine.recording();
                List<Callable<Integer>> works = new ArrayList<>(Collections.nCopies(2, () -> allocations(racing.pool)));
                works.add(() -> -racing.driver.unload().held().size());

                int unreported =
                        Race.run(works).stream().mapToInt(Integer::intValue).sum();

                assertThat(unreported).isZero();
                assertThat(racing.faults())
                        .hasSameSizeAs(racing.pool.outstanding())
                        .allMatch(Fault.POOL_LEAK::equals);
            }
        }

        /** Counts how often the pool gave a block before it was closed. */
        private int allocations(NonPagedPool pool) {
            int given = 0;
            try {
                for (; given < ROUNDS; given++) {
                    pool.allocate(1, TAG);
                }
            } catch (IllegalStateException unloaded) {
                assertThat(unloaded).hasMessageContaining("unloaded");
            }
            return given;
        }
    }
}
