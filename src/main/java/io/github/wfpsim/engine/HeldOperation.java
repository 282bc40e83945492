package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.CompletionContext;
import java.util.concurrent.atomic.AtomicBoolean;

/** An operation that a callout holds, from FwpsPendOperation0 to FwpsCompleteOperation0 (WFP-73). */
final class HeldOperation implements CompletionContext {

    private final long number;
    private final CalloutTurn turn;
    private final DriverObjects owner;
    private final AtomicBoolean completed = new AtomicBoolean();

    HeldOperation(long number, CalloutTurn turn, DriverObjects owner) {
        this.number = number;
        this.turn = turn;
        this.owner = owner;
    }

    long number() {
        return number;
    }

    CalloutTurn turn() {
        return turn;
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
