package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.NetInterface;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The fixed values of one turn of a callout, and a fault for reading them after it (WFP-19). */
final class LentValues implements IncomingValues {

    private final CalloutTurn turn;
    private final FixedValues values;

    LentValues(CalloutTurn turn, FixedValues values) {
        this.turn = turn;
        this.values = values;
    }

    /** The values as the stack knows them. */
    FixedValues asKnown() {
        return values;
    }

    private FixedValues read(String member) {
        if (turn.isOver()) {
            turn.refuseStale("inFixedValues." + member, "read");
        }
        return values;
    }

    @Override
    public Layer layer() {
        return read("layerId").layer();
    }

    @Override
    public String appId() {
        return read("ALE_APP_ID").appId();
    }

    @Override
    public String originalAppId() {
        return read("ALE_ORIGINAL_APP_ID").originalAppId();
    }

    @Override
    public String packageId() {
        return read("ALE_PACKAGE_ID").packageId();
    }

    @Override
    public Token userId() {
        return read("ALE_USER_ID").userId();
    }

    @Override
    public IpProtocol protocol() {
        return read("IP_PROTOCOL").protocol();
    }

    @Override
    public InetSocketAddress local() {
        return read("IP_LOCAL_ADDRESS").local();
    }

    @Override
    public InetSocketAddress remote() {
        return read("IP_REMOTE_ADDRESS").remote();
    }

    @Override
    public int flags() {
        return read("FLAGS").flags();
    }

    @Override
    public int reauthorizeReason() {
        return read("REAUTHORIZE_REASON").reauthorizeReason();
    }

    @Override
    public int compartmentId() {
        return read("COMPARTMENT_ID").compartmentId();
    }

    @Override
    public NetInterface localInterface() {
        return read("IP_LOCAL_INTERFACE").localInterface();
    }

    @Override
    public @Nullable NetInterface nextHopInterface() {
        return read("IP_NEXTHOP_INTERFACE").nextHopInterface();
    }

    @Override
    public @Nullable Object value(ConditionField field) {
        return read("incomingValue").value(field);
    }

    @Override
    public long number(ConditionField field) {
        return read("incomingValue").number(field);
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
