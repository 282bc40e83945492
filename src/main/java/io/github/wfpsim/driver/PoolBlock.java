package io.github.wfpsim.driver;

import java.nio.ByteBuffer;

/**
 * A block of simulated non-paged pool, with the tag that it was allocated under.
 *
 * <p>A block is owned by its driver until it is freed or handed over to the engine as a redirect context; every use
 * after that is found. The size is declared in bytes and may exceed what a Java array holds: such a block
 * has a size but no memory behind it, which is enough to prove overflow handling.
 *
 * <p>Safe for use by many threads. Source: ExAllocatePool2 (WDK). Requirements: REC-28, REC-30, REC-31, WSK-22, WSK-38.
 */
public interface PoolBlock {

    /** Who may use or free a block. */
    enum State {
        /** The driver that allocated it. */
        DRIVER_OWNED,
        /** WFP, since FwpsApplyModifiedLayerData0 took it over. */
        ENGINE_OWNED,
        /** Nobody: it has been given back. */
        FREED
    }

    /** {@return the size that was asked for, in bytes} */
    long size();

    /** {@return the pool tag, four characters} */
    String tag();

    /** {@return who owns the block} */
    State state();

    /**
     * Writes to the block's memory, as a driver does through the pointer.
     *
     * @param offset where to write, in bytes from the start
     * @param bytes what to write
     * @throws IndexOutOfBoundsException if the range is outside the block
     * @throws io.github.wfpsim.verifier.FaultException {@code CONTEXT_USED_AFTER_TRANSFER} if the driver no longer
     *     owns the block
     */
    void write(int offset, byte... bytes);

    /** {@return a read-only view of the block's memory; empty for a block without memory behind it} */
    ByteBuffer bytes();

    /**
     * {@return a writable view of the block's memory, as through the pointer; empty for a block without memory behind
     * it} What a driver does with it after it freed the block is not found; {@link #write} finds it.
     */
    ByteBuffer memory();

    /**
     * Gives the block back, as ExFreePoolWithTag does.
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code POOL_DOUBLE_FREE} if it was freed before,
     *     {@code CONTEXT_USED_AFTER_TRANSFER} if WFP owns it, {@code BUFFER_FREED_WHILE_PENDING} if a request still
     *     works with it; it is freed then all the same
     */
    void free();
}
