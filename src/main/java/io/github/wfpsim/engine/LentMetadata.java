package io.github.wfpsim.engine;

import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.CompletionHandle;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.RedirectRecords;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of one turn of a callout: which members are offered, and a fault for reading another (WFP-17, WFP-19). It is
 * also what the turn's redirect record handle stands for.
 */
final class LentMetadata implements IncomingMetadataValues, RedirectRecords {

    private final LiveRequest live;
    private final int present;
    private final int targetPid;
    private final CalloutTurn turn;

    LentMetadata(CalloutTurn turn, int present) {
        this.turn = turn;
        this.live = turn.live();
        Question.Redirected redirected = live.question().redirected();
        this.present = present;
        this.targetPid = redirected == null ? live.targetPid() : redirected.targetPid();
    }

    @Override
    public int currentMetadataValues() {
        return isAlive("currentMetadataValues") ? present : 0;
    }

    @Override
    public boolean isPresent(MetadataField field) {
        Objects.requireNonNull(field, "field must not be null: give a FWPS_METADATA_FIELD_*");
        return isAlive(field.name()) && offers(field);
    }

    @Override
    public int processId() {
        return readable(MetadataField.FWPS_METADATA_FIELD_PROCESS_ID)
                ? live.question().values().process().id()
                : 0;
    }

    @Override
    public @Nullable Token token() {
        return readable(MetadataField.FWPS_METADATA_FIELD_TOKEN)
                ? live.question().values().process().token()
                : null;
    }

    @Override
    public long transportEndpointHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE)
                ? live.question().transportEndpoint()
                : 0;
    }

    @Override
    public long parentEndpointHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE)
                ? live.question().parentEndpoint()
                : 0;
    }

    @Override
    public int compartmentId() {
        return readable(MetadataField.FWPS_METADATA_FIELD_COMPARTMENT_ID)
                ? live.question().values().compartmentId()
                : 0;
    }

    @Override
    public @Nullable RedirectRecords redirectRecords() {
        return readable(MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE) ? this : null;
    }

    @Override
    public long flowHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_FLOW_HANDLE)
                ? live.question().flowId()
                : 0;
    }

    @Override
    public @Nullable CompletionHandle completionHandle() {
        return readable(MetadataField.FWPS_METADATA_FIELD_COMPLETION_HANDLE) ? turn : null;
    }

    @Override
    public int localRedirectTargetPid() {
        return readable(MetadataField.FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID) ? targetPid : 0;
    }

    @Override
    public @Nullable InetSocketAddress originalDestination() {
        Question.Redirected redirected = live.question().redirected();
        return readable(MetadataField.FWPS_METADATA_FIELD_ORIGINAL_DESTINATION) && redirected != null
                ? redirected.originalDestination()
                : null;
    }

    private boolean readable(MetadataField field) {
        if (!isAlive(field.name())) {
            return false;
        }
        if (!offers(field)) {
            live.fault(Fault.METADATA_NOT_PRESENT, "inMetaValues." + field, "its bit is not set at this layer");
            return false;
        }
        return true;
    }

    private boolean offers(MetadataField field) {
        return (present & field.code()) != 0;
    }

    private boolean isAlive(String member) {
        return !turn.isOver() || turn.refuseStale("inMetaValues." + member, "read");
    }

    CalloutTurn turn() {
        return turn;
    }
}
