package io.github.wfpsim.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What one transaction has changed so far, and how to undo it. Guarded by the lock of the {@link PolicyStore}. */
final class PolicyTransaction {

    private final PolicySession session;
    private final boolean readOnly;
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final List<InstalledFilter> added = new ArrayList<>();
    private final List<InstalledFilter> deleted = new ArrayList<>();

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

    void undo() {
        undo.forEach(Runnable::run);
    }

    void add(InstalledFilter filter) {
        added.add(filter);
    }

    void delete(InstalledFilter filter) {
        deleted.add(filter);
    }

    /** The filters that were added, also those deleted since. */
    List<InstalledFilter> added() {
        return added;
    }

    /** The filters that were deleted. */
    List<InstalledFilter> deleted() {
        return deleted;
    }
}
