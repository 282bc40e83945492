package io.github.wfpsim.irp;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.verifier.Fault;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The functions about memory descriptor lists that a driver calls, one object for each driver. Safe for use by many threads.
 *
 * <p>What is freed or unlocked while a request works with it raises {@code BUFFER_FREED_WHILE_PENDING}.
 *
 * <p>Source: Using MDLs (WDK). Requirements: WSK-22, WSK-38, WSKS-28.
 */
public final class Mm {

    /** What a request is going to do with locked memory, LOCK_OPERATION. */
    public enum LockOperation {
        /** Read it. */
        IO_READ_ACCESS,
        /** Write to it. */
        IO_WRITE_ACCESS,
        /** Both. */
        IO_MODIFY_ACCESS
    }

    /** sizeof(MDL), before the numbers of its pages. */
    private static final int MDL_SIZE = 48;

    private static final int PAGE_SIZE = 4096;
    private static final int PAGE_NUMBER_SIZE = 8;

    private final IoManager manager;
    private final LoadedDriver driver;

    /**
     * Creates the functions of one driver. Called by the root.
     *
     * @param manager what the machine's requests share
     * @param driver who calls
     */
    public Mm(IoManager manager, LoadedDriver driver) {
        this.manager = Objects.requireNonNull(manager, "manager must not be null");
        this.driver = Objects.requireNonNull(driver, "driver must not be null");
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
    public Mdl ioAllocateMdl(PoolBlock virtualAddress, int length) {
        Objects.requireNonNull(virtualAddress, "virtualAddress must not be null: give a pool block");
        return allocate(virtualAddress, virtualAddress.memory(), length);
    }

    /**
     * Describes memory that is not from the pool, IoAllocateMdl, as {@link #ioAllocateMdl(PoolBlock, int)}.
     *
     * @param virtualAddress the memory, from its position on
     * @param length how many bytes, more than zero
     * @return the MDL, not locked
     * @throws IllegalArgumentException if the buffer has fewer bytes
     * @throws IllegalStateException if the driver is unloaded
     */
    public Mdl ioAllocateMdl(ByteBuffer virtualAddress, int length) {
        Objects.requireNonNull(virtualAddress, "virtualAddress must not be null: give the memory");
        return allocate(null, virtualAddress, length);
    }

    private Mdl allocate(@Nullable PoolBlock block, ByteBuffer memory, int length) {
        if (length <= 0 || length > memory.remaining()) {
            throw new IllegalArgumentException(
                    "length must be 1 to " + memory.remaining() + ", the bytes of the memory, but was " + length);
        }
        long pages = (length - 1L) / PAGE_SIZE + 1;
        PoolBlock header = driver.pool().allocate(MDL_SIZE + pages * PAGE_NUMBER_SIZE, Mdl.TAG);
        return new Mdl(header, block, memory.slice().limit(length));
    }

    /**
     * Makes an MDL of pool memory fit for requests, MmBuildMdlForNonPagedPool. <b>Simulated.</b> The pool is non-paged, so
     * there is nothing to unlock.
     *
     * @param mdl an MDL of a pool block
     * @throws IllegalArgumentException if its memory is not from the pool
     */
    public void mmBuildMdlForNonPagedPool(Mdl mdl) {
        if (requireMdl(mdl).block() == null) {
            throw new IllegalArgumentException(mdl + " is not of pool memory: call mmProbeAndLockPages");
        }
        mdl.setLocked(true);
    }

    /**
     * Locks memory so that requests can use it, MmProbeAndLockPages. <b>Simulated.</b> For memory that is not from the pool
     * up to APC_LEVEL. On Windows a refusal is an exception too.
     *
     * @param mdl the MDL
     * @param operation what requests will do
     * @throws IllegalArgumentException if the memory is read-only and is to be written
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}
     */
    public void mmProbeAndLockPages(Mdl mdl, LockOperation operation) {
        Objects.requireNonNull(operation, "operation must not be null: give IO_WRITE_ACCESS for what is received");
        Irql highest = requireMdl(mdl).block() == null ? Irql.APC_LEVEL : Irql.DISPATCH_LEVEL;
        if (!manager.irql().allows(highest, "MmProbeAndLockPages")) {
            return;
        }
        if (mdl.isReadOnly() && operation != LockOperation.IO_READ_ACCESS) {
            throw new IllegalArgumentException(mdl + " is read-only: lock it for IO_READ_ACCESS");
        }
        mdl.setLocked(true);
    }

    /**
     * Unlocks memory, MmUnlockPages. <b>Simulated.</b>
     *
     * @param mdl the MDL
     * @throws io.github.wfpsim.verifier.FaultException {@code BUFFER_FREED_WHILE_PENDING} if a request works with it; it is
     *     unlocked all the same
     */
    public void mmUnlockPages(Mdl mdl) {
        requireMdl(mdl).setLocked(false);
        if (mdl.header().isLent()) {
            manager.verifier()
                    .fault(
                            null,
                            Fault.BUFFER_FREED_WHILE_PENDING,
                            driver.name(),
                            mdl + " was unlocked while a request works with it");
        }
    }

    /**
     * Hands out the memory that an MDL describes, MmGetSystemAddressForMdlSafe. <b>Simulated.</b>
     *
     * @param mdl the MDL; those after it in the chain do not count
     * @return a view of its bytes
     */
    public ByteBuffer mmGetSystemAddressForMdlSafe(Mdl mdl) {
        return requireMdl(mdl).view();
    }

    /**
     * Gives an MDL back, but not the memory that it describes, IoFreeMdl. <b>Simulated.</b>
     *
     * @param mdl the MDL
     * @throws io.github.wfpsim.verifier.FaultException {@code BUFFER_FREED_WHILE_PENDING} if a request works with it; it is
     *     freed then all the same; {@code POOL_DOUBLE_FREE} if it was freed before
     */
    public void ioFreeMdl(Mdl mdl) {
        requireMdl(mdl).header().free();
    }

    private static Mdl requireMdl(Mdl mdl) {
        return Objects.requireNonNull(mdl, "mdl must not be null: allocate one with ioAllocateMdl");
    }
}
