package io.github.wfpsim.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.Spec;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RedirectContextsTest {

    private static final int ROUNDS = 2_000;

    private final AtomicInteger freed = new AtomicInteger();
    private final RedirectContexts contexts = new RedirectContexts();

    private CapturedContext contextOf(byte[] bytes, long declaredSize) {
        return new CapturedContext(ByteBuffer.wrap(bytes), declaredSize, freed, AtomicInteger::incrementAndGet);
    }

    private CapturedContext context(byte... bytes) {
        return contextOf(bytes, bytes.length);
    }

    @Test
    @Spec("REC-28")
    void free_ofAKeptContext_freesItOnce() {
        CapturedContext context = context((byte) 1);
        contexts.put(4, context);
        assertThat(contexts.size()).isEqualTo(1);

        contexts.free(4);
        contexts.free(4);

        assertThat(freed).hasValue(1);
        assertThat(context.isFreed()).isTrue();
        assertThat(contexts.find(4)).isNull();
        assertThat(contexts.size()).isZero();
    }

    @Test
    @Spec("REC-28")
    void free_ofAContextAlone_tellsWhetherItWasTheFirst() {
        CapturedContext context = context((byte) 1);

        assertThat(context.free()).isTrue();
        assertThat(context.free()).isFalse();
        assertThat(freed).hasValue(1);
    }

    @Test
    @Spec("REC-29")
    void free_fromBothEndsAtOnce_freesOnce() throws Exception {
        ExecutorService ends = Executors.newFixedThreadPool(2);
        try {
            CyclicBarrier together = new CyclicBarrier(2);
            List<Future<?>> both = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                contexts.put(4L * round, context());
            }
            for (int end = 0; end < 2; end++) {
                both.add(ends.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        together.await(10, TimeUnit.SECONDS);
                        contexts.free(4L * round);
                    }
                    return null;
                }));
            }
            for (Future<?> each : both) {
                each.get(20, TimeUnit.SECONDS);
            }
        } finally {
            ends.shutdownNow();
        }
        assertThat(freed).hasValue(ROUNDS);
    }

    @Test
    void freeAll_freesEachContextOnce() {
        contexts.put(4, context());
        contexts.put(8, context());

        contexts.freeAll();
        contexts.freeAll();

        assertThat(freed).hasValue(2);
        assertThat(contexts.size()).isZero();
    }

    @Test
    @Spec("REC-31")
    void bytes_areCapturedAndReadOnly() {
        byte[] given = {1, 2};
        CapturedContext context = context(given);
        given[0] = 9;

        assertThat(context.bytes().get(0)).isEqualTo((byte) 1);
        assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> context.bytes().put((byte) 3));
    }

    @Test
    @Spec("REC-38")
    void oversize_isJudgedUnsigned() {
        assertThat(contextOf(new byte[0], 0xFFFF_FFFFL).isOversized()).isFalse();
        assertThat(contextOf(new byte[0], 0x1_0000_0000L).isOversized()).isTrue();
        assertThat(contextOf(new byte[0], -1).isOversized()).isTrue();
    }
}
