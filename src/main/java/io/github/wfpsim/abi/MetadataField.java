package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A bit that tells which members of the metadata of a classification are valid.
 *
 * <p>Which layer offers which is told by {@link Layer#metadata()}.
 *
 * <p>Source: FWPS_INCOMING_METADATA_VALUES0; Metadata Fields at Each Filtering Layer (WDK). Requirements: WFP-10,
 * WFP-11, WFP-17, WFP-18.
 */
public enum MetadataField {
    /** Why the packet was discarded. */
    FWPS_METADATA_FIELD_DISCARD_REASON(0x00000001),
    /** The number of the flow. */
    FWPS_METADATA_FIELD_FLOW_HANDLE(0x00000002),
    /** Size of the IP header. */
    FWPS_METADATA_FIELD_IP_HEADER_SIZE(0x00000004),
    /** Image path of the process. */
    FWPS_METADATA_FIELD_PROCESS_PATH(0x00000008),
    /** Token of the thread that caused the classification. */
    FWPS_METADATA_FIELD_TOKEN(0x00000010),
    /** Process that owns the endpoint. */
    FWPS_METADATA_FIELD_PROCESS_ID(0x00000020),
    /** Flags internal to Windows. */
    FWPS_METADATA_FIELD_SYSTEM_FLAGS(0x00000040),
    /** Routing compartment. */
    FWPS_METADATA_FIELD_COMPARTMENT_ID(0x00000800),
    /** Handle to complete a pended authorization with. */
    FWPS_METADATA_FIELD_COMPLETION_HANDLE(0x00004000),
    /** The number of the endpoint. */
    FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE(0x00008000),
    /** Ancillary data of a send. */
    FWPS_METADATA_FIELD_TRANSPORT_CONTROL_DATA(0x00010000),
    /** Scope of the remote IPv6 address. */
    FWPS_METADATA_FIELD_REMOTE_SCOPE_ID(0x00020000),
    /** Direction of the packet. */
    FWPS_METADATA_FIELD_PACKET_DIRECTION(0x00040000),
    /** The packet needs an authorization of its own. */
    FWPS_METADATA_FIELD_ALE_CLASSIFY_REQUIRED(0x00400000),
    /** The endpoint that this one was made from, such as the listener. */
    FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE(0x04000000),
    /** Identifier and sequence of an ICMP echo. */
    FWPS_METADATA_FIELD_ICMP_ID_AND_SEQUENCE(0x08000000),
    /** Process that the connection was redirected to. */
    FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID(0x10000000),
    /** Destination before the redirect. */
    FWPS_METADATA_FIELD_ORIGINAL_DESTINATION(0x20000000),
    /** Handle of the redirect records of the connection. */
    FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE(0x40000000),
    /** Tag of the service inside a shared process. */
    FWPS_METADATA_FIELD_SUB_PROCESS_TAG(0x80000000);

    private static final Map<Integer, MetadataField> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(MetadataField::code, Function.identity()));

    private final int code;

    MetadataField(int code) {
        this.code = code;
    }

    /** {@return the bit of the Windows header; the highest one is negative as a Java int} */
    public int code() {
        return code;
    }

    /**
     * Looks a number up; total, never throws.
     *
     * @param code any number
     * @return the field with that number, or empty if there is none here
     */
    public static Optional<MetadataField> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
