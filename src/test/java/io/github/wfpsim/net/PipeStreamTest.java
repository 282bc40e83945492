package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.host.Deadline;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams inside the simulator. */
class PipeStreamTest extends StreamContract {

    private static final int CAPACITY = 64 * 1024;

    @Override
    DuplexStream.StreamPair connection() {
        return DuplexStream.pair(CAPACITY);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1000, 1024, 1025, 5000})
    void writer_isAheadByNoMoreThanTheCapacity(int capacity) throws Exception {
        var pair = DuplexStream.pair(capacity);

        assertThat(pair.left().tryWrite(ByteBuffer.allocate(capacity + 7))).isEqualTo(capacity);
        assertThat(pair.left().tryWrite(ByteBuffer.allocate(1))).isZero();
        assertThat(pair.right().available()).isEqualTo(capacity);

        assertThat(read(pair.right(), capacity)).hasSize(capacity);
        assertThat(pair.left().tryWrite(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    @Test
    void ring_thatWrapsAndGrows_keepsTheOrder() throws Exception {
        var pair = DuplexStream.pair(4096);
        byte next = 0;
        byte expected = 0;
        for (int round = 0; round < 500; round++) {
            ByteBuffer chunk = ByteBuffer.allocate(1 + round % 37);
            while (chunk.hasRemaining()) {
                chunk.put(next++);
            }
            pair.left().write(chunk.flip(), Deadline.NEVER);
            for (byte value : read(pair.right(), Math.min(pair.right().available(), 1 + round % 41))) {
                assertThat(value).isEqualTo(expected++);
            }
        }
    }

    @Test
    void shutdownInput_throwsThePeersBytesAway() throws Exception {
        var pair = connection();
        pair.left().write(bytes(1, 2), Deadline.NEVER);

        pair.right().shutdownInput();

        assertThat(pair.right().available()).isZero();
        assertThat(pair.left().write(ByteBuffer.allocate(10 * CAPACITY), Deadline.NEVER))
                .isEqualTo(10 * CAPACITY);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void capacity_thatIsNotPositive_isRefused(int capacity) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DuplexStream.pair(capacity))
                .withMessageContaining(String.valueOf(capacity));
    }
}
