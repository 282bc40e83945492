package io.github.wfpsim.irp;

import io.github.wfpsim.driver.PoolBlock;
import java.nio.ByteBuffer;

/**
 * The functions about memory descriptor lists that a driver calls, one object for each driver. Safe for use by many threads.
 *
 * <p>What is freed or unlocked while a request works with it raises {@code BUFFER_FREED_WHILE_PENDING}.
 *
 * <p>Source: Using MDLs (WDK). Requirements: WSK-22, WSK-38, WSKS-28.
 */
public interface Mm {

    /** What a request is going to do with locked memory, LOCK_OPERATION. */
    enum LockOperation {
        /** Read it. */
        IO_READ_ACCESS,
        /** Write to it. */
        IO_WRITE_ACCESS,
        /** Both. */
        IO_MODIFY_ACCESS
    }

    /**
     * Describes pool memory, IoAllocateMdl. <b>Simulated</b> without secondary buffers and IRPs: chain by {@link
     * Mdl#setNext}. Free it with {@link #ioFreeMdl}.
     *
     * @param virtualAddress a block of the driver
     * @param length how many bytes of it from the start, more than zero
     * @return the MDL, not locked
     * @throws IllegalArgumentException if the block has fewer bytes or no memory behind it
     * @throws IllegalStateException if the driver is unloaded
     */
    Mdl ioAllocateMdl(PoolBlock virtualAddress, int length);

    /**
     * Describes memory that is not from the pool, IoAllocateMdl, as {@link #ioAllocateMdl(PoolBlock, int)}.
     *
     * @param virtualAddress the memory, from its position on
     * @param length how many bytes, more than zero
     * @return the MDL, not locked
     * @throws IllegalArgumentException if the buffer has fewer bytes
     * @throws IllegalStateException if the driver is unloaded
     */
    Mdl ioAllocateMdl(ByteBuffer virtualAddress, int length);

    /**
     * Makes an MDL of pool memory fit for requests, MmBuildMdlForNonPagedPool. <b>Simulated.</b> The pool is non-paged, so
     * there is nothing to unlock.
     *
     * @param mdl an MDL of a pool block
     * @throws IllegalArgumentException if its memory is not from the pool
     */
    void mmBuildMdlForNonPagedPool(Mdl mdl);

    /**
     * Locks memory so that requests can use it, MmProbeAndLockPages. <b>Simulated.</b> For memory that is not from the pool
     * up to APC_LEVEL. On Windows a refusal is an exception too.
     *
     * @param mdl the MDL
     * @param operation what requests will do
     * @throws IllegalArgumentException if the memory is read-only and is to be written
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}
     */
    void mmProbeAndLockPages(Mdl mdl, LockOperation operation);

    /**
     * Unlocks memory, MmUnlockPages. <b>Simulated.</b>
     *
     * @param mdl the MDL
     * @throws io.github.wfpsim.verifier.FaultException {@code BUFFER_FREED_WHILE_PENDING} if a request works with it; it is
     *     unlocked all the same
     */
    void mmUnlockPages(Mdl mdl);

    /**
     * Hands out the memory that an MDL describes, MmGetSystemAddressForMdlSafe. <b>Simulated.</b>
     *
     * @param mdl the MDL; those after it in the chain do not count
     * @return a view of its bytes
     */
    ByteBuffer mmGetSystemAddressForMdlSafe(Mdl mdl);

    /**
     * Gives an MDL back, but not the memory that it describes, IoFreeMdl. <b>Simulated.</b>
     *
     * @param mdl the MDL
     * @throws io.github.wfpsim.verifier.FaultException {@code BUFFER_FREED_WHILE_PENDING} if a request works with it; it is
     *     freed then all the same; {@code POOL_DOUBLE_FREE} if it was freed before
     */
    void ioFreeMdl(Mdl mdl);
}
