package io.github.wfpsim.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.BlockedCall;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.StreamResetException;
import io.github.wfpsim.net.StreamTimeoutException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class PipeStreamTest {

    private static final int CAPACITY = 8;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualClock clock = new VirtualClock();
    private final PipeStream.Pair pair = Pairs.of(CAPACITY);
    private final DuplexStream left = pair.left();
    private final DuplexStream right = pair.right();

    // ---- bytes

    @Test
    void read_whenSeveralWritesWaited_returnsTheirBytesInOrder() throws Exception {
        Bytes.write(left, "abc");
        Bytes.write(left, "de");

        assertThat(right.available()).isEqualTo(5);
        assertThat(Bytes.read(right, 5)).isEqualTo("abcde");
        assertThat(right.available()).isZero();
    }

    @Test
    void read_whenMoreWaitsThanFits_leavesTheRest() throws Exception {
        Bytes.write(left, "abcde");

        assertThat(Bytes.read(right, 2)).isEqualTo("ab");
        assertThat(right.available()).isEqualTo(3);
        assertThat(Bytes.tryRead(right)).isEqualTo("cde");
    }

    @Test
    void write_inBothDirections_keepsThemApart() throws Exception {
        Bytes.write(left, "to the r");
        Bytes.write(right, "to the l");

        assertThat(Bytes.read(left, CAPACITY)).isEqualTo("to the l");
        assertThat(Bytes.read(right, CAPACITY)).isEqualTo("to the r");
    }

    @Test
    void readAndWrite_moveOnlyBetweenPositionAndLimit() throws Exception {
        ByteBuffer from = Bytes.of("abcdef").position(1).limit(4);
        ByteBuffer into = ByteBuffer.allocate(6).position(2).limit(4);

        assertThat(left.write(from, Deadline.NEVER)).isEqualTo(3);
        assertThat(right.read(into, Deadline.NEVER)).isEqualTo(2);

        assertThat(from.position()).isEqualTo(4);
        assertThat(into.position()).isEqualTo(4);
        assertThat(into.array()).containsExactly(0, 0, 'b', 'c', 0, 0);
    }

    @Test
    void write_ofDirectAndReadOnlyBuffers_works() throws Exception {
        ByteBuffer direct = ByteBuffer.allocateDirect(2);
        direct.put((byte) 'a').put((byte) 'b').flip();

        left.write(direct, Deadline.NEVER);
        left.write(Bytes.of("cd").asReadOnlyBuffer(), Deadline.NEVER);

        assertThat(Bytes.read(right, 4)).isEqualTo("abcd");
    }

    @Test
    void read_whenNothingWaits_blocksUntilAByteComes() throws Exception {
        BlockedCall<String> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.read(right, 1));

        Bytes.write(left, "x");

        assertThat(reader.result()).isEqualTo("x");
    }

    // ---- operations of no length

    @Test
    void read_withoutRoom_returnsZeroAtOnce() throws Exception {
        ByteBuffer none = ByteBuffer.allocate(0);

        assertThat(right.read(none, Deadline.NEVER)).isZero();
        Bytes.write(left, "a");
        assertThat(right.read(none, Deadline.NEVER)).isZero();
        assertThat(right.tryRead(none)).isZero();
        assertThat(right.available()).isEqualTo(1);
    }

    @Test
    void read_withoutRoom_failsAsAnyOther_onceTheDirectionIsOver() throws Exception {
        ByteBuffer none = ByteBuffer.allocate(0);

        left.shutdownOutput();
        assertThat(right.read(none, Deadline.NEVER)).isZero();
        right.shutdownInput();
        assertThatThrownBy(() -> right.read(none, Deadline.NEVER)).isInstanceOf(ClosedChannelException.class);
        right.reset();
        assertThatThrownBy(() -> left.read(none, Deadline.NEVER)).isInstanceOf(StreamResetException.class);
    }

    @Test
    void write_ofNothing_returnsZeroEvenWithoutRoom() throws Exception {
        assertThat(left.write(Bytes.of(""), Deadline.NEVER)).isZero();
        Bytes.write(left, "01234567");
        assertThat(left.write(Bytes.of(""), Deadline.NEVER)).isZero();
        assertThat(left.tryWrite(Bytes.of(""))).isZero();
        assertThat(right.available()).isEqualTo(CAPACITY);
    }

    // ---- back-pressure

    @Test
    void tryWrite_whenLessFits_writesWhatFitsThenNothing() throws Exception {
        ByteBuffer from = Bytes.of("0123456789");

        assertThat(left.tryWrite(from)).isEqualTo(CAPACITY);
        assertThat(from.remaining()).isEqualTo(2);
        assertThat(left.tryWrite(from)).isZero();
        assertThat(Bytes.read(right, 1)).isEqualTo("0");
        assertThat(left.tryWrite(from)).isEqualTo(1);
        assertThat(Bytes.tryRead(right)).isEqualTo("12345678");
    }

    @Test
    void tryRead_whenNothingWaits_returnsZero() throws Exception {
        assertThat(right.tryRead(ByteBuffer.allocate(1))).isZero();
    }

    @Test
    void write_whenTheBufferIsFull_blocksUntilAllWasTaken() throws Exception {
        ByteBuffer from = Bytes.of("0123456789abcdef++");
        BlockedCall<Integer> writer = BlockedCall.startAndAwaitBlocked(() -> left.write(from, Deadline.NEVER));

        assertThat(right.available()).isEqualTo(CAPACITY);
        assertThat(Bytes.read(right, 18)).isEqualTo("0123456789abcdef++");
        assertThat(writer.result()).isEqualTo(18);
    }

    @Test
    void write_whenOnlySomeRoomCame_staysBlocked() throws Exception {
        BlockedCall<Integer> writer =
                BlockedCall.startAndAwaitBlocked(() -> left.write(Bytes.of("0123456789"), Deadline.NEVER));

        assertThat(Bytes.read(right, 1)).isEqualTo("0");
        assertThat(writer.isDone()).isFalse();
        assertThat(Bytes.read(right, 9)).isEqualTo("123456789");
        assertThat(writer.result()).isEqualTo(10);
    }

    @Test
    void write_fromTwoThreadsAtOnce_keepsEachWriteTogether() throws Exception {
        String as = "a".repeat(500);
        String bs = "b".repeat(500);
        BlockedCall<Integer> first = BlockedCall.startAndAwaitBlocked(() -> left.write(Bytes.of(as), Deadline.NEVER));
        BlockedCall<Integer> second = BlockedCall.startAndAwaitBlocked(() -> left.write(Bytes.of(bs), Deadline.NEVER));

        assertThat(Bytes.read(right, 1000)).isEqualTo(as + bs);
        assertThat(first.result() + second.result()).isEqualTo(1000);
    }

    @Test
    void tryWrite_whileAnotherWriteWaits_doesNotGetInBetween() throws Exception {
        BlockedCall<Integer> writer =
                BlockedCall.startAndAwaitBlocked(() -> left.write(Bytes.of("a".repeat(500)), Deadline.NEVER));
        StringBuilder taken = new StringBuilder();
        while (taken.length() < 500) {
            taken.append(Bytes.read(right, 1));
            left.tryWrite(Bytes.of(taken.length() < 490 ? "b" : ""));
        }

        assertThat(taken).hasToString("a".repeat(500));
        assertThat(writer.result()).isEqualTo(500);
    }

    // ---- half-close

    @Test
    void shutdownOutput_letsThePeerReadTheRestThenTheEnd() throws Exception {
        Bytes.write(left, "end");

        left.shutdownOutput();

        assertThat(Bytes.read(right, 3)).isEqualTo("end");
        assertThat(Bytes.readOne(right)).isEqualTo(-1);
        assertThat(right.tryRead(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(Bytes.readOne(right)).as("asked again").isEqualTo(-1);
    }

    @Test
    void shutdownOutput_leavesTheOtherDirectionOpen() throws Exception {
        left.shutdownOutput();
        assertThat(Bytes.readOne(right)).isEqualTo(-1);

        Bytes.write(right, "still");

        assertThat(Bytes.read(left, 5)).isEqualTo("still");
        assertThat(left.isReset()).isFalse();
    }

    @Test
    void shutdownOutput_whileThePeerReads_endsTheRead() throws Exception {
        BlockedCall<Integer> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(right));

        left.shutdownOutput();

        assertThat(reader.result()).isEqualTo(-1);
    }

    @Test
    void write_afterShutdownOutput_failsAsClosed() {
        left.shutdownOutput();
        left.shutdownOutput();

        assertClosed(() -> Bytes.write(left, "x"));
        assertClosed(() -> left.tryWrite(Bytes.of("x")));
    }

    @Test
    void shutdownOutput_whileThisEndWrites_endsTheWrite() throws Exception {
        BlockedCall<Integer> writer = fillUp();

        left.shutdownOutput();

        assertThat(writer.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(Bytes.read(right, 20)).isEqualTo("01234567");
    }

    @Test
    void shutdownInput_withBytesUnread_resetsTheConnection() throws Exception {
        Bytes.write(right, "waiting");

        left.shutdownInput();

        assertThat(left.available()).isZero();
        assertClosed(() -> Bytes.readOne(left));
        assertClosed(() -> left.tryRead(ByteBuffer.allocate(1)));
        assertReset(() -> Bytes.readOne(right));
        assertReset(() -> Bytes.write(right, "x"));
    }

    @Test
    void shutdownInput_resetsTheConnectionWhenBytesCome() throws Exception {
        left.shutdownInput();
        Bytes.write(left, "other");
        assertThat(Bytes.read(right, 5)).isEqualTo("other");

        Bytes.write(right, "far more than the capacity");

        assertThat(left.isReset()).isTrue();
        assertReset(() -> Bytes.write(right, "x"));
        assertReset(() -> Bytes.readOne(right));
    }

    @Test
    void close_withNothingUnread_resetsTheConnectionWhenBytesCome() throws Exception {
        left.close();
        assertThat(Bytes.readOne(right)).isEqualTo(-1);

        assertThat(right.tryWrite(ByteBuffer.allocate(3))).isEqualTo(3);

        assertReset(() -> Bytes.write(right, "x"));
        assertReset(() -> Bytes.readOne(right));
    }

    @Test
    void shutdownInput_whileThisEndReads_endsTheRead() throws Exception {
        BlockedCall<Integer> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(left));

        left.shutdownInput();

        assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shutdownInput_whileThePeerWrites_resetsTheWrite() throws Exception {
        BlockedCall<Integer> writer = fillUp();

        right.shutdownInput();

        assertThat(writer.failure()).isInstanceOf(StreamResetException.class);
    }

    // ---- close and reset

    @Test
    void close_withEverythingRead_isAnOrderlyEnd() throws Exception {
        Bytes.write(left, "bye");

        left.close();

        assertThat(Bytes.read(right, 3)).isEqualTo("bye");
        assertThat(Bytes.readOne(right)).isEqualTo(-1);
        assertThat(left.isReset()).isFalse();
        assertThat(right.isReset()).isFalse();
    }

    @Test
    void close_withBytesUnread_resetsThePeer() throws Exception {
        Bytes.write(left, "ignored");
        Bytes.write(right, "lost");

        right.close();

        assertReset(() -> Bytes.readOne(left));
        assertReset(() -> left.tryRead(ByteBuffer.allocate(1)));
        assertReset(() -> Bytes.write(left, "x"));
        assertReset(() -> left.tryWrite(Bytes.of("x")));
        assertThat(left.isReset()).isTrue();
        assertThat(right.isReset()).isTrue();
    }

    @Test
    void close_makesCallsOfThisEndFailAsClosed() {
        left.close();

        assertClosed(() -> Bytes.readOne(left));
        assertClosed(() -> Bytes.write(left, "x"));
    }

    @Test
    void close_twice_changesNothing() throws Exception {
        Bytes.write(left, "bye");

        left.close();
        left.close();

        assertThat(Bytes.read(right, 4)).isEqualTo("bye");
    }

    @Test
    void close_whileThisEndReads_endsTheRead() throws Exception {
        BlockedCall<Integer> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(left));

        left.close();

        assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void close_whileThisEndWrites_endsTheWrite() throws Exception {
        BlockedCall<Integer> writer = fillUp();

        left.close();

        assertThat(writer.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void close_whileThePeerReads_endsTheRead() throws Exception {
        BlockedCall<Integer> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(left));

        right.close();

        assertThat(reader.result()).isEqualTo(-1);
    }

    @Test
    void close_whileThePeerWrites_resetsTheWrite() throws Exception {
        BlockedCall<Integer> writer = fillUp();

        right.close();

        assertThat(writer.failure()).isInstanceOf(StreamResetException.class);
    }

    @Test
    void reset_throwsBufferedBytesAway() throws Exception {
        Bytes.write(left, "abc");

        left.reset();

        assertThat(right.available()).isZero();
        assertReset(() -> Bytes.readOne(right));
        assertReset(() -> Bytes.write(right, "x"));
    }

    @Test
    void reset_makesCallsOfThisEndFailAsClosed() {
        left.reset();
        left.reset();

        assertClosed(() -> Bytes.readOne(left));
        assertClosed(() -> Bytes.write(left, "x"));
        assertThat(left.isReset()).isTrue();
    }

    @Test
    void reset_whileThePeerReads_endsTheRead() throws Exception {
        BlockedCall<Integer> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(right));

        left.reset();

        assertThat(reader.failure()).isInstanceOf(StreamResetException.class).hasMessageContaining("peer reset");
    }

    @Test
    void reset_whileThePeerWrites_endsTheWrite() throws Exception {
        BlockedCall<Integer> writer = fillUp();

        right.reset();

        assertThat(writer.failure()).isInstanceOf(StreamResetException.class);
    }

    @Test
    void reset_whileThisEndReads_endsTheReadAsClosed() throws Exception {
        BlockedCall<Integer> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(left));

        left.reset();

        assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void reset_fromBothEnds_isSeenByBoth() {
        left.reset();
        right.reset();

        assertThatThrownBy(() -> Bytes.write(left, "x")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Bytes.write(right, "x")).isInstanceOf(IOException.class);
        assertThat(left.isReset()).isTrue();
        assertThat(right.isReset()).isTrue();
    }

    // ---- deadlines and interrupts

    @Test
    void read_whenTheDeadlinePasses_givesUp() throws Exception {
        Deadline deadline = clock.deadlineAfter(SECOND);
        BlockedCall<Integer> reader =
                BlockedCall.startAndAwaitBlocked(() -> right.read(ByteBuffer.allocate(1), deadline));

        clock.advance(SECOND.minusNanos(1));
        assertThat(reader.isDone()).isFalse();
        clock.advance(Duration.ofNanos(1));

        assertThat(reader.failure()).isInstanceOf(StreamTimeoutException.class);
    }

    @Test
    void read_whenTheDeadlineHasPassed_stillReturnsWhatWaits() throws Exception {
        Deadline past = clock.deadlineAfter(Duration.ZERO);
        Bytes.write(left, "a");

        assertThat(right.read(ByteBuffer.allocate(1), past)).isEqualTo(1);
        assertThatExceptionOfType(StreamTimeoutException.class)
                .isThrownBy(() -> right.read(ByteBuffer.allocate(1), past))
                .satisfies(late -> assertThat(late.bytesTransferred()).isZero());
    }

    @Test
    void write_whenTheDeadlinePasses_tellsHowMuchWasWritten() throws Exception {
        Deadline deadline = clock.deadlineAfter(SECOND);
        ByteBuffer from = Bytes.of("0123456789");
        BlockedCall<Integer> writer = BlockedCall.startAndAwaitBlocked(() -> left.write(from, deadline));

        clock.advance(SECOND);

        assertThat(writer.failure())
                .isInstanceOfSatisfying(
                        StreamTimeoutException.class,
                        late -> assertThat(late.bytesTransferred()).isEqualTo(CAPACITY));
        assertThat(from.remaining()).isEqualTo(2);
        assertThat(Bytes.tryRead(right)).isEqualTo("01234567");
    }

    @Test
    void write_whenTheDeadlineHasPassed_writesWhatFits() throws Exception {
        Deadline past = clock.deadlineAfter(Duration.ZERO);

        assertThat(left.write(Bytes.of("abc"), past)).isEqualTo(3);
        assertThatExceptionOfType(StreamTimeoutException.class)
                .isThrownBy(() -> left.write(Bytes.of("0123456789"), past))
                .satisfies(late -> assertThat(late.bytesTransferred()).isEqualTo(CAPACITY - 3));
    }

    @Test
    void read_whenTheThreadIsInterrupted_givesUpAndLosesNothing() throws Exception {
        BlockedCall<Integer> reader = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(right));

        reader.interrupt();

        assertThat(reader.failure()).isInstanceOf(InterruptedException.class);
        Bytes.write(left, "a");
        assertThat(Bytes.read(right, 1)).isEqualTo("a");
    }

    @Test
    void write_whenTheThreadIsInterrupted_givesUpAndLetsOthersWrite() throws Exception {
        BlockedCall<Integer> writer = fillUp();

        writer.interrupt();

        assertThat(writer.failure()).isInstanceOf(InterruptedException.class);
        assertThat(Bytes.tryRead(right)).isEqualTo("01234567");
        Bytes.write(left, "next");
        assertThat(Bytes.read(right, 4)).isEqualTo("next");
    }

    // ---- bad arguments

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void pair_withoutCapacity_isRejected(int capacity) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pairs.of(capacity))
                .withMessageContaining("capacity")
                .withMessageContaining(Integer.toString(capacity));
    }

    @Test
    void read_intoAReadOnlyBuffer_isRejectedAndKeepsTheBytes() throws Exception {
        ByteBuffer readOnly = ByteBuffer.allocate(4).asReadOnlyBuffer();

        assertReadOnly(() -> right.read(readOnly, Deadline.NEVER));
        assertReadOnly(() -> right.tryRead(readOnly));
        Bytes.write(left, "kept");
        assertReadOnly(() -> right.read(readOnly, Deadline.NEVER));
        assertReadOnly(() -> right.tryRead(readOnly));
        assertThat(Bytes.read(right, 4)).isEqualTo("kept");
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without a checker may pass.
    void nullArguments_areNamed() {
        ByteBuffer buffer = ByteBuffer.allocate(1);

        assertThatNullPointerException()
                .isThrownBy(() -> left.read(null, Deadline.NEVER))
                .withMessageContaining("into must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> left.tryRead(null))
                .withMessageContaining("into must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> left.write(null, Deadline.NEVER))
                .withMessageContaining("from must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> left.tryWrite(null))
                .withMessageContaining("from must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> left.read(buffer, null))
                .withMessageContaining("deadline must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> left.write(buffer, null))
                .withMessageContaining("deadline must not be null");
    }

    // ---- size

    @Test
    void pair_ofTheLargestCapacity_takesNoMemoryBeforeItsBytes() throws Exception {
        // Would not fit into any heap.
        PipeStream.Pair huge = Pairs.of(Integer.MAX_VALUE);

        Bytes.write(huge.left(), "small");

        assertThat(Bytes.read(huge.right(), 5)).isEqualTo("small");
    }

    @Test
    void manyIdlePairs_takeNoBuffers() {
        List<PipeStream.Pair> idle = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            // 40 gigabytes if buffers were made at once.
            idle.add(Pairs.of(1 << 20));
        }

        assertThat(idle).hasSize(20_000).allMatch(each -> each.left().available() == 0);
    }

    @Test
    void buffer_whenItGrowsAroundItsEnd_keepsTheOrder() throws Exception {
        PipeStream.Pair wide = Pairs.of(100_000);
        String first = "a".repeat(1000);
        String second = "b".repeat(900);
        String third = "c".repeat(50_000);
        Bytes.write(wide.left(), first);
        assertThat(Bytes.read(wide.right(), 990)).isEqualTo("a".repeat(990));
        Bytes.write(wide.left(), second);
        Bytes.write(wide.left(), third);

        assertThat(Bytes.read(wide.right(), 50_910)).isEqualTo("a".repeat(10) + second + third);
    }

    @Test
    void tenMegabytes_inBothDirectionsAtOnce_arriveUnchanged() throws Exception {
        PipeStream.Pair wide = Pairs.of(65_536);
        BlockedCall<Long> sentRight = BlockedCall.start(() -> send(wide.left(), 1));
        BlockedCall<Long> sentLeft = BlockedCall.start(() -> send(wide.right(), 2));
        BlockedCall<Long> receivedRight = BlockedCall.start(() -> receive(wide.right(), 3));
        BlockedCall<Long> receivedLeft = BlockedCall.start(() -> receive(wide.left(), 4));

        assertThat(receivedRight.result()).isEqualTo(sentRight.result());
        assertThat(receivedLeft.result()).isEqualTo(sentLeft.result());
        assertThat(sentLeft.result()).isNotEqualTo(sentRight.result());
    }

    private static long send(DuplexStream stream, long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        CRC32 sum = new CRC32();
        for (int left = 10_000_000; left > 0; ) {
            byte[] chunk = new byte[Math.min(left, 1 + random.nextInt(200_000))];
            random.nextBytes(chunk);
            sum.update(chunk);
            assertThat(stream.write(ByteBuffer.wrap(chunk), Deadline.NEVER)).isEqualTo(chunk.length);
            left -= chunk.length;
        }
        stream.shutdownOutput();
        return sum.getValue();
    }

    private static long receive(DuplexStream stream, long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        CRC32 sum = new CRC32();
        for (int read = 0; read >= 0; ) {
            ByteBuffer chunk = ByteBuffer.allocate(1 + random.nextInt(100_000));
            read = stream.read(chunk, Deadline.NEVER);
            sum.update(chunk.flip());
        }
        return sum.getValue();
    }

    // ---- helpers

    private BlockedCall<Integer> fillUp() throws InterruptedException {
        return BlockedCall.startAndAwaitBlocked(() -> left.write(Bytes.of("0123456789"), Deadline.NEVER));
    }

    private interface Call {
        void run() throws IOException, InterruptedException;
    }

    private static void assertClosed(Call call) {
        assertThatThrownBy(call::run).isInstanceOf(ClosedChannelException.class);
    }

    private static void assertReset(Call call) {
        assertThatThrownBy(call::run).isInstanceOf(StreamResetException.class);
    }

    private static void assertReadOnly(Call call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("into")
                .hasMessageContaining("read-only");
    }
}
