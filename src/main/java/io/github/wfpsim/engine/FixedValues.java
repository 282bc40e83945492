package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.NetInterface;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The fixed values of one classification, as the stack knows them. Immutable but for the process, whose token is read as it
 * is now.
 *
 * @param layer the layer that is asked
 * @param process whose connection it is
 * @param protocol the transport protocol
 * @param local local address and port; unspecified until they are known
 * @param remote remote address and port
 * @param flags FWP_CONDITION_FLAG_* bits
 * @param reauthorizeReason FWP_CONDITION_REAUTHORIZE_REASON_* bits; 0 in a first classification
 * @param originalAppId application before redirection, ALE_ORIGINAL_APP_ID
 * @param net the machine's interfaces
 * @param compartmentId its routing compartment
 */
public record FixedValues(
        Layer layer,
        ProcessEntry process,
        IpProtocol protocol,
        InetSocketAddress local,
        InetSocketAddress remote,
        int flags,
        int reauthorizeReason,
        String originalAppId,
        NetView net,
        int compartmentId)
        implements IncomingValues, ConditionValues {

    /** The same values in a classification that is made again. */
    FixedValues again(ReauthorizeReason reason) {
        return new FixedValues(
                layer,
                process,
                protocol,
                local,
                remote,
                flags | ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code(),
                reauthorizeReason | reason.code(),
                originalAppId,
                net,
                compartmentId);
    }

    @Override
    public String appId() {
        return process.appId();
    }

    @Override
    public String packageId() {
        String sid = process.packageSid();
        return sid == null ? NULL_SID : sid;
    }

    @Override
    public NetInterface localInterface() {
        return net.interfaceOf(local.getAddress());
    }

    /** Only who connects knows by which interface the packets leave. */
    @Override
    public @Nullable NetInterface nextHopInterface() {
        if (!layer.isAuthorizationLayer() || layer.indexOf(ConditionField.FWPM_CONDITION_ALE_ORIGINAL_APP_ID) < 0) {
            return null;
        }
        return net.contains(remote.getAddress()) ? NetInterface.LOOPBACK : localInterface();
    }

    @Override
    public Token userId() {
        return process.token();
    }

    @Override
    public @Nullable Object value(ConditionField field) {
        return switch (field) {
            case FWPM_CONDITION_ALE_APP_ID -> process.appIdBlob();
            case FWPM_CONDITION_ALE_ORIGINAL_APP_ID -> originalAppIdBlob();
            default -> IncomingValues.super.value(field);
        };
    }

    /** Made anew only for connections that are carried on for another application. */
    private FwpByteBlob originalAppIdBlob() {
        return originalAppId.equals(process.appId()) ? process.appIdBlob() : FwpByteBlob.ofText(originalAppId);
    }

    @Override
    public long number(ConditionField field) {
        return IncomingValues.super.number(field);
    }
}
