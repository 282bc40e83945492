package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every stream does, whether it stays inside the simulator or leaves it over a real socket. */
@Timeout(30)
abstract class StreamContract {

    private static final int LARGE = 10 * 1024 * 1024;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final VirtualClock clock = new VirtualClock();

    /** A fresh connection. */
    abstract DuplexStream.StreamPair connection() throws IOException;

    @AfterEach
    void stopThreads() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    static ByteBuffer bytes(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length);
        for (int value : values) {
            buffer.put((byte) value);
        }
        return buffer.flip();
    }

    static byte[] read(DuplexStream stream, int count) throws IOException, InterruptedException {
        ByteBuffer into = ByteBuffer.allocate(count);
        while (into.hasRemaining() && stream.read(into, Deadline.NEVER) >= 0) {
            assertThat(into.position()).isPositive();
        }
        byte[] read = new byte[into.position()];
        into.get(0, read);
        return read;
    }

    final <T> Future<T> inBackground(Callable<T> work) {
        return threads.submit(work);
    }

    /** Waits until a thread is blocked in the call that was just started. */
    static void awaitBlocked(Thread thread) {
        while (thread.getState() != Thread.State.WAITING
                && !isSelecting(thread)
                && thread.getState() != Thread.State.TERMINATED) {
            Thread.onSpinWait();
        }
    }

    private static boolean isSelecting(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals("select")) {
                return true;
            }
        }
        return false;
    }

    private Throwable endOf(Callable<?> waiting, Action meanwhile) throws Exception {
        Thread[] thread = new Thread[1];
        CountDownLatch started = new CountDownLatch(1);
        Future<?> blocked = inBackground(() -> {
            thread[0] = Thread.currentThread();
            started.countDown();
            return waiting.call();
        });
        started.await();
        awaitBlocked(thread[0]);
        meanwhile.run(thread[0]);
        try {
            blocked.get(10, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException ended) {
            return ended.getCause();
        }
    }

    /** What happens while another thread waits. */
    private interface Action {
        void run(Thread waiting) throws Exception;
    }

    private static int readOne(DuplexStream stream) throws Exception {
        return stream.read(ByteBuffer.allocate(1), Deadline.NEVER);
    }

    @Test
    void bytes_arriveInOrderInBothDirections() throws Exception {
        var pair = connection();

        pair.left().write(bytes(1, 2, 3), Deadline.NEVER);
        pair.left().write(bytes(4), Deadline.NEVER);
        pair.right().write(bytes(9, 8), Deadline.NEVER);

        assertThat(read(pair.right(), 4)).containsExactly(1, 2, 3, 4);
        assertThat(read(pair.left(), 2)).containsExactly(9, 8);
    }

    @Test
    void buffers_areUsedFromTheirPosition() throws Exception {
        var pair = connection();
        ByteBuffer from = bytes(1, 2, 3, 4).position(2);
        ByteBuffer into = ByteBuffer.allocate(10).position(5);

        assertThat(pair.left().write(from, Deadline.NEVER)).isEqualTo(2);
        assertThat(pair.right().read(into, Deadline.NEVER)).isPositive();

        assertThat(from.hasRemaining()).isFalse();
        assertThat(into.get(5)).isEqualTo((byte) 3);
        assertThat(into.get(0)).isZero();
    }

    @Test
    void shutdownOutput_letsThePeerReadTheRestAndThenTheEnd() throws Exception {
        var pair = connection();
        pair.left().write(bytes(7), Deadline.NEVER);

        pair.left().shutdownOutput();

        assertThat(read(pair.right(), 5)).containsExactly(7);
        assertThat(readOne(pair.right())).isEqualTo(-1);
        pair.right().write(bytes(5), Deadline.NEVER);
        assertThat(read(pair.left(), 1)).containsExactly(5);
        assertThatExceptionOfType(ClosedChannelException.class)
                .isThrownBy(() -> pair.left().write(bytes(1), Deadline.NEVER));
    }

    @Test
    void tryRead_tellsNothingYetFromTheEnd() throws Exception {
        var pair = connection();
        assertThat(pair.right().tryRead(ByteBuffer.allocate(1))).isZero();

        pair.left().shutdownOutput();

        assertThat(readOne(pair.right())).isEqualTo(-1);
        assertThat(pair.right().tryRead(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void shutdownInput_failsReadsHere() throws Exception {
        var pair = connection();

        pair.left().shutdownInput();

        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> readOne(pair.left()));
        assertThatExceptionOfType(ClosedChannelException.class)
                .isThrownBy(() -> pair.left().tryRead(ByteBuffer.allocate(1)));
    }

    @Test
    void reset_failsThePeersCallsAsReset() throws Exception {
        var pair = connection();
        Throwable end = endOf(() -> readOne(pair.right()), thread -> pair.left().reset());

        assertThat(end).isInstanceOf(StreamResetException.class);
        assertThat(pair.left().isReset()).isTrue();
        assertThat(pair.right().isReset()).isTrue();
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> readOne(pair.left()));
    }

    @Test
    void close_withUnreadBytes_isSeenAsAReset() throws Exception {
        var pair = connection();
        pair.left().write(bytes(1, 2, 3), Deadline.NEVER);
        read(pair.right(), 1);

        Throwable end = endOf(() -> readOne(pair.left()), thread -> pair.right().close());

        assertThat(end).isInstanceOf(StreamResetException.class);
    }

    @Test
    void close_withoutUnreadBytes_isSeenAsTheEnd() throws Exception {
        var pair = connection();

        pair.right().close();

        assertThat(readOne(pair.left())).isEqualTo(-1);
        assertThat(pair.left().isReset()).isFalse();
    }

    @Test
    void close_whileAnotherThreadReads_endsItAtOnce() throws Exception {
        var pair = connection();

        assertThat(endOf(() -> readOne(pair.left()), thread -> pair.left().close()))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void interrupt_endsAWaitingRead() throws Exception {
        var pair = connection();

        assertThat(endOf(() -> readOne(pair.left()), Thread::interrupt)).isInstanceOf(InterruptedException.class);

        pair.right().write(bytes(4), Deadline.NEVER);
        assertThat(read(pair.left(), 1)).as("the stream is as good as before").containsExactly(4);
    }

    @Test
    void deadline_inVirtualTime_endsAWaitingRead() throws Exception {
        var pair = connection();
        Deadline soon = clock.deadlineAfter(Duration.ofHours(5));

        Throwable end = endOf(
                () -> pair.left().read(ByteBuffer.allocate(1), soon), thread -> clock.advance(Duration.ofHours(5)));

        assertThat(end).isInstanceOf(StreamTimeoutException.class);
    }

    @Test
    void deadline_thatHasPassed_stillGivesWhatIsThere() throws Exception {
        var pair = connection();
        Deadline past = clock.deadlineAfter(Duration.ZERO);
        pair.right().write(bytes(1), Deadline.NEVER);
        while (pair.left().available() == 0) {
            Thread.onSpinWait();
        }

        assertThat(pair.left().read(ByteBuffer.allocate(1), past)).isEqualTo(1);
        assertThatExceptionOfType(StreamTimeoutException.class)
                .isThrownBy(() -> pair.left().read(ByteBuffer.allocate(1), past));
    }

    @Test
    void writer_thatIsFarAhead_waitsForTheReader() throws Exception {
        var pair = connection();
        ByteBuffer much = ByteBuffer.allocate(LARGE);
        Deadline soon = clock.deadlineAfter(Duration.ofSeconds(1));

        Throwable end = endOf(() -> pair.left().write(much, soon), thread -> clock.advance(Duration.ofSeconds(1)));

        assertThat(end)
                .isInstanceOfSatisfying(
                        StreamTimeoutException.class,
                        timeout -> assertThat(timeout.bytesTransferred())
                                .isEqualTo(much.position())
                                .isBetween(1, LARGE - 1));
        assertThat(pair.left().tryWrite(much)).isZero();
    }

    @Test
    void reset_whileAnotherThreadWrites_endsIt() throws Exception {
        var pair = connection();

        Throwable end = endOf(
                () -> pair.left().write(ByteBuffer.allocate(LARGE), Deadline.NEVER),
                thread -> pair.right().reset());

        assertThat(end).isInstanceOf(StreamResetException.class);
    }

    @Test
    void megabytes_inBothDirectionsAtOnce_arriveUnchanged() throws Exception {
        var pair = connection();

        Future<Long> there = inBackground(() -> send(pair.left(), 1));
        Future<Long> back = inBackground(() -> send(pair.right(), 2));
        Future<Long> arrivedThere = inBackground(() -> receive(pair.right(), 3));

        assertThat(receive(pair.left(), 4)).isEqualTo(back.get());
        assertThat(arrivedThere.get()).isEqualTo(there.get());
    }

    private static long send(DuplexStream stream, long seed) throws Exception {
        Random random = new Random(seed);
        CRC32 checksum = new CRC32();
        int left = LARGE;
        while (left > 0) {
            byte[] chunk = new byte[Math.min(left, 1 + random.nextInt(100_000))];
            random.nextBytes(chunk);
            checksum.update(chunk);
            stream.write(ByteBuffer.wrap(chunk), Deadline.NEVER);
            left -= chunk.length;
        }
        stream.shutdownOutput();
        return checksum.getValue();
    }

    private static long receive(DuplexStream stream, long seed) throws Exception {
        Random random = new Random(seed);
        CRC32 checksum = new CRC32();
        while (true) {
            ByteBuffer chunk = ByteBuffer.allocate(1 + random.nextInt(100_000));
            if (stream.read(chunk, Deadline.NEVER) < 0) {
                return checksum.getValue();
            }
            checksum.update(chunk.flip());
        }
    }

    @Test
    void emptyBuffers_moveNothingAndDoNotWait() throws Exception {
        var pair = connection();

        assertThat(pair.left().read(ByteBuffer.allocate(0), Deadline.NEVER)).isZero();
        assertThat(pair.left().write(ByteBuffer.allocate(0), Deadline.NEVER)).isZero();
    }

    @Test
    void unsoundBuffers_areRefusedWithTheReason() throws Exception {
        var pair = connection();
        ByteBuffer readOnly = ByteBuffer.allocate(1).asReadOnlyBuffer();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> pair.left().read(readOnly, Deadline.NEVER))
                .withMessageContaining("read-only");
        assertThatIllegalArgumentException().isThrownBy(() -> pair.left().tryRead(readOnly));
        assertThatNullPointerException()
                .isThrownBy(() -> pair.left().write(null, Deadline.NEVER))
                .withMessageContaining("from");
        assertThatNullPointerException()
                .isThrownBy(() -> pair.left().read(bytes(1), null))
                .withMessageContaining("Deadline.NEVER");
    }

    @Test
    void closing_twice_isHarmless() throws Exception {
        var pair = connection();

        pair.left().close();
        pair.left().close();
        pair.left().reset();
        pair.right().close();

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> pair.left().tryWrite(bytes(1)));
    }
}
