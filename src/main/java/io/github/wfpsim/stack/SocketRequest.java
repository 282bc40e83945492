package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Something that is to be done on a socket: performed while the caller waits, or started and told of. Once. */
public interface SocketRequest {

    /**
     * Performs it, waiting as long as it takes; an interrupt ends it with STATUS_CANCELLED and stays set.
     *
     * @return the outcome
     */
    NtStatus run();

    /**
     * Starts it; it goes on on the dispatcher if it has to wait.
     *
     * @param told hears the outcome once, on this thread or on the one that ends it
     */
    void start(Consumer<NtStatus> told);

    /**
     * Starts it as {@link #start} does, unless there is nothing to start.
     *
     * @param told as for {@link #start}; hears nothing if a status is returned
     * @return null if it was started; else why not
     */
    @Nullable
    NtStatus startUnlessRefused(Consumer<NtStatus> told);

    /** Ends what was started with STATUS_CANCELLED, unless it is over or too far on; its end is told as always. */
    void cancel();

    /**
     * Puts another request behind this one.
     *
     * @param next makes the other one, if this one succeeds
     * @return both as one, which ends as the last that was performed; cancelling ends whichever runs
     */
    default SocketRequest then(Supplier<SocketRequest> next) {
        return new RequestSequence(this, next);
    }

    /** A request whose outcome is known without doing anything. */
    static SocketRequest answered(NtStatus status) {
        return new SocketRequest() {
            @Override
            public NtStatus run() {
                return status;
            }

            @Override
            public void start(Consumer<NtStatus> told) {
                told.accept(status);
            }

            @Override
            public NtStatus startUnlessRefused(Consumer<NtStatus> told) {
                return status;
            }

            @Override
            public void cancel() {}
        };
    }
}
