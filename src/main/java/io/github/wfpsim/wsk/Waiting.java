package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.IrpRequest;
import io.github.wfpsim.stack.Turns;
import org.jspecify.annotations.Nullable;

/** A request that waits for its turn at a socket. Buffers are touched only while nobody can complete it. */
abstract class Waiting implements Turns.Turn {

    private final SocketCore socket;
    private final IrpRequest request;

    Waiting(SocketCore socket, IrpRequest request) {
        this.socket = socket;
        this.request = request;
    }

    /** Does what can be done now; null if the socket is not ready to end the request. */
    abstract @Nullable IoStatus tryNow();

    /** What Information points to, or null. */
    @Nullable
    Object created() {
        return null;
    }

    final SocketCore socket() {
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
    public final boolean attempt() {
        if (!request.take()) {
            return true;
        }
        boolean done = false;
        try {
            IoStatus outcome = tryNow();
            done = true;
            if (outcome == null) {
                return giveBack();
            }
            request.finish(outcome.status(), outcome.information(), created());
            return true;
        } finally {
            if (!done) {
                request.finish(NtStatus.STATUS_UNSUCCESSFUL, 0, null);
            }
        }
    }

    private boolean giveBack() {
        request.giveBack();
        if (socket.isClosing()) {
            request.cancel();
        }
        return request.isOver();
    }
}
