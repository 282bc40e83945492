package io.github.wfpsim.engine;

/** What WFP lends something to a driver for: a call of one of its functions, or a turn that goes on after it (WFP-19). */
interface Loan {

    /** Whether what was lent is gone. */
    boolean isOver();

    /** Raises the fault for something that was lent and is used after the end; always false. */
    boolean refuseStale(String object, String use);
}
