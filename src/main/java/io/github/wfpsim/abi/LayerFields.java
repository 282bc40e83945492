package io.github.wfpsim.abi;

import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_ALE_APP_ID;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_ALE_ORIGINAL_APP_ID;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_ALE_PACKAGE_ID;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_ALE_USER_ID;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_COMPARTMENT_ID;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_FLAGS;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_INTERFACE_INDEX;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_INTERFACE_TYPE;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_LOCAL_ADDRESS;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_LOCAL_INTERFACE;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_LOCAL_PORT;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_NEXTHOP_INTERFACE;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_PROTOCOL;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_REMOTE_ADDRESS;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_IP_REMOTE_PORT;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_REAUTHORIZE_REASON;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_SUB_INTERFACE_INDEX;
import static io.github.wfpsim.abi.ConditionField.FWPM_CONDITION_TUNNEL_TYPE;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_COMPARTMENT_ID;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_COMPLETION_HANDLE;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_FLOW_HANDLE;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_ICMP_ID_AND_SEQUENCE;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_ORIGINAL_DESTINATION;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_PROCESS_ID;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_SUB_PROCESS_TAG;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_TOKEN;
import static io.github.wfpsim.abi.MetadataField.FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What classifications at a layer carry: fixed values by index, and metadata. The two address families agree.
 *
 * <p>Source: the FWPS_FIELDS_ALE_* enumerations; Metadata Fields at Each Filtering Layer (WDK). Requirements: WFP-09,
 * WFP-11, WFP-12, WFP-17, WFP-94.
 */
@SuppressWarnings("ImmutableEnumChecker") // the collections are unmodifiable
enum LayerFields {
    /** Port assignment. */
    RESOURCE_ASSIGNMENT(
            pendableMetadata(),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(7, FWPM_CONDITION_IP_LOCAL_INTERFACE),
            at(8, FWPM_CONDITION_FLAGS),
            at(9, FWPM_CONDITION_INTERFACE_TYPE),
            at(10, FWPM_CONDITION_TUNNEL_TYPE),
            at(13, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(15, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Authorization of a listener. */
    AUTH_LISTEN(
            pendableMetadata(),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_LOCAL_INTERFACE),
            at(6, FWPM_CONDITION_FLAGS),
            at(7, FWPM_CONDITION_INTERFACE_TYPE),
            at(8, FWPM_CONDITION_TUNNEL_TYPE),
            at(11, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(13, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Authorization of an incoming connection. */
    AUTH_RECV_ACCEPT(
            pendableMetadata(),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(6, FWPM_CONDITION_IP_REMOTE_ADDRESS),
            at(7, FWPM_CONDITION_IP_REMOTE_PORT),
            at(10, FWPM_CONDITION_IP_LOCAL_INTERFACE),
            at(11, FWPM_CONDITION_FLAGS),
            at(14, FWPM_CONDITION_INTERFACE_TYPE),
            at(15, FWPM_CONDITION_TUNNEL_TYPE),
            at(16, FWPM_CONDITION_INTERFACE_INDEX),
            at(17, FWPM_CONDITION_SUB_INTERFACE_INDEX),
            at(22, FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX),
            at(23, FWPM_CONDITION_IP_NEXTHOP_INTERFACE),
            at(24, FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE),
            at(25, FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE),
            at(26, FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX),
            at(29, FWPM_CONDITION_REAUTHORIZE_REASON),
            at(32, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(34, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Authorization of an outgoing connection. */
    AUTH_CONNECT(
            EnumSet.of(
                    FWPS_METADATA_FIELD_TOKEN,
                    FWPS_METADATA_FIELD_PROCESS_ID,
                    FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE,
                    FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE,
                    FWPS_METADATA_FIELD_COMPARTMENT_ID,
                    FWPS_METADATA_FIELD_COMPLETION_HANDLE,
                    FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID,
                    FWPS_METADATA_FIELD_ORIGINAL_DESTINATION,
                    FWPS_METADATA_FIELD_SUB_PROCESS_TAG),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(6, FWPM_CONDITION_IP_REMOTE_ADDRESS),
            at(7, FWPM_CONDITION_IP_REMOTE_PORT),
            at(10, FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE),
            at(11, FWPM_CONDITION_IP_LOCAL_INTERFACE),
            at(12, FWPM_CONDITION_FLAGS),
            at(13, FWPM_CONDITION_INTERFACE_TYPE),
            at(14, FWPM_CONDITION_TUNNEL_TYPE),
            at(15, FWPM_CONDITION_INTERFACE_INDEX),
            at(16, FWPM_CONDITION_SUB_INTERFACE_INDEX),
            at(21, FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX),
            at(22, FWPM_CONDITION_IP_NEXTHOP_INTERFACE),
            at(23, FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE),
            at(24, FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE),
            at(25, FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX),
            at(28, FWPM_CONDITION_REAUTHORIZE_REASON),
            at(32, FWPM_CONDITION_ALE_ORIGINAL_APP_ID),
            at(33, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(36, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Indication of a flow. */
    FLOW_ESTABLISHED(
            flowMetadata(),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(6, FWPM_CONDITION_IP_REMOTE_ADDRESS),
            at(7, FWPM_CONDITION_IP_REMOTE_PORT),
            at(10, FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE),
            at(11, FWPM_CONDITION_IP_LOCAL_INTERFACE),
            at(13, FWPM_CONDITION_INTERFACE_TYPE),
            at(14, FWPM_CONDITION_TUNNEL_TYPE),
            at(15, FWPM_CONDITION_FLAGS),
            at(16, FWPM_CONDITION_ALE_ORIGINAL_APP_ID),
            at(17, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(19, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Indication of a released port. */
    RESOURCE_RELEASE(
            endpointMetadata(),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(6, FWPM_CONDITION_IP_LOCAL_INTERFACE),
            at(7, FWPM_CONDITION_FLAGS),
            at(8, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(10, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Indication of a closed endpoint. */
    ENDPOINT_CLOSURE(
            EnumSet.of(
                    FWPS_METADATA_FIELD_TOKEN,
                    FWPS_METADATA_FIELD_PROCESS_ID,
                    FWPS_METADATA_FIELD_COMPARTMENT_ID,
                    FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE,
                    FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(6, FWPM_CONDITION_IP_REMOTE_ADDRESS),
            at(7, FWPM_CONDITION_IP_REMOTE_PORT),
            at(8, FWPM_CONDITION_IP_LOCAL_INTERFACE),
            at(9, FWPM_CONDITION_FLAGS),
            at(10, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(12, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Redirection of a connection. */
    CONNECT_REDIRECT(
            EnumSet.of(
                    FWPS_METADATA_FIELD_TOKEN,
                    FWPS_METADATA_FIELD_PROCESS_ID,
                    FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE,
                    FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE,
                    FWPS_METADATA_FIELD_ICMP_ID_AND_SEQUENCE,
                    FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID,
                    FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE,
                    FWPS_METADATA_FIELD_SUB_PROCESS_TAG),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(6, FWPM_CONDITION_IP_REMOTE_ADDRESS),
            at(7, FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE),
            at(8, FWPM_CONDITION_IP_REMOTE_PORT),
            at(9, FWPM_CONDITION_FLAGS),
            at(10, FWPM_CONDITION_ALE_ORIGINAL_APP_ID),
            at(11, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(13, FWPM_CONDITION_COMPARTMENT_ID)),

    /** Redirection of a bind. */
    BIND_REDIRECT(
            EnumSet.of(
                    FWPS_METADATA_FIELD_TOKEN,
                    FWPS_METADATA_FIELD_PROCESS_ID,
                    FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE,
                    FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID,
                    FWPS_METADATA_FIELD_SUB_PROCESS_TAG),
            at(0, FWPM_CONDITION_ALE_APP_ID),
            at(1, FWPM_CONDITION_ALE_USER_ID),
            at(2, FWPM_CONDITION_IP_LOCAL_ADDRESS),
            at(3, FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE),
            at(4, FWPM_CONDITION_IP_LOCAL_PORT),
            at(5, FWPM_CONDITION_IP_PROTOCOL),
            at(6, FWPM_CONDITION_FLAGS),
            at(7, FWPM_CONDITION_ALE_PACKAGE_ID),
            at(9, FWPM_CONDITION_COMPARTMENT_ID));

    private final Set<MetadataField> metadata;
    private final int metadataBits;
    private final List<@Nullable ConditionField> fields;
    private final Map<ConditionField, Integer> indices;

    LayerFields(Set<MetadataField> metadata, Slot... slots) {
        this.metadata = Collections.unmodifiableSet(metadata);
        this.metadataBits = metadata.stream().mapToInt(MetadataField::code).reduce(0, (bits, bit) -> bits | bit);
        List<@Nullable ConditionField> byIndex = new ArrayList<>();
        Map<ConditionField, Integer> byField = new EnumMap<>(ConditionField.class);
        for (Slot slot : slots) {
            while (byIndex.size() < slot.index()) {
                byIndex.add(null);
            }
            byIndex.add(slot.field());
            byField.put(slot.field(), slot.index());
        }
        this.fields = Collections.unmodifiableList(byIndex);
        this.indices = Collections.unmodifiableMap(byField);
    }

    Set<MetadataField> metadata() {
        return metadata;
    }

    int metadataBits() {
        return metadataBits;
    }

    List<@Nullable ConditionField> fields() {
        return fields;
    }

    int indexOf(ConditionField field) {
        return indices.getOrDefault(field, -1);
    }

    private static Set<MetadataField> endpointMetadata() {
        return EnumSet.of(
                FWPS_METADATA_FIELD_TOKEN,
                FWPS_METADATA_FIELD_PROCESS_ID,
                FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE,
                FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE);
    }

    private static Set<MetadataField> pendableMetadata() {
        Set<MetadataField> metadata = endpointMetadata();
        metadata.add(FWPS_METADATA_FIELD_COMPLETION_HANDLE);
        return metadata;
    }

    private static Set<MetadataField> flowMetadata() {
        Set<MetadataField> metadata = endpointMetadata();
        metadata.add(FWPS_METADATA_FIELD_FLOW_HANDLE);
        return metadata;
    }

    private static Slot at(int index, ConditionField field) {
        return new Slot(index, field);
    }

    /** One fixed value and its place; slots are listed in ascending order. */
    private record Slot(int index, ConditionField field) {}
}
