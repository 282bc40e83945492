package io.github.wfpsim.redirect;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Derives damaged records from good ones, so that a proxy's handling of refusals can be tested while the layout stays
 * free to change (REC-07). Immutable; safe for use by many threads.
 */
public final class RecordForge {

    private final RedirectRecordCodec codec;

    RecordForge(RedirectRecordCodec codec) {
        this.codec = codec;
    }

    /**
     * Changes one byte.
     *
     * @param blob a good record; not changed
     * @param index which byte
     * @return a copy with that byte inverted
     * @throws IndexOutOfBoundsException if the record has no such byte
     */
    public byte[] flipByte(byte[] blob, int index) {
        byte[] copy = requireBlob(blob).clone();
        copy[index] = (byte) ~copy[index];
        return copy;
    }

    /**
     * Cuts bytes off the end.
     *
     * @param blob a good record; not changed
     * @param bytes how many
     * @return the rest
     * @throws IllegalArgumentException if the record has fewer bytes
     */
    public byte[] cutTail(byte[] blob, int bytes) {
        if (bytes < 0 || bytes > requireBlob(blob).length) {
            throw new IllegalArgumentException("cannot cut " + bytes + " bytes off " + blob.length);
        }
        return Arrays.copyOf(blob, blob.length - bytes);
    }

    /**
     * Appends bytes.
     *
     * @param blob a good record; not changed
     * @param tail what to append
     * @return the longer copy
     */
    public byte[] append(byte[] blob, byte... tail) {
        Objects.requireNonNull(tail, "tail must not be null: give the bytes to append");
        byte[] copy = Arrays.copyOf(requireBlob(blob), blob.length + tail.length);
        System.arraycopy(tail, 0, copy, blob.length, tail.length);
        return copy;
    }

    /**
     * Makes the inner lengths add up to more than 32 bits.
     *
     * @param blob a good record; not changed
     * @return the copy
     */
    public byte[] overflowInnerLength(byte[] blob) {
        return RedirectRecordCodec.withEntriesLength(requireBlob(blob), -1);
    }

    /**
     * Issues the same chain for another process, with a valid tag.
     *
     * @param blob a good record of this machine; not changed
     * @param pid the process
     * @return the record
     * @throws IllegalArgumentException if the record is not a good one of this machine
     */
    public byte[] retarget(byte[] blob, int pid) {
        RedirectChain chain = read(blob);
        RedirectRecord newest = Objects.requireNonNull(chain.newest());
        return codec.encode(chain.replaceNewest(new RedirectRecord(
                        newest.id(),
                        newest.handleId(),
                        newest.providerId(),
                        pid,
                        newest.originPid(),
                        newest.originalAppId(),
                        newest.originalDestination(),
                        newest.redirectedTo(),
                        newest.lineage(),
                        newest.hopDepth(),
                        newest.local())))
                .clone();
    }

    /**
     * Issues the same chain as another machine would.
     *
     * @param blob a good record of this machine; not changed
     * @return the record
     * @throws IllegalArgumentException if the record is not a good one of this machine
     */
    public byte[] reissueElsewhere(byte[] blob) {
        return new RedirectRecordCodec(codec.minimumRecordSize())
                .encode(read(blob))
                .clone();
    }

    private RedirectChain read(byte[] blob) {
        RedirectRecordCodec.Decoded decoded = codec.decode(ByteBuffer.wrap(requireBlob(blob)), blob.length);
        if (decoded.verdict() != RedirectRecordCodec.Verdict.INTACT) {
            throw new IllegalArgumentException(
                    "start from a record of this machine, not from one that is " + decoded.verdict());
        }
        return decoded.chain();
    }

    private static byte[] requireBlob(byte[] blob) {
        return Objects.requireNonNull(blob, "blob must not be null: query a record first");
    }
}
