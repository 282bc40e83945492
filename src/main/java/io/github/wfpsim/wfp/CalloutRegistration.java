package io.github.wfpsim.wfp;

import java.util.Objects;
import java.util.UUID;

/**
 * A registered callout that is unregistered when closed. Safe for use by many threads.
 *
 * <p>Source: FwpsCalloutRegister; FwpsCalloutUnregisterById0. Requirement: WFP-32.
 */
public final class CalloutRegistration implements AutoCloseable {

    private final Fwps fwps;
    private final UUID calloutKey;
    private final int calloutId;

    /**
     * Ties a callout to the driver that registered it, with FwpsCalloutRegister1.
     *
     * @param fwps the driver's functions
     * @param calloutKey GUID of the callout
     * @param calloutId its run-time id
     */
    public CalloutRegistration(Fwps fwps, UUID calloutKey, int calloutId) {
        this.fwps = Objects.requireNonNull(fwps, "fwps must not be null: give the driver's");
        this.calloutKey = Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        this.calloutId = calloutId;
    }

    /** {@return the GUID that filters name} */
    public UUID calloutKey() {
        return calloutKey;
    }

    /** {@return the run-time id, which FwpsCalloutUnregisterById0 takes} */
    public int calloutId() {
        return calloutId;
    }

    /**
     * Unregisters the callout, unless that has been done; waits until its functions have returned that other threads run. Does
     * nothing inside one of its own functions and while flows have contexts of it.
     */
    @Override
    public void close() {
        fwps.fwpsCalloutUnregisterById0(calloutId);
    }

    @Override
    public String toString() {
        return "callout {" + calloutKey + "} #" + calloutId;
    }
}
