package io.github.wfpsim.irp;

import io.github.wfpsim.driver.PoolBlock;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Describes a piece of memory for a request, MDL; several make a chain. It is itself an allocation of its driver's pool,
 * under tag {@value #TAG}, and found as a leak there. Safe for use by many threads.
 *
 * <p>Source: MDL; Using MDLs (WDK). Requirement: WSKS-28.
 */
public final class Mdl {

    /** Pool tag of MDLs. */
    static final String TAG = "Mdl ";

    private final PoolBlock header;
    private final @Nullable PoolBlock block;
    private final ByteBuffer memory;
    private volatile boolean locked;
    private volatile @Nullable Mdl next;

    /**
     * Takes its parts.
     *
     * @param header the MDL's own allocation
     * @param block where the memory comes from, or null if it is not pool memory
     * @param memory the memory, exactly
     */
    Mdl(PoolBlock header, @Nullable PoolBlock block, ByteBuffer memory) {
        this.header = header;
        this.block = block;
        this.memory = memory;
    }

    /**
     * Tells the length of the memory that this MDL describes, MmGetMdlByteCount; those after it in the chain do not count.
     *
     * @return bytes, more than zero
     */
    public int byteCount() {
        return memory.remaining();
    }

    /**
     * Tells the MDL after this one, Mdl-&gt;Next.
     *
     * @return the MDL, or null at the end of the chain
     */
    public @Nullable Mdl next() {
        return next;
    }

    /**
     * Puts another MDL after this one. Each is freed on its own.
     *
     * @param following the MDL, or null to end the chain here
     * @throws IllegalArgumentException if the chain would run in a circle
     */
    public void setNext(@Nullable Mdl following) {
        for (Mdl mdl = following; mdl != null; mdl = mdl.next) {
            if (mdl == this) {
                throw new IllegalArgumentException("the chain would run in a circle: " + this + " comes again");
            }
        }
        this.next = following;
    }

    PoolBlock header() {
        return header;
    }

    @Nullable
    PoolBlock block() {
        return block;
    }

    /** A view of the memory with a position of its own. */
    ByteBuffer view() {
        return memory.duplicate();
    }

    boolean isReadOnly() {
        return memory.isReadOnly();
    }

    boolean isAllocated() {
        return header.state() == PoolBlock.State.DRIVER_OWNED;
    }

    boolean isLocked() {
        return locked;
    }

    void setLocked(boolean value) {
        this.locked = value;
    }

    /** Lends the MDL and its memory to a request; false if one of them is freed. */
    boolean lend() {
        if (header.lend() == null) {
            return false;
        }
        if (block == null || block.lend() != null) {
            return true;
        }
        header.endLoan();
        return false;
    }

    void endLoan() {
        header.endLoan();
        if (block != null) {
            block.endLoan();
        }
    }

    @Override
    public String toString() {
        return "MDL of " + byteCount() + " bytes" + (isAllocated() ? "" : " (freed)")
                + (block == null ? "" : " over " + block);
    }
}
