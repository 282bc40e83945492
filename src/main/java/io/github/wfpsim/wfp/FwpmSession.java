package io.github.wfpsim.wfp;

import java.util.Objects;

/**
 * How a client opens the engine, FWPM_SESSION0. Immutable.
 *
 * <p>Source: FWPM_SESSION0.
 *
 * @param name for reports
 * @param dynamic FWPM_SESSION_FLAG_DYNAMIC: what the session adds goes when it ends
 */
public record FwpmSession(String name, boolean dynamic) {

    /**
     * Checks the values.
     *
     * @param name for reports
     * @param dynamic whether its objects go with it
     */
    public FwpmSession {
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
    }

    /**
     * Describes a dynamic session.
     *
     * @param name for reports
     * @return the description
     */
    public static FwpmSession dynamic(String name) {
        return new FwpmSession(name, true);
    }
}
