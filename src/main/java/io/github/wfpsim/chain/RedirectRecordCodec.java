package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.redirect.RedirectRecord;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Makes the opaque blob of a chain, and a chain out of a blob that this machine issued. Used by the library only; no byte
 * of a blob is trusted before its tag has been checked, or the whole of it equals one that was made here. Safe for use by
 * many threads.
 *
 * <pre>
 *  offset  bytes  big-endian
 *       0      4  magic "WRR1"
 *       4      4  length of the entries
 *       8      4  length of the padding
 *      12      4  length of the tag, 32
 *      16      4  number of entries
 *      20      4  process that the newest redirect named
 *      24     16  identity of the issuing machine
 *      40      n  entries, then padding of zero bytes
 *    40+n     32  HMAC-SHA-256 of everything before it
 * </pre>
 *
 * <p>Requirements: REC-02 to REC-06, REC-37, REC-38.
 */
public final class RedirectRecordCodec {

    private static final int MAGIC = 0x57525231;
    private static final int ENTRIES_LENGTH_OFFSET = 4;
    private static final int PADDING_LENGTH_OFFSET = 8;
    private static final int TAG_LENGTH_OFFSET = 12;
    private static final int COUNT_OFFSET = 16;
    private static final int TARGET_OFFSET = 20;
    private static final int HOST_OFFSET = 24;
    private static final int HOST_BYTES = 16;
    private static final int HEADER_BYTES = 40;
    private static final int TAG_BYTES = 32;
    private static final int KEY_BYTES = 64;
    private static final long ULONG_MAX = 0xFFFF_FFFFL;

    /** What the codec finds about a blob. */
    public enum Verdict {
        /** Issued by this machine and unchanged. */
        INTACT,
        /** A length, or a sum of lengths, does not fit 32 bits. */
        LENGTH_OVERFLOW,
        /** Shorter or longer than it says. */
        TRUNCATED,
        /** Not laid out as a record. */
        MALFORMED,
        /** Issued by another machine. */
        FOREIGN_HOST,
        /** Its tag does not fit its content. */
        ALTERED
    }

    /**
     * What a blob says.
     *
     * @param verdict whether it can be trusted
     * @param chain the chain of an intact blob, else empty
     */
    public record Decoded(Verdict verdict, RedirectChain chain) {}

    private final int minimumRecordSize;
    private final byte[] host = new byte[HOST_BYTES];
    private final long hostHigh;
    private final long hostLow;
    // Has taken the key. A key before the text suffices, as the text begins with all lengths; an HMAC takes twice the
    // time.
    private final MessageDigest keyed;
    private final IssuedRecords issued = new IssuedRecords();

    /**
     * Creates the codec of one machine, with an identity and a key of its own.
     *
     * @param minimumRecordSize blobs are padded to this many bytes; 0 for none
     */
    public RedirectRecordCodec(int minimumRecordSize) {
        this.minimumRecordSize = minimumRecordSize;
        SecureRandom random = new SecureRandom();
        random.nextBytes(host);
        ByteBuffer identity = ByteBuffer.wrap(host);
        this.hostHigh = identity.getLong();
        this.hostLow = identity.getLong();
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        this.keyed = digestWith(key);
    }

    private static MessageDigest digestWith(byte[] key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(key);
            return digest;
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }

    /**
     * Makes the blob of a chain. It is made once and then handed out again.
     *
     * @param chain at least one redirect
     * @return the blob itself, not a copy: callers inside the library do not change it
     */
    public byte[] encode(RedirectChain chain) {
        Objects.requireNonNull(chain, "chain must not be null");
        byte[] made = chain.wireForm();
        if (made == null || !isOwn(made)) {
            made = write(chain);
            chain.setWireForm(made);
            issued.add(chain, made);
        }
        return made;
    }

    /** Asked before the blobs issued last: another machine may have made a blob of the same chain since. */
    private boolean isOwn(ByteBuffer bigEndian, int start) {
        return bigEndian.getLong(start + HOST_OFFSET) == hostHigh
                && bigEndian.getLong(start + HOST_OFFSET + Long.BYTES) == hostLow;
    }

    private boolean isOwn(byte[] blob) {
        return Arrays.equals(blob, HOST_OFFSET, HOST_OFFSET + HOST_BYTES, host, 0, HOST_BYTES);
    }

    private byte[] write(RedirectChain chain) {
        RecordWriter entries = new RecordWriter(chain);
        int bare = HEADER_BYTES + entries.size() + TAG_BYTES;
        int padding = Math.max(0, minimumRecordSize - bare);
        RedirectRecord newest = chain.newest();
        ByteBuffer blob = ByteBuffer.allocate(bare + padding)
                .putInt(MAGIC)
                .putInt(entries.size())
                .putInt(padding)
                .putInt(TAG_BYTES)
                .putInt(chain.size())
                .putInt(newest == null ? 0 : newest.targetPid())
                .put(host);
        entries.write(blob);
        int tagged = blob.capacity() - TAG_BYTES;
        blob.put(tagged, tagOf(blob.array(), tagged));
        return blob.array();
    }

    private byte[] tagOf(byte[] blob, int length) {
        try {
            MessageDigest digest = (MessageDigest) keyed.clone();
            digest.update(blob, 0, length);
            return digest.digest();
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError("the JDK's SHA-256 can be cloned", impossible);
        }
    }

    /**
     * Judges a blob and reads it if it is intact. Lengths are judged before integrity (REC-38).
     *
     * @param blob the bytes, from its position on, which is not moved; any kind of buffer
     * @param declaredLength their length as the caller declares it, unsigned
     * @return the verdict; never throws
     */
    public Decoded decode(ByteBuffer blob, long declaredLength) {
        Objects.requireNonNull(blob, "blob must not be null");
        if (Long.compareUnsigned(declaredLength, ULONG_MAX) > 0) {
            return refused(Verdict.LENGTH_OVERFLOW);
        }
        if (declaredLength > blob.remaining() || declaredLength < HEADER_BYTES + TAG_BYTES) {
            return refused(Verdict.TRUNCATED);
        }
        int start = blob.position();
        ByteBuffer bigEndian = blob.duplicate();
        long entries = Integer.toUnsignedLong(bigEndian.getInt(start + ENTRIES_LENGTH_OFFSET));
        long padding = Integer.toUnsignedLong(bigEndian.getInt(start + PADDING_LENGTH_OFFSET));
        long tag = Integer.toUnsignedLong(bigEndian.getInt(start + TAG_LENGTH_OFFSET));
        long total = HEADER_BYTES + entries + padding + tag;
        if (total > ULONG_MAX) {
            return refused(Verdict.LENGTH_OVERFLOW);
        }
        if (total != declaredLength || tag != TAG_BYTES) {
            return refused(Verdict.TRUNCATED);
        }
        RedirectChain known = isOwn(bigEndian, start) ? issued.find(blob, start, (int) declaredLength) : null;
        if (known != null) {
            return new Decoded(Verdict.INTACT, known);
        }
        byte[] own = new byte[(int) declaredLength];
        blob.get(start, own);
        return judge(own, (int) entries);
    }

    private Decoded judge(byte[] blob, int entries) {
        ByteBuffer view = ByteBuffer.wrap(blob);
        if (view.getInt(0) != MAGIC) {
            return refused(Verdict.MALFORMED);
        }
        if (!isOwn(blob)) {
            return refused(Verdict.FOREIGN_HOST);
        }
        int tagged = blob.length - TAG_BYTES;
        byte[] tag = new byte[TAG_BYTES];
        view.get(tagged, tag);
        if (!MessageDigest.isEqual(tag, tagOf(blob, tagged))) {
            return refused(Verdict.ALTERED);
        }
        return read(view.slice(HEADER_BYTES, entries), view.getInt(COUNT_OFFSET), view.getInt(TARGET_OFFSET));
    }

    private static Decoded read(ByteBuffer entries, int count, int targetPid) {
        try {
            RecordReader reader = new RecordReader(entries);
            List<RedirectRecord> records = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                records.add(reader.readRecord());
            }
            RedirectChain chain = RedirectChain.of(records.toArray(new RedirectRecord[0]));
            boolean consistent = reader.isAtEnd() && RedirectRights.isAddressedTo(chain, targetPid);
            return consistent ? new Decoded(Verdict.INTACT, chain) : refused(Verdict.MALFORMED);
        } catch (RecordReader.Malformed malformed) {
            return refused(Verdict.MALFORMED);
        }
    }

    private static Decoded refused(Verdict verdict) {
        return new Decoded(verdict, RedirectChain.empty());
    }

    /** {@return the test kit that damages blobs and knows this machine's key (REC-07)} */
    public RecordForge forge() {
        return new BlobForge(this);
    }

    int minimumRecordSize() {
        return minimumRecordSize;
    }

    static byte[] withEntriesLength(byte[] blob, int length) {
        if (blob.length < HEADER_BYTES) {
            throw new IllegalArgumentException("start from a record, not from " + blob.length + " bytes");
        }
        byte[] copy = blob.clone();
        ByteBuffer.wrap(copy).putInt(ENTRIES_LENGTH_OFFSET, length);
        return copy;
    }
}
