package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.NetInterface;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fixed values of one classification, FWPS_INCOMING_VALUES0. Read only; nothing changes but the user, whose token is
 * read as it is now. The object is lent until classifyFn returns or a pend is completed: later use raises {@code
 * STALE_REFERENCE}, and yields the value all the same.
 *
 * <p>Values are reached by name, by field index as in the FWPS_FIELDS_* enumerations, or by condition field. Ports are
 * in host order. The process id is metadata, as on Windows: {@link IncomingMetadataValues#processId()}.
 *
 * <p>To call a classifyFn in a unit test, write a record with components of these names: it needs no method of its own.
 *
 * <p>Source: FWPS_INCOMING_VALUES0; Filtering Conditions Available at Each Filtering Layer. Requirements: WFP-09,
 * WFP-12 to WFP-14, WFP-19.
 */
public interface IncomingValues {

    /** The package SID of everything outside an AppContainer. */
    String NULL_SID = "S-1-0-0";

    /** What {@link #number} gives where there is no number. */
    long NO_NUMBER = -1;

    /** {@return the layer that is asked} */
    Layer layer();

    /**
     * {@return the application that makes this connection, the text of ALE_APP_ID: the lower-case device path of its
     * executable. By index or field it is an {@link FwpByteBlob}, as on Windows}
     */
    String appId();

    /** {@return the application before redirection, the text of ALE_ORIGINAL_APP_ID, of the same form} */
    String originalAppId();

    /** {@return the AppContainer's SID, ALE_PACKAGE_ID, or {@link #NULL_SID}} */
    String packageId();

    /** {@return the user, ALE_USER_ID: the token of the process} */
    Token userId();

    /** {@return the transport protocol, IP_PROTOCOL} */
    IpProtocol protocol();

    /** {@return local address and port; unspecified until they are known} */
    InetSocketAddress local();

    /** {@return remote address and port} */
    InetSocketAddress remote();

    /** {@return FWP_CONDITION_FLAG_* bits} */
    int flags();

    /** {@return FWP_CONDITION_REAUTHORIZE_REASON_* bits; 0 in a first classification} */
    int reauthorizeReason();

    /** {@return the routing compartment, COMPARTMENT_ID; 1 for the default one} */
    default int compartmentId() {
        return 1;
    }

    /**
     * {@return the interface that has the local address: IP_LOCAL_INTERFACE, INTERFACE_TYPE, TUNNEL_TYPE, INTERFACE_INDEX
     * and SUB_INTERFACE_INDEX; {@link NetInterface#UNSPECIFIED} as long as the address is}
     */
    default NetInterface localInterface() {
        return NetInterface.UNSPECIFIED;
    }

    /**
     * {@return the interface by which packets leave, the NEXTHOP fields: loopback for a destination on this machine; null
     * where there is none, as for a connection that comes in}
     */
    default @Nullable NetInterface nextHopInterface() {
        return null;
    }

    /** {@return the remote address, IP_REMOTE_ADDRESS} */
    default InetAddress remoteAddress() {
        return remote().getAddress();
    }

    /** {@return the remote port, IP_REMOTE_PORT, 0 to 65535} */
    default int remotePort() {
        return remote().getPort();
    }

    /**
     * Reads a value by its index in the layer's FWPS_FIELDS_* enumeration.
     *
     * @param fieldIndex the index
     * @return the value, or null if the simulator gives that field none
     * @throws IndexOutOfBoundsException if the layer has no such index
     */
    default @Nullable Object value(int fieldIndex) {
        ConditionField field = layer().fields().get(fieldIndex);
        return field == null ? null : value(field);
    }

    /**
     * Reads a value by condition field.
     *
     * @param field the field
     * @return the value, or null if the layer does not have it
     */
    default @Nullable Object value(ConditionField field) {
        return switch (Objects.requireNonNull(field, "field must not be null: give a FWPM_CONDITION_*")) {
            case FWPM_CONDITION_ALE_APP_ID -> FwpByteBlob.ofText(appId());
            case FWPM_CONDITION_ALE_USER_ID -> userId();
            case FWPM_CONDITION_ALE_ORIGINAL_APP_ID -> FwpByteBlob.ofText(originalAppId());
            case FWPM_CONDITION_ALE_PACKAGE_ID -> packageId();
            case FWPM_CONDITION_IP_LOCAL_ADDRESS -> local().getAddress();
            case FWPM_CONDITION_IP_REMOTE_ADDRESS -> remote().getAddress();
            case FWPM_CONDITION_IP_LOCAL_PORT,
                    FWPM_CONDITION_IP_REMOTE_PORT,
                    FWPM_CONDITION_IP_PROTOCOL,
                    FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE,
                    FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE,
                    FWPM_CONDITION_FLAGS,
                    FWPM_CONDITION_COMPARTMENT_ID,
                    FWPM_CONDITION_REAUTHORIZE_REASON,
                    FWPM_CONDITION_INTERFACE_TYPE,
                    FWPM_CONDITION_TUNNEL_TYPE,
                    FWPM_CONDITION_INTERFACE_INDEX,
                    FWPM_CONDITION_SUB_INTERFACE_INDEX -> (int) number(field);
            case FWPM_CONDITION_IP_LOCAL_INTERFACE -> number(field);
            case FWPM_CONDITION_IP_NEXTHOP_INTERFACE,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE,
                    FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX,
                    FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX ->
                nextHopInterface() == null ? null : nextHopValue(field);
        };
    }

    private Object nextHopValue(ConditionField field) {
        long number = number(field);
        if (field == ConditionField.FWPM_CONDITION_IP_NEXTHOP_INTERFACE) {
            return number;
        }
        return (int) number;
    }

    /**
     * Reads a value that is a number, without making an object of it. Every address is unicast.
     *
     * @param field the field
     * @return the number, unsigned; {@link #NO_NUMBER} if the field's value is none
     */
    default long number(ConditionField field) {
        return switch (Objects.requireNonNull(field, "field must not be null: give a FWPM_CONDITION_*")) {
            case FWPM_CONDITION_IP_LOCAL_PORT -> local().getPort();
            case FWPM_CONDITION_IP_REMOTE_PORT -> remote().getPort();
            case FWPM_CONDITION_IP_PROTOCOL -> protocol().code();
            // NL_ADDRESS_TYPE NlatUnicast.
            case FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE, FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE -> 1;
            case FWPM_CONDITION_COMPARTMENT_ID -> Integer.toUnsignedLong(compartmentId());
            case FWPM_CONDITION_IP_LOCAL_INTERFACE -> localInterface().luid();
            case FWPM_CONDITION_INTERFACE_TYPE -> localInterface().type();
            case FWPM_CONDITION_TUNNEL_TYPE -> localInterface().tunnelType();
            case FWPM_CONDITION_INTERFACE_INDEX -> localInterface().index();
            case FWPM_CONDITION_SUB_INTERFACE_INDEX -> localInterface().subInterfaceIndex();
            case FWPM_CONDITION_IP_NEXTHOP_INTERFACE,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE,
                    FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE,
                    FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX,
                    FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX -> nextHopNumber(field);
            case FWPM_CONDITION_FLAGS -> Integer.toUnsignedLong(flags());
            case FWPM_CONDITION_REAUTHORIZE_REASON -> Integer.toUnsignedLong(reauthorizeReason());
            case FWPM_CONDITION_ALE_APP_ID,
                    FWPM_CONDITION_ALE_USER_ID,
                    FWPM_CONDITION_ALE_ORIGINAL_APP_ID,
                    FWPM_CONDITION_ALE_PACKAGE_ID,
                    FWPM_CONDITION_IP_LOCAL_ADDRESS,
                    FWPM_CONDITION_IP_REMOTE_ADDRESS -> NO_NUMBER;
        };
    }

    private long nextHopNumber(ConditionField field) {
        NetInterface nextHop = nextHopInterface();
        if (nextHop == null) {
            return NO_NUMBER;
        }
        return switch (field) {
            case FWPM_CONDITION_IP_NEXTHOP_INTERFACE -> nextHop.luid();
            case FWPM_CONDITION_NEXTHOP_INTERFACE_TYPE -> nextHop.type();
            case FWPM_CONDITION_NEXTHOP_TUNNEL_TYPE -> nextHop.tunnelType();
            case FWPM_CONDITION_NEXTHOP_INTERFACE_INDEX -> nextHop.index();
            case FWPM_CONDITION_NEXTHOP_SUB_INTERFACE_INDEX -> nextHop.subInterfaceIndex();
            default -> NO_NUMBER;
        };
    }
}
