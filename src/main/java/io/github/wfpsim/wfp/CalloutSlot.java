package io.github.wfpsim.wfp;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The place of a callout key, filled while a driver has the callout registered. */
final class CalloutSlot {

    /** One registration, of either version; exactly one function is not null. */
    record Registration(
            int id,
            String driver,
            @Nullable ClassifyFn1 classifyFn1,
            @Nullable ClassifyFn0 classifyFn0) {}

    private final UUID key;
    private volatile @Nullable Registration registration;

    CalloutSlot(UUID key) {
        this.key = key;
    }

    UUID key() {
        return key;
    }

    @Nullable
    Registration registration() {
        return registration;
    }

    void setRegistration(@Nullable Registration value) {
        this.registration = value;
    }
}
