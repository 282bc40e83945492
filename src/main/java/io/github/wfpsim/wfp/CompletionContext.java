package io.github.wfpsim.wfp;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An operation that a callout holds, from FwpsPendOperation0 to FwpsCompleteOperation0.
 *
 * <p>Safe for use by many threads. May be completed by any thread.
 *
 * <p>Source: FwpsPendOperation0. Requirement: WFP-73.
 */
public final class CompletionContext {

    private final long number;
    private final CalloutCall call;
    private final DriverObjects owner;
    private final AtomicBoolean completed = new AtomicBoolean();

    CompletionContext(long number, CalloutCall call, DriverObjects owner) {
        this.number = number;
        this.call = call;
        this.owner = owner;
    }

    long number() {
        return number;
    }

    CalloutCall call() {
        return call;
    }

    /** Who holds it, whoever completes it. */
    DriverObjects owner() {
        return owner;
    }

    /** Completes the operation; false if that was done before. */
    boolean complete() {
        return completed.compareAndSet(false, true);
    }

    @Override
    public String toString() {
        return "completion context #" + number + (completed.get() ? " (completed)" : "");
    }
}
