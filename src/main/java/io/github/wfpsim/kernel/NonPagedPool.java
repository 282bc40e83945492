package io.github.wfpsim.kernel;

import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The non-paged pool of one driver, with the list of its live blocks. Safe for use by many threads. */
final class NonPagedPool implements Pool {

    private final String driver;
    private final FaultRecorder verifier;
    /** Guards the list of live blocks and whether more may be added, so that none slips in behind the last look. */
    private final Object gate = new Object();

    private @Nullable NonPagedBlock oldest;
    private @Nullable NonPagedBlock newest;
    private boolean closed;

    NonPagedPool(String driver, FaultRecorder verifier) {
        this.driver = Objects.requireNonNull(driver, "driver must not be null: give the driver's file name");
        this.verifier = Objects.requireNonNull(verifier, "verifier must not be null");
    }

    @Override
    public NonPagedBlock allocate(long size, String tag) {
        Objects.requireNonNull(tag, "tag must not be null: give four characters such as \"rCtx\"");
        if (size <= 0) {
            throw new IllegalArgumentException("size must be positive but was " + size);
        }
        if (!isTag(tag)) {
            throw new IllegalArgumentException(
                    "tag must be four printable ASCII characters such as \"rCtx\" but was \"" + tag + "\"");
        }
        NonPagedBlock block = new NonPagedBlock(this, size, tag);
        synchronized (gate) {
            if (closed) {
                throw new IllegalStateException(driver + " is unloaded: allocate before the driver unloads");
            }
            NonPagedBlock before = newest;
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

    @Override
    public NonPagedBlock allocate(byte[] bytes, String tag) {
        Objects.requireNonNull(bytes, "bytes must not be null: give the content of the block");
        NonPagedBlock block = allocate(bytes.length, tag);
        block.write(0, bytes);
        return block;
    }

    @Override
    public List<PoolBlock> outstanding() {
        return List.copyOf(live());
    }

    private List<NonPagedBlock> live() {
        List<NonPagedBlock> live = new ArrayList<>();
        synchronized (gate) {
            for (NonPagedBlock block = oldest; block != null; block = block.newer) {
                live.add(block);
            }
        }
        return live;
    }

    /** Ends allocation and raises {@code POOL_LEAK} for each block that the driver still owns; returns these. */
    List<NonPagedBlock> close() {
        synchronized (gate) {
            closed = true;
        }
        List<NonPagedBlock> leaked = leaked();
        for (NonPagedBlock block : leaked) {
            verifier.faultLater(null, Fault.POOL_LEAK, driver, block + " was neither freed nor handed over");
        }
        return leaked;
    }

    /** The blocks that the driver still owns. */
    List<NonPagedBlock> leaked() {
        List<NonPagedBlock> leaked = new ArrayList<>();
        for (NonPagedBlock block : live()) {
            if (block.state() == NonPagedBlock.State.DRIVER_OWNED) {
                leaked.add(block);
            }
        }
        return leaked;
    }

    /** Takes a live block out. Called once for each. */
    void forget(NonPagedBlock block) {
        synchronized (gate) {
            NonPagedBlock before = block.older;
            NonPagedBlock after = block.newer;
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

    void reportUseAfterTransfer(NonPagedBlock block, String use) {
        verifier.fault(null, Fault.CONTEXT_USED_AFTER_TRANSFER, driver, block + " was " + use);
    }

    void reportFreeWhilePending(NonPagedBlock block) {
        verifier.fault(
                null, Fault.BUFFER_FREED_WHILE_PENDING, driver, block + " was freed while a request works with it");
    }

    void reportBadFree(NonPagedBlock block) {
        if (block.state() == NonPagedBlock.State.FREED) {
            verifier.fault(null, Fault.POOL_DOUBLE_FREE, driver, block + " was freed a second time");
        } else {
            reportUseAfterTransfer(block, "freed by the driver");
        }
    }
}
