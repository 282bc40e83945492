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
 * Requirements: WFP-09, WFP-12, WFP-13, WFP-94.
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
    FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE("1ec1b7c9-4eea-4f5e-b9ef-76beaaaf17ee"),
    /** LUID of the interface that has the local address. */
    FWPM_CONDITION_IP_LOCAL_INTERFACE("4cd62a49-59c3-4969-b7f3-bda5d32890a4"),
    /** IF_TYPE_* of that interface. */
    FWPM_CONDITION_INTERFACE_TYPE("daf8cd14-e09e-4c93-a5ae-c5c13b73ffca"),
    /** TUNNEL_TYPE_* of that interface. */
    FWPM_CONDITION_TUNNEL_TYPE("77a40437-8779-4868-a261-f5a902f1c0cd"),
    /** Index of that interface. */
    FWPM_CONDITION_INTERFACE_INDEX("667fd755-d695-434a-8af5-d3835a1259bc"),
    /** Index of the sub-interface of that interface. */
    FWPM_CONDITION_SUB_INTERFACE_INDEX("0cd42473-d621-4be3-ae8c-72a348d283e1"),
    /** LUID of the interface by which packets leave. */
    FWPM_CONDITION_IP_NEXTHOP_INTERFACE("93ae8f5b-7f6f-4719-98c8-14e97429ef04"),
    /** IF_TYPE_* of that interface. */
    FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE("97537c6c-d9a3-4767-a381-e942675cd920"),
    /** TUNNEL_TYPE_* of that interface. */
    FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE("72b1a111-987b-4720-99dd-c7c576fa2d4c"),
    /** Index of that interface. */
    FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX("138e6888-7ab8-4d65-9ee8-0591bcf6a494"),
    /** Index of the sub-interface of that interface. */
    FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX("ef8a6122-0577-45a7-9aaf-825fbeb4fb95");

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
