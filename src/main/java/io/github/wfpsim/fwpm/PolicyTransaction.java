package io.github.wfpsim.fwpm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What one transaction has changed so far, and how to undo it. Guarded by the lock of the {@link PolicyStore}. */
final class PolicyTransaction {

    private final PolicySession session;
    private final boolean readOnly;
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private final List<InstalledFilter> filters = new ArrayList<>();

    PolicyTransaction(PolicySession session, boolean readOnly) {
        this.session = session;
        this.readOnly = readOnly;
    }

    PolicySession session() {
        return session;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    void undoWith(Runnable step) {
        undo.push(step);
    }

    /** Notes what to do once the changes are in force. */
    void afterCommit(Runnable step) {
        afterCommit.add(step);
    }

    void committed() {
        afterCommit.forEach(Runnable::run);
    }

    void undo() {
        undo.forEach(Runnable::run);
    }

    /** Notes a filter that was added or deleted. */
    void touch(InstalledFilter filter) {
        filters.add(filter);
    }

    List<InstalledFilter> filters() {
        return filters;
    }
}
