package io.github.wfpsim.driver;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A block of simulated non-paged pool, with the tag that it was allocated under.
 *
 * <p>A block is owned by its driver until it is freed or handed over to the engine as a redirect context; every use
 * after that is found. The size is declared in bytes and may exceed what a Java array holds: such a block
 * has a size but no memory behind it, which is enough to prove overflow handling.
 *
 * <p>Safe for use by many threads. Source: ExAllocatePool2 (WDK). Requirements: REC-28, REC-30, REC-31, WSK-22, WSK-38.
 */
public final class PoolBlock {

    /** Who may use or free a block. */
    public enum State {
        /** The driver that allocated it. */
        DRIVER_OWNED,
        /** WFP, since FwpsApplyModifiedLayerData0 took it over. */
        ENGINE_OWNED,
        /** Nobody: it has been given back. */
        FREED
    }

    /** Virtual machines give no array that is larger. */
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private static final AtomicReferenceFieldUpdater<PoolBlock, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(PoolBlock.class, State.class, "state");

    private static final AtomicIntegerFieldUpdater<PoolBlock> LOANS =
            AtomicIntegerFieldUpdater.newUpdater(PoolBlock.class, "loans");

    private final Pool pool;
    private final long size;
    private final String tag;
    private final byte @Nullable [] memory;
    private volatile State state = State.DRIVER_OWNED;

    /** How many pending requests work with the memory. */
    private volatile int loans;

    /** The neighbours among the live blocks of the pool, which guards them. */
    @Nullable
    PoolBlock older;

    @Nullable
    PoolBlock newer;

    PoolBlock(Pool pool, long size, String tag) {
        this.pool = pool;
        this.size = size;
        this.tag = tag;
        this.memory = size <= LARGEST_ARRAY ? new byte[(int) size] : null;
    }

    /**
     * Tells the size that was asked for.
     *
     * @return bytes
     */
    public long size() {
        return size;
    }

    /**
     * Tells the pool tag.
     *
     * @return four characters
     */
    public String tag() {
        return tag;
    }

    /**
     * Tells who owns the block.
     *
     * @return the owner
     */
    public State state() {
        return state;
    }

    /**
     * Writes to the block's memory, as a driver does through the pointer.
     *
     * @param offset where to write, in bytes from the start
     * @param bytes what to write
     * @throws IndexOutOfBoundsException if the range is outside the block
     * @throws io.github.wfpsim.verifier.FaultException {@code CONTEXT_USED_AFTER_TRANSFER} if the driver no longer
     *     owns the block
     */
    public void write(int offset, byte... bytes) {
        Objects.requireNonNull(bytes, "bytes must not be null: give what to write");
        if (state != State.DRIVER_OWNED) {
            pool.reportUseAfterTransfer(this, "written to");
            return;
        }
        if (memory == null || offset < 0 || bytes.length > memory.length - offset) {
            throw new IndexOutOfBoundsException(
                    "write of " + bytes.length + " bytes at " + offset + " does not fit " + this);
        }
        System.arraycopy(bytes, 0, memory, offset, bytes.length);
    }

    /**
     * Reads the block's memory.
     *
     * @return a read-only view; empty for a block without memory behind it
     */
    public ByteBuffer bytes() {
        return memory == null
                ? ByteBuffer.allocate(0).asReadOnlyBuffer()
                : ByteBuffer.wrap(memory).asReadOnlyBuffer();
    }

    /**
     * Lends the memory to a request until {@link #endLoan}. Called by the rooms that carry requests out.
     *
     * @return the memory, writable, empty for a block without memory behind it; null if the driver does not own the
     *     block
     */
    public @Nullable ByteBuffer lend() {
        LOANS.incrementAndGet(this);
        // Looked at after the count went up: a free that comes now sees the loan.
        if (state != State.DRIVER_OWNED) {
            LOANS.decrementAndGet(this);
            return null;
        }
        return memory();
    }

    /** Says that a request is done with the memory. Called once for each successful {@link #lend}. */
    public void endLoan() {
        LOANS.decrementAndGet(this);
    }

    /**
     * Tells whether a request works with the memory now.
     *
     * @return true between {@link #lend} and {@link #endLoan}
     */
    public boolean isLent() {
        return loans > 0;
    }

    /**
     * Hands out the block's memory, as the pointer does. What a driver does with it after it freed the block is not
     * found; {@link #write} finds it.
     *
     * @return a writable view; empty for a block without memory behind it
     */
    public ByteBuffer memory() {
        return memory == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(memory);
    }

    /**
     * Gives the block back, as ExFreePoolWithTag does.
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code POOL_DOUBLE_FREE} if it was freed before,
     *     {@code CONTEXT_USED_AFTER_TRANSFER} if WFP owns it, {@code BUFFER_FREED_WHILE_PENDING} if a request still
     *     works with it; it is freed then all the same
     */
    public void free() {
        if (STATE.compareAndSet(this, State.DRIVER_OWNED, State.FREED)) {
            pool.forget(this);
            if (loans > 0) {
                pool.reportFreeWhilePending(this);
            }
        } else {
            pool.reportBadFree(this);
        }
    }

    /**
     * Passes the block on to WFP. Called by the engine.
     *
     * @return true if the driver owned it until now
     */
    public boolean transferToEngine() {
        return STATE.compareAndSet(this, State.DRIVER_OWNED, State.ENGINE_OWNED);
    }

    /** Gives back a block that WFP owns. Called by the engine when the redirected flow is gone. */
    public void freeByEngine() {
        if (STATE.compareAndSet(this, State.ENGINE_OWNED, State.FREED)) {
            pool.forget(this);
        }
    }

    @Override
    public String toString() {
        return "pool block '" + tag + "' of " + size + " bytes (" + state + ")";
    }
}
