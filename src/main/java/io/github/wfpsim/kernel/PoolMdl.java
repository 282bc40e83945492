package io.github.wfpsim.kernel;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.Mdl;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An MDL that is an allocation of its driver's pool, under tag {@code Mdl }. Safe for use by many threads.
 *
 * <p>Requirement: WSKS-28.
 */
final class PoolMdl implements Mdl {

    /** Pool tag of MDLs. */
    static final String TAG = "Mdl ";

    private final NonPagedBlock header;
    private final @Nullable NonPagedBlock block;
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
    PoolMdl(NonPagedBlock header, @Nullable NonPagedBlock block, ByteBuffer memory) {
        this.header = header;
        this.block = block;
        this.memory = memory;
    }

    @Override
    public int byteCount() {
        return memory.remaining();
    }

    @Override
    public @Nullable Mdl next() {
        return next;
    }

    @Override
    public void setNext(@Nullable Mdl following) {
        for (Mdl mdl = following; mdl != null; mdl = mdl.next()) {
            if (mdl == this) {
                throw new IllegalArgumentException("the chain would run in a circle: " + this + " comes again");
            }
        }
        this.next = following;
    }

    /** Finds the MDL behind what a driver gives. */
    static PoolMdl of(Mdl given) {
        if (given instanceof PoolMdl mdl) {
            return mdl;
        }
        Objects.requireNonNull(given, "mdl must not be null: allocate one with ioAllocateMdl");
        throw new IllegalArgumentException(given + " is no MDL of a driver: allocate one with ioAllocateMdl");
    }

    NonPagedBlock header() {
        return header;
    }

    @Nullable
    NonPagedBlock block() {
        return block;
    }

    @Override
    public ByteBuffer mappedSystemVa() {
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
