package io.github.wfpsim.stack;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection that asks to be let in, while its server thinks about it. The client's connect waits. */
public final class Inspection {

    private final HostSocket candidate;
    private final Consumer<Boolean> verdict;
    private final AtomicBoolean settled = new AtomicBoolean();
    private boolean aborted;
    private @Nullable Runnable whenAborted;

    Inspection(Endpoint candidate, Consumer<Boolean> verdict) {
        this.candidate = new HostSocket(candidate);
        this.verdict = verdict;
    }

    /** Where it comes in, as the server sees it. */
    public InetSocketAddress local() {
        return candidate.asOwnerSees(candidate.endpoint().local());
    }

    /** Where it comes from, as the server sees it. */
    public InetSocketAddress remote() {
        return candidate.asOwnerSees(Objects.requireNonNull(candidate.endpoint().remote()));
    }

    /** Lets it in or refuses it; only the first call counts. */
    public void settle(boolean letIn) {
        if (settled.compareAndSet(false, true)) {
            verdict.accept(letIn);
        }
    }

    /** Calls somebody if the client goes away before, at once if it has; once set only. */
    public void whenAborted(Runnable told) {
        synchronized (this) {
            if (!aborted) {
                whenAborted = told;
                return;
            }
        }
        told.run();
    }

    void abort() {
        Runnable told;
        synchronized (this) {
            aborted = true;
            told = whenAborted;
        }
        if (settled.compareAndSet(false, true) && told != null) {
            told.run();
        }
    }
}
