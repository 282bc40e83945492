package io.github.wfpsim.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads choices out of bytes that a fuzzer made; behind their end every choice is 0. */
final class FuzzInput {

    private static final int SMALL = 64;

    private final ByteBuffer bytes;

    FuzzInput(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes.clone());
    }

    boolean isEmpty() {
        return !bytes.hasRemaining();
    }

    int octet() {
        return bytes.hasRemaining() ? Byte.toUnsignedInt(bytes.get()) : 0;
    }

    boolean flag() {
        return (octet() & 1) != 0;
    }

    /** One of as many. */
    int below(int bound) {
        return octet() % bound;
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(below(choices.size()));
    }

    /** A size or a number: mostly small, but any 32 bits may come. */
    int number() {
        int first = octet();
        return first < 0xC0 ? first & (SMALL - 1) : (octet() << 24) | (octet() << 16) | (octet() << 8) | octet();
    }

    byte[] take(int count) {
        byte[] taken = new byte[Math.min(count, bytes.remaining())];
        bytes.get(taken);
        return taken;
    }

    byte[] rest() {
        return take(bytes.remaining());
    }

    /** Memory as a caller may give it: none, read-only, with a position, with some content. */
    @Nullable
    ByteBuffer memory(int most) {
        int shape = below(8);
        if (shape == 0) {
            return null;
        }
        byte[] content = Arrays.copyOf(take(below(SMALL)), shape == 1 ? 0 : below(most + 1));
        ByteBuffer memory = ByteBuffer.wrap(content);
        memory.position(shape == 2 ? content.length / 2 : 0);
        return shape == 3 ? memory.asReadOnlyBuffer() : memory;
    }
}
