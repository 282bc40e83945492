package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request with an IRP of its own, as a future. The IRP is freed by the last of those who use it: the completion, and
 * threads that cancel just then.
 */
final class IrpFuture<T> extends RequestFuture<T> implements IoCompletionRoutine {

    /** What the future is to carry; what it throws ends the future. */
    @FunctionalInterface
    interface Result<T> {
        T of(IoStatus outcome, @Nullable Object informationPointer);
    }

    private final Packet irp;
    private final Result<T> result;
    private final AtomicInteger users = new AtomicInteger(1);

    IrpFuture(DriverIo io, int stackSize, Result<T> result) {
        super(io);
        this.result = result;
        this.irp = io.allocate(stackSize);
    }

    /** Makes the call; what it throws ends the future. */
    IrpFuture<T> send(Function<? super Irp, NtStatus> call) {
        io().ioSetCompletionRoutine(irp, this, null, true, true, true);
        try {
            NtStatus status = Objects.requireNonNull(call.apply(irp), "the call returned no status");
            if (!irp.wasClaimed()) {
                end(() -> carry(new IoStatus(status, 0), null));
            }
        } catch (RuntimeException | Error failure) {
            if (irp.wasClaimed()) {
                // The completion frees the IRP, but the caller learns at once.
                completeExceptionally(failure);
            } else {
                end(() -> completeExceptionally(failure));
            }
        }
        return this;
    }

    @Override
    public NtStatus completed(@Nullable DeviceObject device, Irp completed, @Nullable Object context) {
        return ended(completed, () -> {});
    }

    /** The IRP is back: frees it, and says so before the future ends. */
    NtStatus ended(Irp completed, Runnable whenFreed) {
        IoStatus outcome = completed.ioStatus();
        Object pointer = completed.informationPointer();
        end(() -> {
            whenFreed.run();
            if (outcome.status() == NtStatus.STATUS_CANCELLED) {
                super.cancel(false);
            } else {
                carry(outcome, pointer);
            }
        });
        return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
    }

    private void carry(IoStatus outcome, @Nullable Object pointer) {
        T carried;
        try {
            carried = result.of(outcome, pointer);
        } catch (RuntimeException failure) {
            completeExceptionally(failure);
            return;
        }
        complete(carried);
    }

    /** Frees the IRP first, so that whoever waits for the future finds it gone. */
    private void end(Runnable outcome) {
        try {
            release();
        } finally {
            outcome.run();
        }
    }

    private void release() {
        if (users.decrementAndGet() == 0) {
            io().ioFreeIrp(irp);
        }
    }

    /** Asks for cancellation. The future ends when the IRP does, as cancelled if the request was in time. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (users.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
            return false;
        }
        try {
            return io().ioCancelIrp(irp);
        } finally {
            release();
        }
    }
}
