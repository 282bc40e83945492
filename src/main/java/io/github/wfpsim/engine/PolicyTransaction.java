package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ChangeType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What one transaction has changed so far, and how to undo it. Guarded by the lock of the {@link PolicyStore}. */
final class PolicyTransaction {

    private final PolicySession session;
    private final boolean readOnly;
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final List<InstalledFilter> added = new ArrayList<>();
    private final List<InstalledFilter> deleted = new ArrayList<>();
    private final List<PolicyChange> changes = new ArrayList<>();

    /** Who has to be told of the changes, once they are in force. */
    private List<ChangeSubscription<?, ?>> noted = List.of();

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

    /** Notes what has happened to an object of any kind. */
    void changed(ChangeType type, Object object) {
        changes.add(new PolicyChange(type, object));
    }

    /** What others see of it: nothing of objects that came and went (WFP-139). */
    List<PolicyChange> changes() {
        Set<Object> added = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Object> passing = Collections.newSetFromMap(new IdentityHashMap<>());
        for (PolicyChange change : changes) {
            if (change.type() == ChangeType.FWPM_CHANGE_ADD) {
                added.add(change.object());
            } else if (added.contains(change.object())) {
                passing.add(change.object());
            }
        }
        return changes.stream()
                .filter(change -> !passing.contains(change.object()))
                .toList();
    }

    void noteFor(List<ChangeSubscription<?, ?>> subscriptions) {
        this.noted = subscriptions;
    }

    List<ChangeSubscription<?, ?>> noted() {
        return noted;
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
