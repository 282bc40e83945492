package io.github.wfpsim.trace;

/** Hears of each event as it happens. Implemented by users; runs on the emitting thread with no lock held. */
@FunctionalInterface
public interface TraceListener {

    /**
     * Hears of one event. An exception or failed assertion is logged and does not reach the simulated call.
     *
     * @param entry the event with its place in the order
     */
    void onEvent(TraceLog.Entry entry);
}
