package io.github.wfpsim.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who watches a stream hears of what it waits for, once, without a thread of its own. */
@Timeout(20)
class ReadinessTest {

    private static final int CAPACITY = 4;

    private final PipeStream.Pair pair = Pairs.of(CAPACITY);
    private final AtomicInteger calls = new AtomicInteger();

    @Test
    void reader_hearsOfTheFirstByte_once() throws Exception {
        pair.left().whenReadable(calls::incrementAndGet);
        assertThat(calls).hasValue(0);

        pair.right().tryWrite(ByteBuffer.allocate(1));
        pair.right().tryWrite(ByteBuffer.allocate(1));

        assertThat(calls).hasValue(1);
        pair.left().whenReadable(calls::incrementAndGet);
        assertThat(calls).as("bytes are there already").hasValue(2);
    }

    @Test
    void writer_hearsOfRoom_once() throws Exception {
        pair.right().whenWritable(calls::incrementAndGet);
        assertThat(calls).hasValue(1);
        pair.right().tryWrite(ByteBuffer.allocate(CAPACITY));
        pair.right().whenWritable(calls::incrementAndGet);
        assertThat(calls).hasValue(1);

        pair.left().tryRead(ByteBuffer.allocate(1));
        pair.left().tryRead(ByteBuffer.allocate(1));

        assertThat(calls).hasValue(2);
    }

    @Test
    void end_isTold_thoughBytesAreUnread() throws Exception {
        assertThat(pair.left().whenInputEnded(calls::incrementAndGet)).isTrue();
        pair.right().tryWrite(ByteBuffer.allocate(1));
        assertThat(calls).hasValue(0);
        assertThat(pair.left().isInputEnded()).isFalse();

        pair.right().shutdownOutput();

        assertThat(calls).hasValue(1);
        assertThat(pair.left().isInputEnded()).isTrue();
        pair.left().whenInputEnded(calls::incrementAndGet);
        assertThat(calls).as("it has come already").hasValue(2);
    }

    @Test
    void looks_agreeWithWhatWatchersWaitFor() throws Exception {
        assertThat(pair.left().isReadable()).isFalse();
        assertThat(pair.right().isWritable()).isTrue();
        pair.right().tryWrite(ByteBuffer.allocate(CAPACITY));
        assertThat(pair.left().isReadable()).isTrue();
        assertThat(pair.right().isWritable()).isFalse();
        pair.left().shutdownInput();
        assertThat(pair.left().isReadable()).as("a read fails at once").isTrue();
        assertThat(pair.right().isWritable()).as("a write fails at once").isTrue();
    }

    static Stream<Arguments> endings() {
        return Stream.of(
                ending("the peer closes", pair -> pair.right().close()),
                ending("the peer resets", pair -> pair.right().reset()),
                ending("this end closes", pair -> pair.left().close()),
                ending("this end resets", pair -> pair.left().reset()),
                ending("the machine cuts", pair -> pair.left().cut()));
    }

    private static Arguments ending(String name, Consumer<PipeStream.Pair> ending) {
        return Arguments.of(name, ending);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void watchers_hearOfTheEnd(String name, Consumer<PipeStream.Pair> ending) throws Exception {
        pair.left().tryWrite(ByteBuffer.allocate(CAPACITY));
        pair.left().whenReadable(calls::incrementAndGet);
        pair.left().whenWritable(calls::incrementAndGet);

        ending.accept(pair);

        assertThat(calls).hasValueGreaterThanOrEqualTo(1);
        pair.left().whenReadable(calls::incrementAndGet);
        pair.left().whenWritable(calls::incrementAndGet);
        assertThat(calls).hasValue(4);
    }

    @Test
    void watchingReader_frees_aBlockedWriter() throws Exception {
        CountDownLatch all = new CountDownLatch(20);
        Executor thread = task -> new Thread(task).start();
        Runnable[] pump = new Runnable[1];
        pump[0] = () -> {
            ByteBuffer into = ByteBuffer.allocate(3);
            try {
                pair.left().tryRead(into);
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
            for (int i = 0; i < into.position(); i++) {
                all.countDown();
            }
            if (all.getCount() > 0) {
                thread.execute(() -> pair.left().whenReadable(pump[0]));
            }
        };
        pair.left().whenReadable(pump[0]);

        assertThat(pair.right().write(ByteBuffer.allocate(20), Deadline.NEVER)).isEqualTo(20);

        assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
    }
}
