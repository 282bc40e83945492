package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.WritableLayerData;
import java.net.InetSocketAddress;

/** A version of a request as one turn of a callout sees it, and a fault for using it after the turn (WFP-19). */
abstract class LentRequest<V extends RequestVersion> implements WritableLayerData {

    private final CalloutTurn turn;
    private final V version;

    LentRequest(CalloutTurn turn, V version) {
        this.turn = turn;
        this.version = version;
    }

    /** Lends a version to a turn. */
    static LentRequest<?> of(CalloutTurn turn, RequestVersion version) {
        return version instanceof ConnectVersion connect
                ? new LentConnectRequest(turn, connect)
                : new LentBindRequest(turn, (BindVersion) version);
    }

    final CalloutTurn turn() {
        return turn;
    }

    final V version() {
        return version;
    }

    /** The version, to read a member of it. */
    final V read(String member) {
        if (turn.isOver()) {
            turn.refuseStale("layerData." + member, "read");
        }
        return version;
    }

    /** Whether a member may be written; what is written after the turn has no effect. */
    final boolean mayWrite(String member) {
        return !turn.isOver() || turn.refuseStale("layerData." + member, "written");
    }

    @Override
    public final InetSocketAddress localAddressAndPort() {
        return read("localAddressAndPort").localAddressAndPort();
    }

    @Override
    public final void setLocalAddressAndPort(InetSocketAddress address) {
        if (mayWrite("localAddressAndPort")) {
            version.setLocalAddressAndPort(address);
        }
    }

    @Override
    public final long portReservationToken() {
        return read("portReservationToken").portReservationToken();
    }

    @Override
    public final void setPortReservationToken(long token) {
        if (mayWrite("portReservationToken")) {
            version.setPortReservationToken(token);
        }
    }

    @Override
    public final long modifierFilterId() {
        return read("modifierFilterId").modifierFilterId();
    }

    @Override
    public final String toString() {
        return version.toString();
    }
}
