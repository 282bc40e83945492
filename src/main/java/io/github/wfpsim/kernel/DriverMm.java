package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.verifier.Fault;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The functions about memory descriptor lists for one driver. Safe for use by many threads.
 *
 * <p>Requirements: WSK-22, WSK-38, WSKS-28.
 */
public final class DriverMm implements Mm {

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
    public DriverMm(IoManager manager, LoadedDriver driver) {
        this.manager = Objects.requireNonNull(manager, "manager must not be null");
        this.driver = Objects.requireNonNull(driver, "driver must not be null");
    }

    @Override
    public Mdl ioAllocateMdl(PoolBlock virtualAddress, int length) {
        Objects.requireNonNull(virtualAddress, "virtualAddress must not be null: give a pool block");
        return allocate(NonPagedBlock.of(virtualAddress), virtualAddress.memory(), length);
    }

    @Override
    public Mdl ioAllocateMdl(ByteBuffer virtualAddress, int length) {
        Objects.requireNonNull(virtualAddress, "virtualAddress must not be null: give the memory");
        return allocate(null, virtualAddress, length);
    }

    private PoolMdl allocate(@Nullable NonPagedBlock block, ByteBuffer memory, int length) {
        if (length <= 0 || length > memory.remaining()) {
            throw new IllegalArgumentException(
                    "length must be 1 to " + memory.remaining() + ", the bytes of the memory, but was " + length);
        }
        long pages = (length - 1L) / PAGE_SIZE + 1;
        PoolBlock header = driver.pool().allocate(MDL_SIZE + pages * PAGE_NUMBER_SIZE, PoolMdl.TAG);
        return new PoolMdl(NonPagedBlock.of(header), block, memory.slice().limit(length));
    }

    @Override
    public void mmBuildMdlForNonPagedPool(Mdl given) {
        PoolMdl mdl = PoolMdl.of(given);
        if (mdl.block() == null) {
            throw new IllegalArgumentException(mdl + " is not of pool memory: call mmProbeAndLockPages");
        }
        mdl.setLocked(true);
    }

    @Override
    public void mmProbeAndLockPages(Mdl given, LockOperation operation) {
        Objects.requireNonNull(operation, "operation must not be null: give IO_WRITE_ACCESS for what is received");
        PoolMdl mdl = PoolMdl.of(given);
        Irql highest = mdl.block() == null ? Irql.APC_LEVEL : Irql.DISPATCH_LEVEL;
        if (!manager.irql().allows(highest, "MmProbeAndLockPages")) {
            return;
        }
        if (mdl.isReadOnly() && operation != LockOperation.IO_READ_ACCESS) {
            throw new IllegalArgumentException(mdl + " is read-only: lock it for IO_READ_ACCESS");
        }
        mdl.setLocked(true);
    }

    @Override
    public void mmUnlockPages(Mdl given) {
        PoolMdl mdl = PoolMdl.of(given);
        mdl.setLocked(false);
        if (mdl.header().isLent()) {
            manager.verifier()
                    .fault(
                            null,
                            Fault.BUFFER_FREED_WHILE_PENDING,
                            driver.name(),
                            mdl + " was unlocked while a request works with it");
        }
    }

    @Override
    public ByteBuffer mmGetSystemAddressForMdlSafe(Mdl given) {
        return PoolMdl.of(given).mappedSystemVa();
    }

    @Override
    public void ioFreeMdl(Mdl given) {
        PoolMdl.of(given).header().free();
    }
}
