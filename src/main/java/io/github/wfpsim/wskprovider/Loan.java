package io.github.wfpsim.wskprovider;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wsk.SockaddrRef;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Memory of WSK that a driver may use until it is over: with the callback, or with WskRelease. */
final class Loan {

    private final WskClient client;
    private final List<PoolBlock> blocks = new ArrayList<>(0);
    private final List<Mdl> mdls = new ArrayList<>(0);
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean kept;

    Loan(WskClient client) {
        this.client = client;
    }

    /** Copies bytes into locked memory that lasts as long as this. Before the driver gets it only. */
    WskBuf copy(ByteBuffer bytes) {
        int size = bytes.remaining();
        PoolBlock block = client.provider().allocate(Math.max(1, size));
        block.memory().put(bytes);
        Mdl mdl = client.provider().mm().ioAllocateMdl(block, Math.max(1, size));
        client.provider().mm().mmBuildMdlForNonPagedPool(mdl);
        blocks.add(block);
        mdls.add(mdl);
        return new WskBuf(mdl, 0, size);
    }

    SockaddrRef address(InetSocketAddress address) {
        return new LentAddress(this, address);
    }

    /** The callback has returned, and the driver goes on having it. */
    void keep() {
        kept = true;
    }

    boolean isKept() {
        return kept;
    }

    /** Raises a fault if it is over. */
    void use(String what) {
        if (over.get()) {
            client.fault(Fault.STALE_REFERENCE, what + " was read after it was given back");
        }
    }

    /** Takes the memory back; false if it was before. */
    boolean end() {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        // One scope around all: a request that still works with one piece must not keep the others.
        try (FaultScope scope = client.stack().verifier().enter()) {
            mdls.forEach(client.provider().mm()::ioFreeMdl);
            blocks.forEach(PoolBlock::free);
        }
        return true;
    }
}
