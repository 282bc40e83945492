package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.NtStatus;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The outcome of something that was started, and the one who hears of it, once, whichever of the two comes first. */
final class LateStatus {

    private final AtomicBoolean told = new AtomicBoolean();
    private volatile @Nullable NtStatus status;
    private volatile @Nullable Consumer<NtStatus> listener;

    /** The outcome; null while there is none. */
    @Nullable
    NtStatus now() {
        return status;
    }

    /** Tells the outcome, on this thread if somebody listens already. */
    void set(NtStatus outcome) {
        this.status = outcome;
        tell();
    }

    /** Says who is to hear of the outcome, on this thread if there is one already. */
    void whenSet(Consumer<NtStatus> hears) {
        this.listener = hears;
        tell();
    }

    private void tell() {
        NtStatus outcome = status;
        Consumer<NtStatus> hears = listener;
        if (outcome != null && hears != null && told.compareAndSet(false, true)) {
            hears.accept(outcome);
        }
    }
}
