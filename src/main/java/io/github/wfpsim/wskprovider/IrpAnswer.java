package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.machine.LateOutcome;
import org.jspecify.annotations.Nullable;

/** How an operation of the stack that may end at once or later becomes the outcome of a request. */
final class IrpAnswer {

    private final IrpRequest request;
    private final Runnable cancelHook;
    private final LateOutcome<IoStatus> outcome = new LateOutcome<>();
    private volatile @Nullable Object pointer;
    private volatile long handle;

    /** Before the operation starts; the hook asks it to end. */
    IrpAnswer(IrpRequest request, Runnable cancelHook) {
        this.request = request;
        this.cancelHook = cancelHook;
    }

    /** What Information says and points to on success. */
    void pointsTo(Object created, long number) {
        this.pointer = created;
        this.handle = number;
    }

    /** The operation has ended. */
    void is(NtStatus status) {
        is(new IoStatus(status, status.isSuccess() ? handle : 0));
    }

    void is(IoStatus ended) {
        outcome.set(ended);
    }

    /** Starts the operation; whatever that throws, such as a callout's fault, the request ends as the operation does. */
    NtStatus startedBy(Runnable start) {
        boolean started = false;
        try {
            start.run();
            started = true;
        } finally {
            if (!started) {
                returned();
            }
        }
        return returned();
    }

    /** What the call returns, once the operation was started. */
    NtStatus returned() {
        IoStatus early = outcome.now();
        if (early != null && request.isInline()) {
            return completeInline(early);
        }
        NtStatus pending = request.pend(cancelHook);
        outcome.whenSet(this::finish);
        return pending;
    }

    private void finish(IoStatus ended) {
        if (request.take()) {
            request.finish(ended.status(), ended.information(), pointerOf(ended));
        }
    }

    private NtStatus completeInline(IoStatus ended) {
        return request.run(() -> {
            Object created = pointerOf(ended);
            if (created != null) {
                request.pointTo(created);
            }
            return ended;
        });
    }

    private @Nullable Object pointerOf(IoStatus ended) {
        return ended.status().isSuccess() ? pointer : null;
    }
}
