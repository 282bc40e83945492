package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import java.util.Objects;
import java.util.UUID;

/**
 * A callout as management code adds it, FWPM_CALLOUT0: the GUID that filters name and a driver registers, in either
 * order. Immutable.
 *
 * <p>Source: FWPM_CALLOUT0. Requirement: WFP-33.
 *
 * @param calloutKey GUID
 * @param name for reports
 * @param applicableLayer where its filters sit
 */
public record FwpmCallout(UUID calloutKey, String name, Layer applicableLayer) {

    /**
     * Checks the values.
     *
     * @param calloutKey GUID
     * @param name for reports
     * @param applicableLayer where its filters sit
     */
    public FwpmCallout {
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
        Objects.requireNonNull(applicableLayer, "applicableLayer must not be null: give a FWPS_LAYER_*");
    }
}
