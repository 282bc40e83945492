package io.github.wfpsim.chain;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The chains whose blobs a codec made last. A blob that equals one of them byte for byte needs no further proof, and its
 * chain need not be read again: a proxy sets what it has queried a moment before. Safe for use by many threads; of two
 * blobs that share a place the later one stays.
 */
final class IssuedRecords {

    private static final int PLACES = 256;

    private final AtomicReferenceArray<@Nullable RedirectChain> places = new AtomicReferenceArray<>(PLACES);

    void add(RedirectChain chain, byte[] blob) {
        if (!chain.isEmpty()) {
            // A blob without records is never taken for a good one.
            places.setRelease(placeOf(blob[blob.length - 1]), chain);
        }
    }

    /** The chain whose blob stands at this place of a buffer, if it is one of the last. */
    @Nullable
    RedirectChain find(ByteBuffer buffer, int start, int length) {
        RedirectChain chain = places.getAcquire(placeOf(buffer.get(start + length - 1)));
        byte[] blob = chain == null ? null : chain.wireForm();
        boolean same =
                blob != null && blob.length == length && ByteBuffer.wrap(blob).equals(buffer.slice(start, length));
        return same ? chain : null;
    }

    /** The last byte is one of the integrity tag, as good as random. */
    private static int placeOf(byte last) {
        return Byte.toUnsignedInt(last);
    }
}
