package io.github.wfpsim.abi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes with a length, FWP_BYTE_BLOB, the form of application ids and of the data of provider contexts. Two blobs are equal
 * if their bytes are. Immutable; safe for use by many threads.
 *
 * <p>Source: FWP_BYTE_BLOB. Requirements: WFP-12, WFP-92.
 */
public final class FwpByteBlob {

    private static final FwpByteBlob EMPTY = new FwpByteBlob(new byte[0]);

    private final byte[] bytes;
    private final int hash;

    private FwpByteBlob(byte... bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /**
     * Makes a blob of bytes.
     *
     * @param bytes the bytes, which are copied
     * @return the blob
     */
    public static FwpByteBlob of(byte... bytes) {
        Objects.requireNonNull(bytes, "bytes must not be null: give an empty array, or empty()");
        return bytes.length == 0 ? EMPTY : new FwpByteBlob(bytes.clone());
    }

    /** {@return the blob of no bytes, which is what an absent one is on Windows} */
    public static FwpByteBlob empty() {
        return EMPTY;
    }

    /**
     * Makes a blob of text as Windows keeps it in one: UTF-16, little-endian, with its terminating null.
     *
     * @param text the text, without the null
     * @return the blob
     */
    public static FwpByteBlob ofText(String text) {
        Objects.requireNonNull(text, "text must not be null: give an empty text");
        return new FwpByteBlob((text + '\0').getBytes(StandardCharsets.UTF_16LE));
    }

    /** {@return the number of bytes} */
    public int size() {
        return bytes.length;
    }

    /** {@return a copy of the bytes} */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** {@return the bytes, read only, in the byte order of Windows} */
    public ByteBuffer data() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@return the text that the bytes are in UTF-16, little-endian; without the terminating null, if there is one. An odd
     * byte at the end becomes U+FFFD}
     */
    public String text() {
        String all = new String(bytes, StandardCharsets.UTF_16LE);
        return all.endsWith("\0") ? all.substring(0, all.length() - 1) : all;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FwpByteBlob blob && hash == blob.hash && Arrays.equals(bytes, blob.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** {@return the size and the first bytes, for reports} */
    @Override
    public String toString() {
        StringBuilder shown =
                new StringBuilder("FwpByteBlob[").append(bytes.length).append(" bytes");
        for (int i = 0; i < Math.min(bytes.length, Long.BYTES); i++) {
            shown.append(i == 0 ? ": " : " ").append(String.format("%02x", bytes[i]));
        }
        return shown.append(bytes.length > Long.BYTES ? " …]" : "]").toString();
    }
}
