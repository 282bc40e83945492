package io.github.wfpsim.irp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a chain of MDLs, WSK_BUF. Immutable; reading and writing move bytes of the memory described, without any
 * order between threads but that of the hand-over of the IRP.
 *
 * <p>Source: WSK_BUF (WDK). Requirement: WSKS-28.
 *
 * @param mdl first MDL of the chain; null only for an empty stretch
 * @param offset where the stretch starts in the first MDL, in bytes
 * @param length bytes, 0 for an empty stretch
 */
public record WskBuf(@Nullable Mdl mdl, int offset, long length) {

    /**
     * Checks that the chain covers the stretch.
     *
     * @param mdl first MDL of the chain
     * @param offset where the stretch starts in the first MDL
     * @param length bytes
     * @throws IllegalArgumentException if it does not
     */
    public WskBuf {
        if (length < 0 || offset < 0) {
            throw new IllegalArgumentException("offset and length must not be negative: " + offset + ", " + length);
        }
        if (mdl == null && (length > 0 || offset > 0)) {
            throw new IllegalArgumentException("mdl must not be null for " + length + " bytes at " + offset);
        }
        if (mdl != null && offset > mdl.byteCount()) {
            throw new IllegalArgumentException("offset " + offset + " is outside the first " + mdl);
        }
        boolean tooLong = length > Long.MAX_VALUE - offset;
        if (mdl != null && (tooLong || covered(mdl, offset + length) < offset + length)) {
            throw new IllegalArgumentException("the chain has fewer than " + length + " bytes from " + offset + " on");
        }
    }

    /** Bytes of the chain, counted until they are enough. */
    private static long covered(Mdl first, long enough) {
        long bytes = 0;
        for (Mdl mdl = first; mdl != null && bytes < enough; mdl = mdl.next()) {
            bytes += mdl.byteCount();
        }
        return bytes;
    }

    /**
     * Describes the whole of a chain.
     *
     * @param mdl its first MDL
     * @return the stretch
     */
    public static WskBuf of(Mdl mdl) {
        Objects.requireNonNull(mdl, "mdl must not be null: allocate one with ioAllocateMdl");
        long length = 0;
        for (Mdl each = mdl; each != null; each = each.next()) {
            length += each.byteCount();
        }
        return new WskBuf(mdl, 0, length);
    }

    /**
     * Copies bytes out.
     *
     * @param from where to start, in bytes from the start of the stretch
     * @param into takes as many as it has room for and the stretch has left
     * @return how many were copied
     * @throws IndexOutOfBoundsException if the start is outside the stretch
     * @throws IllegalArgumentException if the target is read-only
     */
    public int read(long from, ByteBuffer into) {
        Objects.requireNonNull(into, "into must not be null: give a buffer with room");
        requireWritable(into.isReadOnly(), "into");
        int before = into.position();
        eachPiece(from, into.remaining(), into::put);
        return into.position() - before;
    }

    /**
     * Copies bytes in.
     *
     * @param to where to start, in bytes from the start of the stretch
     * @param from gives as many as it has and the stretch has room for
     * @return how many were copied
     * @throws IndexOutOfBoundsException if the start is outside the stretch
     * @throws IllegalArgumentException if memory of the chain is read-only
     */
    public int write(long to, ByteBuffer from) {
        Objects.requireNonNull(from, "from must not be null: give the bytes");
        for (Mdl each : mdls()) {
            requireWritable(each.mappedSystemVa().isReadOnly(), "the memory of " + each);
        }
        int before = from.position();
        eachPiece(to, from.remaining(), piece -> {
            ByteBuffer part = from.duplicate();
            part.limit(part.position() + piece.remaining());
            piece.put(part);
            from.position(part.position());
        });
        return from.position() - before;
    }

    /** {@return whether bytes can be copied in; false if memory of the stretch is read-only} */
    public boolean isWritable() {
        return mdls().stream().noneMatch(each -> each.mappedSystemVa().isReadOnly());
    }

    private static void requireWritable(boolean readOnly, String what) {
        if (readOnly) {
            throw new IllegalArgumentException(what + " is read-only: give writable memory");
        }
    }

    /** The MDLs that the stretch touches. */
    private List<Mdl> mdls() {
        List<Mdl> touched = new ArrayList<>();
        long missing = offset + length;
        for (Mdl each = mdl; each != null && missing > 0; each = each.next()) {
            touched.add(each);
            missing -= each.byteCount();
        }
        return touched;
    }

    @FunctionalInterface
    private interface Piece {
        void visit(ByteBuffer piece);
    }

    /** Visits the memory of some bytes of the stretch in order, through the chain as it is now. */
    private void eachPiece(long from, int most, Piece visitor) {
        if (from < 0 || from > length) {
            throw new IndexOutOfBoundsException("start " + from + " is outside the " + length + " bytes");
        }
        long left = Math.min(most, length - from);
        long skip = offset + from;
        for (Mdl each : mdls()) {
            int here = (int) Math.min(Math.max(each.byteCount() - skip, 0), left);
            if (here > 0) {
                int start = (int) skip;
                visitor.visit(each.mappedSystemVa().slice().position(start).limit(start + here));
            }
            skip = Math.max(skip - each.byteCount(), 0);
            left -= here;
        }
    }
}
