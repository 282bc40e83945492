package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.CalloutFlag;
import io.github.wfpsim.abi.Layer;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A callout as management code adds it, FWPM_CALLOUT0: the GUID that filters name and a driver registers, in either
 * order. Immutable.
 *
 * <p>Source: FWPM_CALLOUT0. Requirements: WFP-33, WFP-92.
 *
 * @param calloutKey GUID
 * @param name for reports
 * @param applicableLayer where its filters sit
 * @param flags FWPM_CALLOUT_FLAG_* flags
 * @param providerKey GUID of the vendor that it belongs to; null for none
 * @param calloutId run-time id of a callout that was added, filled in when the engine is asked for it; 0 before
 */
public record FwpmCallout(
        UUID calloutKey,
        String name,
        Layer applicableLayer,
        Set<CalloutFlag> flags,
        @Nullable UUID providerKey,
        int calloutId) {

    /**
     * Checks the values.
     *
     * @param calloutKey GUID
     * @param name for reports
     * @param applicableLayer where its filters sit
     * @param flags FWPM_CALLOUT_FLAG_* flags
     * @param providerKey GUID of the vendor, or null
     * @param calloutId run-time id, or 0; ignored when a callout is added
     */
    public FwpmCallout {
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
        Objects.requireNonNull(applicableLayer, "applicableLayer must not be null: give a FWPS_LAYER_*");
        Objects.requireNonNull(flags, "flags must not be null: give an empty set");
        flags.forEach(one -> Objects.requireNonNull(one, "flag must not be null: leave it out instead"));
        flags = Set.copyOf(flags);
    }

    /**
     * Describes a callout to be added.
     *
     * @param calloutKey GUID
     * @param name for reports
     * @param applicableLayer where its filters sit
     * @param flags FWPM_CALLOUT_FLAG_* flags
     */
    public FwpmCallout(UUID calloutKey, String name, Layer applicableLayer, CalloutFlag... flags) {
        this(
                calloutKey,
                name,
                applicableLayer,
                Set.of(Objects.requireNonNull(flags, "flags must not be null: leave them out instead")),
                null,
                0);
    }
}
