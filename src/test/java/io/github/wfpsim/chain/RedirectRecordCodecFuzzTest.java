package io.github.wfpsim.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.chain.RedirectRecordCodec.Verdict;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Feeds the codec what it did not issue; the seed makes a failure repeatable. */
@Timeout(120)
@Spec({"REC-06", "REC-37"})
class RedirectRecordCodecFuzzTest {

    private static final int MUTATIONS = 250_000;
    private static final int RANDOM_BLOBS = 100_000;
    private static final int LARGEST = 700;
    private static final int KEPT_GOOD_BLOBS = 50;
    private static final long SEED = 20_261_121;

    private final RedirectRecordCodec codec = new RedirectRecordCodec(0);
    private final Random random = new Random(SEED);

    @Test
    void decode_mutatedBlob_isNeverAcceptedAndNeverThrows() {
        byte[][] good = new byte[KEPT_GOOD_BLOBS][];
        for (int i = 0; i < good.length; i++) {
            good[i] = codec.encode(Chains.random(random));
        }
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] original = good[random.nextInt(good.length)];
            byte[] mutated = mutate(original, good[random.nextInt(good.length)]);
            if (!Arrays.equals(original, mutated)) {
                assertRefused(mutated, mutated.length);
            }
        }
    }

    @Test
    void decode_randomBlob_isNeverAcceptedAndNeverThrows() {
        for (int i = 0; i < RANDOM_BLOBS; i++) {
            byte[] blob = new byte[random.nextInt(LARGEST)];
            random.nextBytes(blob);
            assertRefused(blob, random.nextBoolean() ? blob.length : random.nextLong());
        }
    }

    private void assertRefused(byte[] blob, long declared) {
        RedirectRecordCodec.Decoded decoded = codec.decode(ByteBuffer.wrap(blob), declared);
        if (decoded.verdict() == Verdict.INTACT || !decoded.chain().isEmpty()) {
            assertThat(decoded).as("accepted %s", Arrays.toString(blob)).isNull();
        }
    }

    /** One to four of: bit, byte, length field, cut, growth, splice of another good blob. */
    private byte[] mutate(byte[] original, byte[] other) {
        byte[] blob = original.clone();
        int steps = 1 + random.nextInt(4);
        for (int i = 0; i < steps && blob.length > 0; i++) {
            int at = random.nextInt(blob.length);
            switch (random.nextInt(6)) {
                case 0 -> blob[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                case 1 -> blob[at] = (byte) random.nextInt();
                case 2 -> overwriteAWord(blob);
                case 3 -> blob = Arrays.copyOf(blob, at);
                case 4 -> blob = Arrays.copyOf(blob, blob.length + 1 + random.nextInt(64));
                default -> System.arraycopy(other, 0, blob, 0, Math.min(at, Math.min(blob.length, other.length)));
            }
        }
        return Arrays.equals(blob, other) ? original : blob;
    }

    private void overwriteAWord(byte[] blob) {
        int word = 4 * random.nextInt(10);
        if (word + 4 <= blob.length) {
            int small = random.nextInt(-4, blob.length + 4);
            ByteBuffer.wrap(blob).putInt(word, random.nextBoolean() ? small : random.nextInt());
        }
    }
}
