package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One request, and, if it succeeds, another. */
final class RequestSequence implements SocketRequest {

    private final SocketRequest first;
    private final Supplier<SocketRequest> second;
    private volatile SocketRequest now;
    private volatile boolean cancelled;

    RequestSequence(SocketRequest first, Supplier<SocketRequest> second) {
        this.first = first;
        this.second = second;
        this.now = first;
    }

    @Override
    public NtStatus run() {
        NtStatus status = first.run();
        return status.isSuccess() ? second.get().run() : status;
    }

    @Override
    public void start(Consumer<NtStatus> told) {
        first.start(status -> firstEnded(status, told));
    }

    @Override
    public @Nullable NtStatus startUnlessRefused(Consumer<NtStatus> told) {
        NtStatus known = first.startUnlessRefused(status -> firstEnded(status, told));
        if (known == null || !known.isSuccess()) {
            return known;
        }
        goOn(told);
        return null;
    }

    private void firstEnded(NtStatus status, Consumer<NtStatus> told) {
        if (status.isSuccess()) {
            goOn(told);
        } else {
            told.accept(status);
        }
    }

    private void goOn(Consumer<NtStatus> told) {
        SocketRequest next = second.get();
        now = next;
        if (cancelled) {
            // Meanwhile, by a thread that cancelled the first one too late.
            next.cancel();
        }
        next.start(told);
    }

    @Override
    public void cancel() {
        cancelled = true;
        now.cancel();
    }
}
