package io.github.wfpsim.proxy;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskFlags;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One direction of a session, as drivers write it: one buffer and one IRP, which goes round until the sender has ended.
 * Its completion routine only queues a work item, since requests must not be started from a completion routine.
 */
final class DriverRelay {

    /** Hands the IRP in; what it returns, the IRP's end tells too. */
    @FunctionalInterface
    private interface Call {
        NtStatus make(Irp irp);
    }

    private static final int BUFFER_BYTES = 16 * 1024;

    private final DriverProxy.Functions driver;
    private final Executor workItems;
    private final WskConnectionSocket from;
    private final WskConnectionSocket to;
    private final PoolBlock block;
    private final Mdl mdl;
    private final Irp irp;
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    DriverRelay(DriverProxy proxy, WskConnectionSocket from, WskConnectionSocket to) {
        this.driver = proxy.driver();
        this.workItems = proxy.workItems();
        this.from = from;
        this.to = to;
        this.block = driver.pool().allocate(BUFFER_BYTES, "Rely");
        this.mdl = driver.mm().ioAllocateMdl(block, BUFFER_BYTES);
        driver.mm().mmBuildMdlForNonPagedPool(mdl);
        this.irp = driver.io().ioAllocateIrp(1, false);
    }

    /** Relays; the future ends, always well, when this direction is over and its memory is given back. */
    CompletableFuture<Void> run() {
        receive();
        return over;
    }

    private void receive() {
        request(sent -> from.wskReceive(WskBuf.of(mdl), 0, sent), this::received);
    }

    private void received(IoStatus outcome) {
        if (!outcome.isSuccess()) {
            request(sent -> to.wskDisconnect(null, WskFlags.WSK_FLAG_ABORTIVE, sent), reset -> end());
        } else if (outcome.information() == 0) {
            request(sent -> to.wskDisconnect(null, 0, sent), disconnected -> end());
        } else {
            WskBuf data = new WskBuf(mdl, 0, outcome.information());
            request(sent -> to.wskSend(data, 0, sent), this::sent);
        }
    }

    private void sent(IoStatus outcome) {
        if (outcome.isSuccess()) {
            receive();
        } else {
            request(sent -> from.wskDisconnect(null, WskFlags.WSK_FLAG_ABORTIVE, sent), reset -> end());
        }
    }

    /** Hands the IRP in, and has its outcome looked at by a work item. */
    private void request(Call call, Consumer<IoStatus> workItem) {
        driver.io().ioReuseIrp(irp, NtStatus.STATUS_UNSUCCESSFUL);
        driver.io()
                .ioSetCompletionRoutine(
                        irp,
                        (device, completed, context) -> {
                            IoStatus outcome = completed.ioStatus();
                            workItems.execute(() -> workItem.accept(outcome));
                            return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                        },
                        null,
                        true,
                        true,
                        true);
        call.make(irp);
    }

    private void end() {
        driver.io().ioFreeIrp(irp);
        driver.mm().ioFreeMdl(mdl);
        block.free();
        over.complete(null);
    }
}
