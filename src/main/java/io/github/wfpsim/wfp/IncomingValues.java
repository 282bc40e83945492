package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.ProcessEntry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fixed values of one classification, FWPS_INCOMING_VALUES0. Immutable but for the process, whose
 * token is read as it is now.
 *
 * <p>Values are reached by name, by field index as in the FWPS_FIELDS_* enumerations, or by condition field. Ports are
 * in host order.
 *
 * <p>Source: FWPS_INCOMING_VALUES0; Filtering Conditions Available at Each Filtering Layer. Requirements: WFP-09,
 * WFP-12 to WFP-14.
 *
 * @param layer the layer that is asked
 * @param process whose connection it is
 * @param protocol the transport protocol
 * @param local local address and port; unspecified until they are known
 * @param remote remote address and port
 * @param flags FWP_CONDITION_FLAG_* bits
 * @param reauthorizeReason FWP_CONDITION_REAUTHORIZE_REASON_* bits; 0 in a first classification
 * @param originalAppId application before redirection, ALE_ORIGINAL_APP_ID
 */
public record IncomingValues(
        Layer layer,
        ProcessEntry process,
        IpProtocol protocol,
        InetSocketAddress local,
        InetSocketAddress remote,
        int flags,
        int reauthorizeReason,
        String originalAppId)
        implements ConditionValues {

    /** The package SID of everything outside an AppContainer. */
    public static final String NULL_SID = "S-1-0-0";

    private static final int DEFAULT_COMPARTMENT = 1;

    /** NL_ADDRESS_TYPE NlatUnicast. */
    private static final int UNICAST = 1;

    /** The same values in a classification that is made again. */
    IncomingValues again(ReauthorizeReason reason) {
        return new IncomingValues(
                layer,
                process,
                protocol,
                local,
                remote,
                flags | ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code(),
                reauthorizeReason | reason.code(),
                originalAppId);
    }

    /**
     * Tells the application that makes this connection, ALE_APP_ID.
     *
     * @return lower-case path of the executable
     */
    public String appId() {
        return process.appId();
    }

    /**
     * Tells the AppContainer SID, ALE_PACKAGE_ID.
     *
     * @return the SID, or {@link #NULL_SID}
     */
    public String packageId() {
        String sid = process.packageSid();
        return sid == null ? NULL_SID : sid;
    }

    /**
     * Tells the user, ALE_USER_ID.
     *
     * @return the token of the process
     */
    public Token userId() {
        return process.token();
    }

    /**
     * Tells the remote address, IP_REMOTE_ADDRESS.
     *
     * @return the address
     */
    public InetAddress remoteAddress() {
        return remote.getAddress();
    }

    /**
     * Tells the remote port, IP_REMOTE_PORT.
     *
     * @return 0 to 65535
     */
    public int remotePort() {
        return remote.getPort();
    }

    /**
     * Reads a value by its index in the layer's FWPS_FIELDS_* enumeration.
     *
     * @param fieldIndex the index
     * @return the value, or null if the simulator gives that field none
     * @throws IndexOutOfBoundsException if the layer has no such index
     */
    public @Nullable Object value(int fieldIndex) {
        ConditionField field = layer.fields().get(fieldIndex);
        return field == null ? null : value(field);
    }

    /**
     * Reads a value by condition field.
     *
     * @param field the field
     * @return the value, or null if the layer does not have it
     */
    @Override
    public @Nullable Object value(ConditionField field) {
        return switch (Objects.requireNonNull(field, "field must not be null: give a FWPM_CONDITION_*")) {
            case FWPM_CONDITION_ALE_APP_ID -> appId();
            case FWPM_CONDITION_ALE_USER_ID -> userId();
            case FWPM_CONDITION_ALE_ORIGINAL_APP_ID -> originalAppId;
            case FWPM_CONDITION_ALE_PACKAGE_ID -> packageId();
            case FWPM_CONDITION_IP_LOCAL_ADDRESS -> local.getAddress();
            case FWPM_CONDITION_IP_REMOTE_ADDRESS -> remote.getAddress();
            case FWPM_CONDITION_IP_LOCAL_PORT,
                    FWPM_CONDITION_IP_REMOTE_PORT,
                    FWPM_CONDITION_IP_PROTOCOL,
                    FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE,
                    FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE,
                    FWPM_CONDITION_FLAGS,
                    FWPM_CONDITION_COMPARTMENT_ID,
                    FWPM_CONDITION_REAUTHORIZE_REASON -> (int) number(field);
        };
    }

    @Override
    public long number(ConditionField field) {
        return switch (Objects.requireNonNull(field, "field must not be null: give a FWPM_CONDITION_*")) {
            case FWPM_CONDITION_IP_LOCAL_PORT -> local.getPort();
            case FWPM_CONDITION_IP_REMOTE_PORT -> remote.getPort();
            case FWPM_CONDITION_IP_PROTOCOL -> protocol.code();
            case FWPM_CONDITION_IP_LOCAL_ADDRESS_TYPE, FWPM_CONDITION_IP_DESTINATION_ADDRESS_TYPE -> UNICAST;
            case FWPM_CONDITION_FLAGS -> Integer.toUnsignedLong(flags);
            case FWPM_CONDITION_COMPARTMENT_ID -> DEFAULT_COMPARTMENT;
            case FWPM_CONDITION_REAUTHORIZE_REASON -> Integer.toUnsignedLong(reauthorizeReason);
            case FWPM_CONDITION_ALE_APP_ID,
                    FWPM_CONDITION_ALE_USER_ID,
                    FWPM_CONDITION_ALE_ORIGINAL_APP_ID,
                    FWPM_CONDITION_ALE_PACKAGE_ID,
                    FWPM_CONDITION_IP_LOCAL_ADDRESS,
                    FWPM_CONDITION_IP_REMOTE_ADDRESS -> NO_NUMBER;
        };
    }
}
