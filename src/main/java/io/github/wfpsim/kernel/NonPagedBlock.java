package io.github.wfpsim.kernel;

import io.github.wfpsim.driver.PoolBlock;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A block of simulated non-paged pool: what the driver sees of it, its loans to requests and its hand-over to WFP. Safe for
 * use by many threads.
 *
 * <p>Requirements: REC-28, REC-30, REC-31, WSK-22, WSK-38.
 */
public final class NonPagedBlock implements PoolBlock {

    /** Virtual machines give no array that is larger. */
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private static final AtomicReferenceFieldUpdater<NonPagedBlock, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(NonPagedBlock.class, State.class, "state");

    private static final AtomicIntegerFieldUpdater<NonPagedBlock> LOANS =
            AtomicIntegerFieldUpdater.newUpdater(NonPagedBlock.class, "loans");

    private final NonPagedPool pool;
    private final long size;
    private final String tag;
    private final byte @Nullable [] memory;
    private volatile State state = State.DRIVER_OWNED;

    /** How many pending requests work with the memory. */
    private volatile int loans;

    /** The neighbours among the live blocks of the pool, which guards them. */
    @Nullable
    NonPagedBlock older;

    @Nullable
    NonPagedBlock newer;

    NonPagedBlock(NonPagedPool pool, long size, String tag) {
        this.pool = pool;
        this.size = size;
        this.tag = tag;
        this.memory = size <= LARGEST_ARRAY ? new byte[(int) size] : null;
    }

    /**
     * Finds the block behind what a driver gives.
     *
     * @param given what {@link io.github.wfpsim.driver.Pool#allocate} made
     * @return the same
     * @throws IllegalArgumentException if it was made elsewhere
     */
    public static NonPagedBlock of(PoolBlock given) {
        if (given instanceof NonPagedBlock block) {
            return block;
        }
        Objects.requireNonNull(given, "block must not be null: allocate one from the driver's pool");
        throw new IllegalArgumentException(given + " is no block of a driver's pool: allocate one there");
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String tag() {
        return tag;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
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

    @Override
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

    /** {@return whether a request works with the memory now, between {@link #lend} and {@link #endLoan}} */
    public boolean isLent() {
        return loans > 0;
    }

    @Override
    public ByteBuffer memory() {
        return memory == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(memory);
    }

    @Override
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
