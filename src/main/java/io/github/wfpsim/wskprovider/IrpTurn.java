package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.stack.RequestTurn;
import org.jspecify.annotations.Nullable;

/** An IRP's request that waits for its turn at a socket. */
abstract class IrpTurn extends RequestTurn<IoStatus> {

    private final KernelSocket socket;
    private final IrpRequest request;

    IrpTurn(KernelSocket socket, IrpRequest request) {
        super(request);
        this.socket = socket;
        this.request = request;
    }

    /** What Information points to, or null. */
    @Nullable
    Object created() {
        return null;
    }

    final KernelSocket socket() {
        return socket;
    }

    /** Hands the outcome of an attempt to the request that {@link IrpRequest#run} completes. */
    final IoStatus deliver(IoStatus outcome) {
        Object created = created();
        if (created != null) {
            request.pointTo(created);
        }
        return outcome;
    }

    @Override
    protected final void end(IoStatus outcome) {
        request.finish(outcome.status(), outcome.information(), created());
    }

    @Override
    protected final void giveUp() {
        request.finish(NtStatus.STATUS_UNSUCCESSFUL, 0, null);
    }

    @Override
    protected final boolean isClosed() {
        return socket.isClosing();
    }
}
