package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A field of the traffic that filter conditions can name and callouts can read.
 *
 * <p>Windows knows fields by GUID in conditions, and by an index per layer in classifications; the index is told by
 * {@link Layer#indexOf(ConditionField)}.
 *
 * <p>Source: Filtering Condition Identifiers; Filtering Conditions Available at Each Filtering Layer (SDK).
 * Requirements: WFP-09, WFP-12, WFP-13.
 */
public enum ConditionField {
    /** Local address. */
    FWPM_CONDITION_IP_LOCAL_ADDRESS("d9ee00de-c1ef-4617-bfe3-ffd8f5a08957"),
    /** Remote address. */
    FWPM_CONDITION_IP_REMOTE_ADDRESS("b235ae9a-1d64-49b8-a44c-5ff3d9095045"),
    /** Protocol number of the IP header. */
    FWPM_CONDITION_IP_PROTOCOL("3971ef2b-623e-4f9a-8cb1-6e79b806b9a7"),
    /** Local port. */
    FWPM_CONDITION_IP_LOCAL_PORT("0c1ba1af-5765-453f-af22-a8f791ac775b"),
    /** Remote port. */
    FWPM_CONDITION_IP_REMOTE_PORT("c35a604d-d22b-4e1a-91b4-68f674ee674b"),
    /** Bits of {@link ConditionFlag}. */
    FWPM_CONDITION_FLAGS("632ce23b-5167-435c-86d7-e903684aa80c"),
    /** Application that makes this connection. */
    FWPM_CONDITION_ALE_APP_ID("d78e1e87-8644-4ea5-9437-d809ecefc971"),
    /** Application that made the connection before any redirect. */
    FWPM_CONDITION_ALE_ORIGINAL_APP_ID("0e6cd086-e1fb-4212-842f-8a9f993fb3f6"),
    /** User of the local process. */
    FWPM_CONDITION_ALE_USER_ID("af043a0a-b34d-4f86-979c-c90371af6e66"),
    /** AppContainer SID of the local process. */
    FWPM_CONDITION_ALE_PACKAGE_ID("71bc78fa-f17c-4997-a602-6abb261f351c"),
    /** Bits of {@link ReauthorizeReason}. */
    FWPM_CONDITION_REAUTHORIZE_REASON("11205e8c-11ae-457a-8a44-477026dd764a"),
    /** Routing compartment. */
    FWPM_CONDITION_COMPARTMENT_ID("35a791ab-04ac-4ff2-a6bb-da6cfac71806"),
    /** Unicast, multicast, broadcast or anycast of the local address. */
    FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE("6ec7f6c4-376b-45d7-9e9c-d337cedcd237"),
    /** The same of the destination address. */
    FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE("1ec1b7c9-4eea-4f5e-b9ef-76beaaaf17ee");

    private static final Map<UUID, ConditionField> BY_KEY =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ConditionField::key, Function.identity()));

    private final UUID key;

    ConditionField(String key) {
        this.key = UUID.fromString(key);
    }

    /** {@return the GUID that conditions carry, the key of fwpmu.h} */
    public UUID key() {
        return key;
    }

    /**
     * Looks a GUID up; total, never throws for a GUID.
     *
     * @param key any GUID
     * @return the field with that key, or empty if there is none here
     */
    public static Optional<ConditionField> fromKey(UUID key) {
        return Optional.ofNullable(BY_KEY.get(Objects.requireNonNull(key, "key must not be null: give a GUID")));
    }
}
