package io.github.wfpsim.machine;

import io.github.wfpsim.host.Deadline;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that is waited for in a {@link WaitingLine}, and so are those that depend on it. Safe for use by many threads.
 *
 * @param <T> what it carries
 */
public class WaitedFuture<T> extends CompletableFuture<T> {

    private final Waits waits;
    private final String what;

    /**
     * Creates a future that is not done.
     *
     * @param waits where waits for it are listed
     * @param what what is waited for, such as "the end of a request"
     */
    public WaitedFuture(Waits waits, String what) {
        this.waits = Objects.requireNonNull(waits, "waits must not be null");
        this.what = Objects.requireNonNull(what, "what must not be null");
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new WaitedFuture<>(waits, what);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (!isDone()) {
            line().await(this::isDone, Deadline.NEVER, this::what);
        }
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        Objects.requireNonNull(unit, "unit must not be null: give a unit of time");
        if (!isDone()) {
            Patience patience = Patience.of(Duration.ofNanos(unit.toNanos(timeout)));
            if (!line().await(this::isDone, patience, this::what)) {
                throw new TimeoutException(what + " did not come within " + timeout + " " + unit);
            }
        }
        return super.get();
    }

    @Override
    public T join() {
        if (!isDone()) {
            line().awaitThroughInterrupts(this::isDone, this::what);
        }
        return super.join();
    }

    private String what() {
        return what;
    }

    /** A line that is woken when the future is done; made by who has to wait. */
    private WaitingLine line() {
        WaitingLine line = new WaitingLine(waits);
        CompletableFuture<T> unused = whenComplete((value, failure) -> line.wakeAll());
        return line;
    }
}
