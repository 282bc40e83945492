package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.verifier.Fault;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Further facts about one classification, FWPS_INCOMING_METADATA_VALUES0.
 *
 * <p>A member is valid only if its bit is set in {@link #currentMetadataValues()}; reading another raises fault
 * {@code METADATA_NOT_PRESENT} and yields zero or null. The object dies with its classification: later use raises
 * {@code STALE_REFERENCE}. Safe for use by many threads.
 *
 * <p>Source: FWPS_INCOMING_METADATA_VALUES0; Metadata Fields at Each Filtering Layer. Requirements: WFP-10, WFP-11,
 * WFP-17 to WFP-20.
 */
public final class IncomingMetadataValues {

    private final ClassifySession session;
    private final int present;
    private final int targetPid;
    private final CalloutCall call;
    private final RedirectRecords redirectRecords;

    IncomingMetadataValues(CalloutCall call, int present) {
        this.call = call;
        ClassifySession session = call.session();
        ClassifyInput.Redirected redirected = session.input().redirected();
        this.session = session;
        this.present = present;
        this.targetPid = redirected == null ? session.targetPid() : redirected.targetPid();
        this.redirectRecords = new RedirectRecords(session);
    }

    /**
     * Tells which members are valid.
     *
     * @return FWPS_METADATA_FIELD_* bits
     */
    public int currentMetadataValues() {
        return isAlive("currentMetadataValues") ? present : 0;
    }

    /**
     * Tells whether a member is valid, as FWPS_IS_METADATA_FIELD_PRESENT does.
     *
     * @param field the member's bit
     * @return true if it may be read
     */
    public boolean isPresent(MetadataField field) {
        Objects.requireNonNull(field, "field must not be null: give a FWPS_METADATA_FIELD_*");
        return isAlive(field.name()) && offers(field);
    }

    /**
     * Reads the process id.
     *
     * @return PID of the endpoint's owner; 0 if absent
     */
    public int processId() {
        return readable(MetadataField.FWPS_METADATA_FIELD_PROCESS_ID)
                ? session.input().values().process().id()
                : 0;
    }

    /**
     * Reads the token.
     *
     * @return token of the endpoint's owner; null if absent
     */
    public @Nullable Token token() {
        return readable(MetadataField.FWPS_METADATA_FIELD_TOKEN)
                ? session.input().values().process().token()
                : null;
    }

    /**
     * Reads the endpoint's handle.
     *
     * @return unique number of the endpoint; 0 if absent
     */
    public long transportEndpointHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE)
                ? session.input().transportEndpoint()
                : 0;
    }

    /**
     * Reads the parent's handle.
     *
     * @return number of the listener that an accepted endpoint came from; 0 if absent or none
     */
    public long parentEndpointHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE)
                ? session.input().parentEndpoint()
                : 0;
    }

    /**
     * Reads the handle to the redirect records.
     *
     * @return what FwpsQueryConnectionRedirectState0 takes; null if absent
     */
    public @Nullable RedirectRecords redirectRecords() {
        return readable(MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE) ? redirectRecords : null;
    }

    /**
     * Reads the flow handle.
     *
     * @return what FwpsFlowAssociateContext0 takes; 0 if absent
     */
    public long flowHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_FLOW_HANDLE)
                ? session.input().flowId()
                : 0;
    }

    /**
     * Reads the completion handle.
     *
     * @return what FwpsPendOperation0 takes; null if absent
     */
    public @Nullable CompletionHandle completionHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_COMPLETION_HANDLE) ? new CompletionHandle(call) : null;
    }

    /**
     * Reads the process that a local redirect named: at AUTH_CONNECT the one that counts, at CONNECT_REDIRECT that of a
     * callout asked earlier.
     *
     * @return a PID; 0 if absent
     */
    public int localRedirectTargetPid() {
        return readable(MetadataField.FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID) ? targetPid : 0;
    }

    /**
     * Reads the destination before redirection.
     *
     * @return the address that the application asked for; null if absent
     */
    public @Nullable InetSocketAddress originalDestination() {
        ClassifyInput.Redirected redirected = session.input().redirected();
        return readable(MetadataField.FWPS_METADATA_FIELD_ORIGINAL_DESTINATION) && redirected != null
                ? redirected.originalDestination()
                : null;
    }

    private boolean readable(MetadataField field) {
        if (!isAlive(field.name())) {
            return false;
        }
        if (!offers(field)) {
            session.fault(Fault.METADATA_NOT_PRESENT, "inMetaValues." + field, "its bit is not set at this layer");
            return false;
        }
        return true;
    }

    private boolean offers(MetadataField field) {
        return (present & field.code()) != 0;
    }

    private boolean isAlive(String member) {
        if (session.isStale()) {
            session.fault(Fault.STALE_REFERENCE, "inMetaValues." + member, "read after the classification ended");
            return false;
        }
        return true;
    }
}
