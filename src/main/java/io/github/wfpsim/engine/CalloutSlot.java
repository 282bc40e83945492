package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.ClassifyFn0;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.FwpsFlowDeleteFn0;
import io.github.wfpsim.wfp.FwpsNotifyFn1;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The place of a callout key, filled while a driver has the callout registered. */
final class CalloutSlot {

    /** One registration, of either version; exactly one function is not null. */
    record Registration(
            int id,
            DriverObjects owner,
            @Nullable ClassifyFn1 classifyFn1,
            @Nullable ClassifyFn0 classifyFn0,
            @Nullable FwpsNotifyFn1 notifyFn,
            @Nullable FwpsFlowDeleteFn0 flowDeleteFn) {}

    private final UUID key;
    private final AtomicReference<@Nullable Registration> registration = new AtomicReference<>();

    CalloutSlot(UUID key) {
        this.key = key;
    }

    UUID key() {
        return key;
    }

    @Nullable
    Registration registration() {
        return registration.get();
    }

    /** Fills the slot; false if it is taken. */
    boolean fill(Registration taken) {
        return registration.compareAndSet(null, taken);
    }

    /** Clears the slot; false if it holds another registration by now. */
    boolean clear(Registration expected) {
        return registration.compareAndSet(expected, null);
    }
}
