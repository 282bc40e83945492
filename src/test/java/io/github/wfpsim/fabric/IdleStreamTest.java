package io.github.wfpsim.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.fabric.PipeStream.Pair;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.BlockedCall;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.StreamResetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection in which nothing has happened, the first things that happen in it, and what it keeps afterwards. */
@Timeout(60)
class IdleStreamTest {

    private static final int ROUNDS = 10_000;
    private static final int CAPACITY = 65_536;

    /** What two threads do to the two ends at the same moment. */
    @FunctionalInterface
    private interface Action {
        void run(DuplexStream end) throws IOException, InterruptedException;
    }

    private static List<Pair> race(Action onTheLeft, Action onTheRight) throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            pairs.add(Pairs.of(CAPACITY));
        }
        AtomicInteger arrived = new AtomicInteger();
        Race.run(
                List.of(
                        () -> {
                            for (int i = 0; i < ROUNDS; i++) {
                                await(arrived, 2 * i, i % 8);
                                onTheLeft.run(pairs.get(i).left());
                            }
                            return 0;
                        },
                        () -> {
                            for (int i = 0; i < ROUNDS; i++) {
                                await(arrived, 2 * i, i / 8 % 8);
                                onTheRight.run(pairs.get(i).right());
                            }
                            return 0;
                        }),
                40);
        return pairs;
    }

    /** A barrier that spins, and then a little longer, so that each goes on some nanoseconds before the other at times. */
    @SuppressWarnings("ThreadPriorityCheck")
    private static void await(AtomicInteger arrived, int before, int delay) {
        arrived.incrementAndGet();
        for (int spins = 0; arrived.get() < before + 2; spins++) {
            if (spins < 2_000) {
                Thread.onSpinWait();
            } else {
                // The other one may have no processor.
                Thread.yield();
            }
        }
        for (int spins = 0; spins < delay; spins++) {
            Thread.onSpinWait();
        }
    }

    private static void tryWriteOne(DuplexStream end) throws IOException {
        try {
            end.tryWrite(ByteBuffer.allocate(1));
        } catch (StreamResetException peerWasFaster) {
            // Either way the connection is reset.
        }
    }

    @Test
    void untouchedConnection_answersAsOneWithoutBytes() throws Exception {
        Pair pair = Pairs.of(CAPACITY);

        for (DuplexStream end : List.of(pair.left(), pair.right())) {
            assertThat(end.isReset()).isFalse();
            assertThat(end.isEnded()).isFalse();
            assertThat(end.isInputEnded()).isFalse();
            assertThat(end.isReadable()).isFalse();
            assertThat(end.isWritable()).isTrue();
            assertThat(end.available()).isZero();
            assertThat(end.tryRead(ByteBuffer.allocate(1))).isZero();
            assertThat(end.read(ByteBuffer.allocate(0), Deadline.NEVER)).isZero();
        }
    }

    @Test
    void looks_atOneDirectionOnly_areTrueOfTheOther() throws Exception {
        Pair pair = Pairs.of(CAPACITY);

        pair.left().shutdownOutput();

        assertThat(pair.right().isInputEnded()).isTrue();
        assertThat(pair.right().isReadable()).isTrue();
        assertThat(pair.left().isInputEnded()).isFalse();
        assertThat(pair.left().isReadable()).isFalse();
        assertThat(pair.left().isEnded()).isFalse();
        assertThat(pair.right().isReset()).isFalse();
    }

    @Test
    void firstWrite_whileThePeerStartsToRead_arrives() throws Exception {
        List<Integer> read = new ArrayList<>();

        race(
                left -> left.write(ByteBuffer.allocate(1), Deadline.NEVER),
                right -> read.add(right.read(ByteBuffer.allocate(2), Deadline.NEVER)));

        assertThat(read).hasSize(ROUNDS).containsOnly(1);
    }

    @Test
    void firstWrites_ofBothEnds_arrive() throws Exception {
        List<Pair> pairs = race(
                left -> left.write(ByteBuffer.allocate(1), Deadline.NEVER),
                right -> right.write(ByteBuffer.allocate(2), Deadline.NEVER));

        assertThat(pairs)
                .allMatch(pair -> pair.left().available() == 2 && pair.right().available() == 1);
    }

    @Test
    void firstWrite_whileThePeerCloses_resetsTheConnection() throws Exception {
        List<Pair> pairs = race(IdleStreamTest::tryWriteOne, DuplexStream::close);

        assertThat(pairs).allMatch(pair -> pair.left().isReset() && pair.right().isReset());
    }

    @Test
    void firstWrite_whileThePeerResets_isAReset() throws Exception {
        List<Pair> pairs = race(IdleStreamTest::tryWriteOne, DuplexStream::reset);

        assertThat(pairs).allMatch(pair -> pair.left().isReset() && pair.right().isReset());
    }

    @Test
    void closes_ofBothEnds_areAnOrderlyEnd() throws Exception {
        List<Pair> pairs = race(DuplexStream::close, DuplexStream::close);

        assertThat(pairs)
                .noneMatch(pair -> pair.left().isReset())
                .allMatch(pair -> pair.left().isEnded() && pair.right().isEnded());
    }

    @Test
    void firstRead_whileThePeerCloses_findsTheEnd() throws Exception {
        List<Integer> read = new ArrayList<>();

        race(DuplexStream::close, right -> read.add(right.read(ByteBuffer.allocate(1), Deadline.NEVER)));

        assertThat(read).hasSize(ROUNDS).containsOnly(-1);
    }

    // ---- who waits

    @Test
    void allReadersThatWait_areWoken() throws Exception {
        Pair pair = Pairs.of(CAPACITY);
        List<BlockedCall<Integer>> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(pair.left())));
        }

        Bytes.write(pair.right(), "a");
        pair.right().shutdownOutput();

        List<Integer> read = new ArrayList<>();
        for (BlockedCall<Integer> reader : readers) {
            read.add(reader.result());
        }
        assertThat(read).containsExactlyInAnyOrder(1, -1, -1);
    }

    @Test
    void readerThatWaits_isWoken_afterAnotherOneGaveUp() throws Exception {
        Pair pair = Pairs.of(CAPACITY);
        BlockedCall<Integer> first = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(pair.left()));
        BlockedCall<Integer> second = BlockedCall.startAndAwaitBlocked(() -> Bytes.readOne(pair.left()));
        first.interrupt();
        assertThat(first.failure()).isInstanceOf(InterruptedException.class);

        Bytes.write(pair.right(), "a");

        assertThat(second.result()).isEqualTo(1);
    }

    // ---- what is kept

    @Test
    void bufferOfAMessage_isGivenBack_onceItIsRead() throws Exception {
        BytePipe pipe = new BytePipe(CAPACITY, new Waits(), "a connection");
        assertThat(pipe.kept()).isZero();
        pipe.tryWrite(ByteBuffer.allocate(1024));
        assertThat(pipe.kept()).isEqualTo(1024);

        pipe.tryRead(ByteBuffer.allocate(1000));
        assertThat(pipe.kept()).isEqualTo(1024);
        pipe.tryRead(ByteBuffer.allocate(1000));

        assertThat(pipe.kept()).isZero();
    }

    @Test
    void bufferOfABulkTransfer_isKept() throws Exception {
        BytePipe pipe = new BytePipe(CAPACITY, new Waits(), "a connection");
        pipe.tryWrite(ByteBuffer.allocate(CAPACITY));

        pipe.tryRead(ByteBuffer.allocate(CAPACITY));

        assertThat(pipe.kept()).isEqualTo(CAPACITY);
    }
}
