package io.github.wfpsim.wfp;

import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The places of callouts by their GUID; a place stays once it was named, filled or not. */
final class CalloutTable {

    private final ConcurrentHashMap<UUID, CalloutSlot> slots = new ConcurrentHashMap<>();

    CalloutSlot slotFor(UUID calloutKey) {
        return slots.computeIfAbsent(calloutKey, CalloutSlot::new);
    }

    @Nullable
    CalloutSlot find(UUID calloutKey) {
        return slots.get(calloutKey);
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
