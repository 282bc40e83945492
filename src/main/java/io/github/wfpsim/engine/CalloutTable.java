package io.github.wfpsim.engine;

import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.FwpsNotifyFn1;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The places of callouts by their GUID; a place stays once it was filled. */
final class CalloutTable {

    private final ConcurrentHashMap<UUID, CalloutSlot> slots = new ConcurrentHashMap<>();

    CalloutSlot slotFor(UUID calloutKey) {
        return slots.computeIfAbsent(calloutKey, CalloutSlot::new);
    }

    @Nullable
    CalloutSlot find(UUID calloutKey) {
        return slots.get(calloutKey);
    }

    /** Who has a callout registered now; null for nobody, and for the key null. */
    CalloutSlot.@Nullable Registration registered(@Nullable UUID calloutKey) {
        CalloutSlot slot = calloutKey == null ? null : slots.get(calloutKey);
        return slot == null ? null : slot.registration();
    }

    /** The run-time id of a callout; 0 while nobody has it registered. */
    int idOf(UUID calloutKey) {
        CalloutSlot.Registration registered = registered(calloutKey);
        return registered == null ? 0 : registered.id();
    }

    /**
     * Calls the notifyFn of a callout, if somebody has it registered with one. No lock is held.
     *
     * @return what notifyFn returned; STATUS_SUCCESS if there is none
     */
    NtStatus notify(UUID calloutKey, NotifyType notifyType, @Nullable UUID filterKey, ShownFilter filter) {
        CalloutSlot.Registration registered = registered(calloutKey);
        FwpsNotifyFn1 notifyFn = registered == null ? null : registered.notifyFn();
        if (registered == null || notifyFn == null) {
            return NtStatus.STATUS_SUCCESS;
        }
        NotifyCall call =
                new NotifyCall(registered.owner().verifier(), registered.owner().driver());
        int place = registered.running().enter(call);
        if (place == RunningCalls.CLOSED) {
            return NtStatus.STATUS_SUCCESS;
        }
        try {
            FwpsFilter lent = new LentFilter(call, filter);
            NtStatus answer = registered
                    .owner()
                    .call(
                            "notifyFn",
                            () -> Objects.requireNonNull(
                                    notifyFn.notify(notifyType, filterKey, lent),
                                    "notifyFn returned null: return an NtStatus"));
            return answer == null ? NtStatus.STATUS_UNSUCCESSFUL : answer;
        } finally {
            call.end();
            registered.running().leave(place);
        }
    }

    /** Names a filter for reports, and says if its callout is missing. */
    String describe(InstalledFilter filter) {
        UUID missing = missing(filter);
        return filter + (missing == null ? "" : ", whose callout {" + missing + "} is not registered,");
    }

    /** GUID of the callout that a filter names, if nobody has it registered now; else null. */
    @Nullable
    UUID missing(InstalledFilter filter) {
        UUID key = filter.definition().calloutKey();
        return key == null || registered(key) != null ? null : key;
    }

    /** Whether a callout is being unregistered. */
    boolean isLeaving(int calloutId) {
        for (CalloutSlot slot : slots.values()) {
            CalloutSlot.Registration leaving = slot.leaving();
            if (leaving != null && leaving.id() == calloutId) {
                return true;
            }
        }
        return false;
    }

    @Nullable
    CalloutSlot find(int calloutId) {
        for (CalloutSlot slot : slots.values()) {
            CalloutSlot.Registration registration = slot.registration();
            if (registration != null && registration.id() == calloutId) {
                return slot;
            }
        }
        return null;
    }
}
