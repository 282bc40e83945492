package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.host.Token;
import java.net.InetAddress;
import java.util.Objects;

/**
 * One condition of a filter, FWPM_FILTER_CONDITION0. Immutable.
 *
 * <p>Application ids compare with {@link FwpByteBlob} or {@link FileName}, SIDs with strings, numbers with {@link Integer} (unsigned),
 * LUIDs of interfaces with {@link Long}, addresses with {@link InetAddress} or
 * {@link Subnet}, users with {@link Token}; a range takes a {@link Range}. A value of another type than the field's is
 * refused when the filter is added.
 *
 * <p>Source: FWPM_FILTER_CONDITION0; FWP_MATCH_TYPE. Requirements: WFP-09, WFP-21.
 *
 * @param field what to look at
 * @param matchType how to compare
 * @param value what to compare with
 */
public record FilterCondition(ConditionField field, MatchType matchType, Object value) {

    /**
     * Two limits, both included, FWP_RANGE0.
     *
     * @param low smallest value that matches, unsigned
     * @param high largest value that matches, unsigned
     */
    public record Range(int low, int high) {

        /**
         * Checks the limits.
         *
         * @param low smallest value that matches, unsigned
         * @param high largest value that matches, unsigned
         * @throws IllegalArgumentException if low is above high
         */
        public Range {
            if (Integer.compareUnsigned(low, high) > 0) {
                throw new IllegalArgumentException("range " + low + " to " + high + " is empty: swap its limits");
            }
        }
    }

    /**
     * All addresses with the same first bits, FWP_V4_ADDR_AND_MASK and FWP_V6_ADDR_AND_MASK.
     *
     * @param address any address of the subnet
     * @param prefixLength bits that count
     */
    public record Subnet(InetAddress address, int prefixLength) {

        /**
         * Checks the values.
         *
         * @param address any address of the subnet
         * @param prefixLength bits that count, 0 to 32 or 128
         * @throws IllegalArgumentException if the address has fewer bits
         */
        public Subnet {
            Objects.requireNonNull(address, "address must not be null: give an address of the subnet");
            int bits = address.getAddress().length * Byte.SIZE;
            if (prefixLength < 0 || prefixLength > bits) {
                throw new IllegalArgumentException("prefixLength is 0 to " + bits + " but was " + prefixLength);
            }
        }
    }

    /**
     * An application by the name of its file, for ALE_APP_ID and ALE_ORIGINAL_APP_ID: when the filter is added, the engine
     * puts the id of a process that was started with that path in its place, which is what FwpmGetAppIdFromFileName0
     * gives. Windows has no such value.
     *
     * @param path path of the executable as programs know it, such as {@code C:\\Apps\\app.exe}, in any case; System
     */
    public record FileName(String path) {

        /**
         * Checks the value.
         *
         * @param path full path of the executable
         */
        public FileName {
            Objects.requireNonNull(path, "path must not be null: give the application's path");
        }
    }

    /**
     * Checks the values.
     *
     * @param field what to look at
     * @param matchType how to compare
     * @param value what to compare with: an FwpByteBlob, a FileName, a String, an Integer, a Long, an InetAddress, a Subnet, a Token or, for
     *     FWP_MATCH_RANGE, a Range
     * @throws IllegalArgumentException if the value does not fit the match type
     */
    public FilterCondition {
        Objects.requireNonNull(field, "field must not be null: give a FWPM_CONDITION_* field");
        Objects.requireNonNull(matchType, "matchType must not be null: give FWP_MATCH_EQUAL or another");
        Objects.requireNonNull(value, "value must not be null: give what " + field + " is compared with");
        requireFit(matchType, value);
    }

    /**
     * Matches connections of one application.
     *
     * @param imagePath the executable's full path as programs know it, such as {@code C:\\Apps\\app.exe}, in any case
     * @return the condition
     */
    public static FilterCondition appId(String imagePath) {
        return equal(ConditionField.FWPM_CONDITION_ALE_APP_ID, new FileName(imagePath));
    }

    /**
     * Matches connections of one application.
     *
     * @param appId what FwpmGetAppIdFromFileName0 gives
     * @return the condition
     */
    public static FilterCondition appId(FwpByteBlob appId) {
        Objects.requireNonNull(appId, "appId must not be null: give what FwpmGetAppIdFromFileName0 gave");
        return equal(ConditionField.FWPM_CONDITION_ALE_APP_ID, appId);
    }

    /**
     * Matches connections that one application began, also those that proxies carry on for it.
     *
     * @param imagePath the executable's full path as programs know it, in any case
     * @return the condition
     */
    public static FilterCondition originalAppId(String imagePath) {
        return equal(ConditionField.FWPM_CONDITION_ALE_ORIGINAL_APP_ID, new FileName(imagePath));
    }

    private static FilterCondition equal(ConditionField field, Object value) {
        return new FilterCondition(field, MatchType.FWP_MATCH_EQUAL, value);
    }

    /**
     * Matches connections to one remote port.
     *
     * @param port 0 to 65535
     * @return the condition
     */
    public static FilterCondition remotePort(int port) {
        return new FilterCondition(ConditionField.FWPM_CONDITION_IP_REMOTE_PORT, MatchType.FWP_MATCH_EQUAL, port);
    }

    /**
     * Matches connections to one remote address.
     *
     * @param address the address
     * @return the condition
     */
    public static FilterCondition remoteAddress(InetAddress address) {
        return new FilterCondition(ConditionField.FWPM_CONDITION_IP_REMOTE_ADDRESS, MatchType.FWP_MATCH_EQUAL, address);
    }

    /**
     * Matches connections to a subnet.
     *
     * @param subnet its addresses
     * @return the condition
     */
    public static FilterCondition remoteSubnet(Subnet subnet) {
        return new FilterCondition(ConditionField.FWPM_CONDITION_IP_REMOTE_ADDRESS, MatchType.FWP_MATCH_EQUAL, subnet);
    }

    /**
     * Matches one transport protocol.
     *
     * @param protocol the protocol
     * @return the condition
     */
    public static FilterCondition protocol(IpProtocol protocol) {
        Objects.requireNonNull(protocol, "protocol must not be null: give IPPROTO_TCP or another");
        return new FilterCondition(
                ConditionField.FWPM_CONDITION_IP_PROTOCOL, MatchType.FWP_MATCH_EQUAL, protocol.code());
    }

    /**
     * Matches if all of some flags are set.
     *
     * @param flags FWP_CONDITION_FLAG_* bits
     * @return the condition
     */
    public static FilterCondition flagsAllSet(int flags) {
        return new FilterCondition(ConditionField.FWPM_CONDITION_FLAGS, MatchType.FWP_MATCH_FLAGS_ALL_SET, flags);
    }

    private static void requireFit(MatchType matchType, Object value) {
        Class<?> wanted = switch (matchType) {
            case FWP_MATCH_EQUAL, FWP_MATCH_NOT_EQUAL -> Object.class;
            case FWP_MATCH_EQUAL_CASE_INSENSITIVE -> String.class;
            case FWP_MATCH_RANGE -> Range.class;
            case FWP_MATCH_GREATER, FWP_MATCH_LESS, FWP_MATCH_GREATER_OR_EQUAL, FWP_MATCH_LESS_OR_EQUAL ->
                value instanceof Long ? Long.class : Integer.class;
            default -> Integer.class;
        };
        if (!wanted.isInstance(value)) {
            throw new IllegalArgumentException(matchType + " compares with " + wanted.getSimpleName()
                    + " but was given " + value.getClass().getSimpleName() + " " + value);
        }
    }
}
