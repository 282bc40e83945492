package io.github.wfpsim.wfp;

import java.util.Objects;
import java.util.UUID;

/**
 * A vendor whose objects belong together, FWPM_PROVIDER0. Immutable.
 *
 * <p>Source: FWPM_PROVIDER0.
 *
 * @param key GUID
 * @param name for reports
 */
public record Provider(UUID key, String name) {

    /**
     * Checks the values.
     *
     * @param key GUID
     * @param name for reports
     */
    public Provider {
        Objects.requireNonNull(key, "key must not be null: give the provider's GUID");
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
    }
}
