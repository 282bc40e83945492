package io.github.wfpsim.chain;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The reader behind the integrity tag: whatever it is fed, it reads a record or says Malformed. */
@Timeout(60)
class RecordReaderFuzzTest {

    private static final int BLOBS = 100_000;
    private static final long SEED = 4242;

    @Test
    void readRecord_mutatedEntries_neverThrowsAnythingElse() {
        Random random = new Random(SEED);
        RecordWriter writer = new RecordWriter(Chains.random(random));
        byte[] entries = new byte[writer.size()];
        writer.write(ByteBuffer.wrap(entries));
        assertThatCode(() -> {
                    for (int i = 0; i < BLOBS; i++) {
                        byte[] copy = entries.clone();
                        for (int j = 0; j < 4; j++) {
                            copy[random.nextInt(copy.length)] = (byte) random.nextInt();
                        }
                        readAll(ByteBuffer.wrap(copy, 0, random.nextInt(copy.length + 1)));
                    }
                })
                .doesNotThrowAnyException();
    }

    private static void readAll(ByteBuffer entries) {
        RecordReader reader = new RecordReader(entries);
        try {
            while (!reader.isAtEnd()) {
                reader.readRecord();
            }
        } catch (RecordReader.Malformed expected) {
            return;
        }
    }
}
