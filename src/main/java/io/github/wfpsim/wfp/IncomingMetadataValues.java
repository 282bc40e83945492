package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.host.Token;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Further facts about one classification, FWPS_INCOMING_METADATA_VALUES0.
 *
 * <p>A member is valid only if its bit is set in {@link #currentMetadataValues()}; reading another raises fault
 * {@code METADATA_NOT_PRESENT} and yields zero or null. The object is lent until
 * classifyFn returns or a pend is completed: later use raises {@code STALE_REFERENCE} and yields zero or null. Safe for use by many threads.
 *
 * <p>Source: FWPS_INCOMING_METADATA_VALUES0; Metadata Fields at Each Filtering Layer. Requirements: WFP-10, WFP-11,
 * WFP-17 to WFP-20.
 */
public interface IncomingMetadataValues {

    /** {@return the FWPS_METADATA_FIELD_* bits of the members that are valid} */
    int currentMetadataValues();

    /**
     * Tells whether a member is valid, as FWPS_IS_METADATA_FIELD_PRESENT does.
     *
     * @param field the member's bit
     * @return true if it may be read
     */
    boolean isPresent(MetadataField field);

    /** {@return PID of the endpoint's owner; 0 if absent} */
    int processId();

    /** {@return token of the endpoint's owner; null if absent} */
    @Nullable
    Token token();

    /** {@return unique number of the endpoint; 0 if absent} */
    long transportEndpointHandle();

    /** {@return number of the listener that an accepted endpoint came from; 0 if absent or none} */
    long parentEndpointHandle();

    /** {@return the routing compartment; 0 if absent} */
    int compartmentId();

    /** {@return the redirect record handle, which FwpsQueryConnectionRedirectState0 takes; null if absent} */
    @Nullable
    RedirectRecords redirectRecords();

    /** {@return the flow handle, which FwpsFlowAssociateContext0 takes; 0 if absent} */
    long flowHandle();

    /** {@return the completion handle, which FwpsPendOperation0 takes; null if absent} */
    @Nullable
    CompletionHandle completionHandle();

    /**
     * {@return the PID that a local redirect named, at AUTH_CONNECT the one that counts, at CONNECT_REDIRECT that of a
     * callout asked earlier; 0 if absent}
     */
    int localRedirectTargetPid();

    /** {@return the destination before redirection, which the application asked for; null if absent} */
    @Nullable
    InetSocketAddress originalDestination();
}
