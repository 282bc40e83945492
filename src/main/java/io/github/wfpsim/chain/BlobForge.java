package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.redirect.RedirectRecord;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** The works of the forge: it writes blobs with the key of its machine. */
final class BlobForge implements RecordForge {

    private final RedirectRecordCodec codec;

    BlobForge(RedirectRecordCodec codec) {
        this.codec = codec;
    }

    @Override
    public byte[] flipByte(byte[] blob, int index) {
        byte[] copy = requireBlob(blob).clone();
        copy[index] = (byte) ~copy[index];
        return copy;
    }

    @Override
    public byte[] cutTail(byte[] blob, int bytes) {
        if (bytes < 0 || bytes > requireBlob(blob).length) {
            throw new IllegalArgumentException("cannot cut " + bytes + " bytes off " + blob.length);
        }
        return Arrays.copyOf(blob, blob.length - bytes);
    }

    @Override
    public byte[] append(byte[] blob, byte... tail) {
        Objects.requireNonNull(tail, "tail must not be null: give the bytes to append");
        byte[] copy = Arrays.copyOf(requireBlob(blob), blob.length + tail.length);
        System.arraycopy(tail, 0, copy, blob.length, tail.length);
        return copy;
    }

    @Override
    public byte[] overflowInnerLength(byte[] blob) {
        return RedirectRecordCodec.withEntriesLength(requireBlob(blob), -1);
    }

    @Override
    public byte[] retarget(byte[] blob, int pid) {
        RedirectChain chain = read(blob);
        RedirectRecord newest = Objects.requireNonNull(chain.newest());
        return codec.encode(chain.replaceNewest(new RedirectRecord(
                        newest.id(),
                        newest.handleId(),
                        newest.providerId(),
                        newest.driver(),
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

    @Override
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
