package io.github.wfpsim.irp;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The bytes of a {@link WskBuf} as the chain was at one moment, such as when a request was made: whoever links the MDLs
 * anew later changes nothing here. For the rooms of the library that carry requests out; drivers never see it.
 *
 * <p>Requirement: WSKS-28.
 */
public final class LentBuffer {

    private final List<Mdl> mdls;
    private final int offset;
    private final long length;

    LentBuffer(WskBuf buffer) {
        this.mdls = buffer.mdls();
        this.offset = buffer.offset();
        this.length = buffer.length();
    }

    List<Mdl> mdls() {
        return mdls;
    }

    /** {@return how many bytes there are} */
    public long length() {
        return length;
    }

    /** Whether the chain still has as many bytes as were said. */
    boolean isWhole() {
        return mdls.stream().mapToLong(Mdl::byteCount).sum() >= offset + length;
    }

    boolean isWritable() {
        return mdls.stream().noneMatch(Mdl::isReadOnly);
    }

    /**
     * Copies bytes out, as {@link WskBuf#read}.
     *
     * @param from where to start, in bytes from the start of the stretch
     * @param into takes as many as it has room for and the stretch has left
     * @return how many were copied
     */
    public int read(long from, ByteBuffer into) {
        int before = into.position();
        eachPiece(from, into.remaining(), into::put);
        return into.position() - before;
    }

    /**
     * Copies bytes in, as {@link WskBuf#write}.
     *
     * @param to where to start, in bytes from the start of the stretch
     * @param from gives as many as it has and the stretch has room for
     * @return how many were copied
     */
    public int write(long to, ByteBuffer from) {
        int before = from.position();
        eachPiece(to, from.remaining(), piece -> {
            ByteBuffer part = from.duplicate();
            part.limit(part.position() + piece.remaining());
            piece.put(part);
            from.position(part.position());
        });
        return from.position() - before;
    }

    @FunctionalInterface
    private interface Piece {
        void visit(ByteBuffer piece);
    }

    /** Visits the memory of some bytes of the stretch in order. */
    private void eachPiece(long from, int most, Piece visitor) {
        if (from < 0 || from > length) {
            throw new IndexOutOfBoundsException("start " + from + " is outside the " + length + " bytes");
        }
        long left = Math.min(most, length - from);
        long skip = offset + from;
        for (Mdl each : mdls) {
            int here = (int) Math.min(Math.max(each.byteCount() - skip, 0), left);
            if (here > 0) {
                int start = (int) skip;
                visitor.visit(each.view().slice().position(start).limit(start + here));
            }
            skip = Math.max(skip - each.byteCount(), 0);
            left -= here;
        }
    }
}
