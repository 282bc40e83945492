package io.github.wfpsim.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;
import java.util.zip.CRC32;

/** The bytes of one direction of one exchange: a function of number and offset, so that both ends know them. */
final class Payload {

    private static final int MASK = (1 << 20) - 1;
    private static final int CHUNK_BYTES = 16_384;
    private static final byte[] NOISE = noise();

    private final int start;

    private Payload(int start) {
        this.start = start;
    }

    static Payload request(Plan plan) {
        return new Payload((int) (plan.number() * 7919) & MASK);
    }

    static Payload response(Plan plan) {
        return new Payload((int) (plan.number() * 104_729 + 1) & MASK);
    }

    private static byte[] noise() {
        byte[] bytes = new byte[MASK + 1 + CHUNK_BYTES];
        new Random(1).nextBytes(bytes);
        // What lies behind the end repeats the start, so that a chunk never has to be put together.
        System.arraycopy(bytes, 0, bytes, MASK + 1, CHUNK_BYTES);
        return bytes;
    }

    /** Sends the first bytes; the checksum of what was sent. */
    Checksum send(OutputStream out, int count) throws IOException {
        Checksum sent = new Checksum();
        while (sent.bytes < count) {
            int chunk = Math.min(CHUNK_BYTES, count - sent.bytes);
            int from = (start + sent.bytes) & MASK;
            out.write(NOISE, from, chunk);
            sent.add(NOISE, from, chunk);
        }
        return sent;
    }

    /** Reads to the end, or until enough has come; adds to the checksum of what came, which survives a failure. */
    static void receive(InputStream in, int most, Checksum got) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        while (got.bytes < most) {
            int count = in.read(chunk, 0, Math.min(CHUNK_BYTES, most - got.bytes));
            if (count < 0) {
                return;
            }
            got.add(chunk, 0, count);
        }
    }

    /** The checksum of the first bytes as they were meant. */
    private long expected(int count) {
        Checksum meant = new Checksum();
        while (meant.bytes < count) {
            int chunk = Math.min(CHUNK_BYTES, count - meant.bytes);
            meant.add(NOISE, (start + meant.bytes) & MASK, chunk);
        }
        return meant.crc();
    }

    /** Whether what came is what was sent, as far as it came. */
    boolean isPrefix(Checksum got) {
        return got.crc() == expected(got.bytes);
    }

    /** CRC-32 and length of bytes that went through. */
    static final class Checksum {

        private final CRC32 crc = new CRC32();
        private int bytes;

        void add(byte[] data, int from, int count) {
            crc.update(data, from, count);
            bytes += count;
        }

        long crc() {
            return crc.getValue();
        }

        int bytes() {
            return bytes;
        }
    }
}
