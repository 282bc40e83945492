package io.github.wfpsim.wfp;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A group of filters that is evaluated as one, FWPM_SUBLAYER0. Immutable.
 *
 * <p>Source: FWPM_SUBLAYER0; Filter Arbitration. Requirements: WFP-24, WFP-134.
 *
 * @param key GUID
 * @param name for reports
 * @param weight 0 to 65535; heavier sub-layers are evaluated first
 * @param providerKey GUID of the vendor that it belongs to; null for none
 */
public record SubLayer(
        UUID key, String name, int weight, @Nullable UUID providerKey) {

    /** The sub-layer of filters that name no other, FWPM_SUBLAYER_UNIVERSAL. */
    public static final SubLayer UNIVERSAL =
            new SubLayer(UUID.fromString("eebecc03-ced4-4380-819a-2734397b2b74"), "FWPM_SUBLAYER_UNIVERSAL", 0x8000);

    /**
     * Checks the values.
     *
     * @param key GUID
     * @param name for reports
     * @param weight 0 to 65535
     * @param providerKey GUID of the vendor, or null
     * @throws IllegalArgumentException if the weight is outside 0 to 65535
     */
    public SubLayer {
        Objects.requireNonNull(key, "key must not be null: give the sub-layer's GUID");
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
        if (weight < 0 || weight > 0xFFFF) {
            throw new IllegalArgumentException("a sub-layer's weight is 0 to 65535 but was " + weight);
        }
    }

    /**
     * Describes a sub-layer that belongs to no vendor.
     *
     * @param key GUID
     * @param name for reports
     * @param weight 0 to 65535
     * @throws IllegalArgumentException if the weight is outside 0 to 65535
     */
    public SubLayer(UUID key, String name, int weight) {
        this(key, name, weight, null);
    }
}
