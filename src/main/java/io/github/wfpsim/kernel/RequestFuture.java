package io.github.wfpsim.kernel;

import io.github.wfpsim.machine.WaitedFuture;
import io.github.wfpsim.verifier.Fault;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future of a request, or what depends on one: nobody may wait for it in an event callback (WSKS-35), nor on the thread
 * that would have to complete it.
 */
class RequestFuture<T> extends WaitedFuture<T> {

    private final DriverIo io;

    RequestFuture(DriverIo io) {
        super(io.manager().waits(), "the end of a request");
        this.io = io;
    }

    final DriverIo io() {
        return io;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new RequestFuture<>(io);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        beforeWaiting();
        beforeWaitingForEver();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        beforeWaiting();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        beforeWaiting();
        beforeWaitingForEver();
        return super.join();
    }

    /** The thread that would wait is the one that completes requests, so the wait would never end. */
    private void beforeWaiting() {
        if (!isDone() && io.manager().isInEventCallback()) {
            io.fault(Fault.WAIT_IN_WSK_CALLBACK, "an event callback waited for the end of a request");
            throw new IllegalStateException(
                    "a request cannot be waited for in an event callback: go on in its completion");
        }
    }

    /** As above, where it is no fault: in what depends on another future. */
    private void beforeWaitingForEver() {
        if (!isDone() && io.manager().isOnDispatcher()) {
            throw new IllegalStateException(
                    "a request cannot be waited for on the dispatcher, which completes requests:"
                            + " chain with thenCompose, or wait on another thread");
        }
    }
}
