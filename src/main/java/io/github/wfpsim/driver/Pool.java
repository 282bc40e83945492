package io.github.wfpsim.driver;

import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The non-paged pool as one driver sees it: what it allocated and has not given back.
 *
 * <p>Safe for use by many threads. Source: ExAllocatePool2 (WDK). Requirements: REC-28, REC-31.
 */
public final class Pool {

    private final String driver;
    private final FaultRecorder verifier;
    /** Guards the list of live blocks and whether more may be added, so that none slips in behind the last look. */
    private final Object gate = new Object();

    private @Nullable PoolBlock oldest;
    private @Nullable PoolBlock newest;
    private boolean closed;

    public Pool(String driver, FaultRecorder verifier) {
        this.driver = Objects.requireNonNull(driver, "driver must not be null: give the driver's file name");
        this.verifier = Objects.requireNonNull(verifier, "verifier must not be null");
    }

    /**
     * Allocates a zeroed block, as ExAllocatePool2 does.
     *
     * @param size bytes, more than zero
     * @param tag four characters that name the allocation in reports
     * @return the block, owned by the driver
     * @throws IllegalArgumentException if the size is not positive or the tag has not four printable ASCII characters
     * @throws IllegalStateException if the driver is unloaded
     */
    public PoolBlock allocate(long size, String tag) {
        Objects.requireNonNull(tag, "tag must not be null: give four characters such as \"rCtx\"");
        if (size <= 0) {
            throw new IllegalArgumentException("size must be positive but was " + size);
        }
        if (!isTag(tag)) {
            throw new IllegalArgumentException(
                    "tag must be four printable ASCII characters such as \"rCtx\" but was \"" + tag + "\"");
        }
        PoolBlock block = new PoolBlock(this, size, tag);
        synchronized (gate) {
            if (closed) {
                throw new IllegalStateException(driver + " is unloaded: allocate before the driver unloads");
            }
            PoolBlock before = newest;
            block.older = before;
            newest = block;
            if (before == null) {
                oldest = block;
            } else {
                before.newer = block;
            }
        }
        return block;
    }

    private static boolean isTag(String tag) {
        boolean printable = tag.length() == 4;
        for (int i = 0; printable && i < tag.length(); i++) {
            printable = tag.charAt(i) >= ' ' && tag.charAt(i) <= '~';
        }
        return printable;
    }

    /**
     * Allocates a block that holds a copy of some bytes.
     *
     * @param bytes the content, not empty
     * @param tag four characters that name the allocation in reports
     * @return the block, owned by the driver
     * @throws IllegalArgumentException if there are no bytes or the tag has not four printable ASCII characters
     * @throws IllegalStateException if the driver is unloaded
     */
    public PoolBlock allocate(byte[] bytes, String tag) {
        Objects.requireNonNull(bytes, "bytes must not be null: give the content of the block");
        PoolBlock block = allocate(bytes.length, tag);
        block.write(0, bytes);
        return block;
    }

    /**
     * Lists the blocks that are not freed, oldest first.
     *
     * @return blocks owned by the driver or by WFP
     */
    public List<PoolBlock> outstanding() {
        List<PoolBlock> outstanding = new ArrayList<>();
        synchronized (gate) {
            for (PoolBlock block = oldest; block != null; block = block.newer) {
                outstanding.add(block);
            }
        }
        return List.copyOf(outstanding);
    }

    /** Ends allocation and raises {@code POOL_LEAK} for each block that the driver still owns; returns these. */
    public List<PoolBlock> close() {
        synchronized (gate) {
            closed = true;
        }
        List<PoolBlock> leaked = leaked();
        for (PoolBlock block : leaked) {
            verifier.faultLater(null, Fault.POOL_LEAK, driver, block + " was neither freed nor handed over");
        }
        return leaked;
    }

    public List<PoolBlock> leaked() {
        List<PoolBlock> leaked = new ArrayList<>();
        for (PoolBlock block : outstanding()) {
            if (block.state() == PoolBlock.State.DRIVER_OWNED) {
                leaked.add(block);
            }
        }
        return leaked;
    }

    /** Takes a live block out. Called once for each. */
    void forget(PoolBlock block) {
        synchronized (gate) {
            PoolBlock before = block.older;
            PoolBlock after = block.newer;
            if (before == null) {
                oldest = after;
            } else {
                before.newer = after;
            }
            if (after == null) {
                newest = before;
            } else {
                after.older = before;
            }
            block.older = null;
            block.newer = null;
        }
    }

    void reportUseAfterTransfer(PoolBlock block, String use) {
        verifier.fault(null, Fault.CONTEXT_USED_AFTER_TRANSFER, driver, block + " was " + use);
    }

    void reportFreeWhilePending(PoolBlock block) {
        verifier.fault(
                null, Fault.BUFFER_FREED_WHILE_PENDING, driver, block + " was freed while a request works with it");
    }

    void reportBadFree(PoolBlock block) {
        if (block.state() == PoolBlock.State.FREED) {
            verifier.fault(null, Fault.POOL_DOUBLE_FREE, driver, block + " was freed a second time");
        } else {
            reportUseAfterTransfer(block, "freed by the driver");
        }
    }
}
