package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;

/**
 * Giving a datagram socket its peer: CONNECT_REDIRECT is asked, and asked again by the first send, whose answer counts
 * (UDP-17). No packet goes.
 */
final class DatagramConnect extends Operation {

    private static final Steps<DatagramConnect> STEPS = Steps.of(
            DatagramConnect.class,
            DatagramConnect::tellOfBegin,
            connect -> connect.bind.begin(),
            connect -> connect.bind.assignment().askBindRedirect(),
            connect -> connect.bind.assignment().askResourceAssignment(),
            connect -> connect.bind.assignment().takePort(),
            connect -> connect.bind.complete(),
            DatagramConnect::beginConnect,
            connect -> connect.departure.askConnectRedirect(),
            DatagramConnect::becomeConnected);

    private final DatagramFlow probe;
    private final InetSocketAddress localAsKnown;
    private final ImplicitBind bind;
    // What its answer changes counts for the probe alone; only a refusal keeps the socket from its peer.
    private final Departure departure;
    private ConnectionState before = ConnectionState.OPEN;

    DatagramConnect(HostStack stack, Endpoint socket, DatagramPort port, InetSocketAddress peer) {
        super(stack, socket, STEPS);
        this.probe = stack.table().makeFlow(socket, peer, stack.clock().nanos());
        stack.table().add(probe.endpoint());
        this.localAsKnown = socket.local();
        this.bind = new ImplicitBind(this, socket, port);
        this.departure = Departure.probe(this, probe.endpoint(), probe.far());
    }

    private NtStatus tellOfBegin() {
        stack().trace().emit(new TraceEvent.Connecting(endpoint().subject(), probe.far()));
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus beginConnect() {
        ConnectionState state = endpoint().state();
        boolean bound = state == ConnectionState.BOUND || state == ConnectionState.CONNECTED;
        if (!bound || !endpoint().beginConnect(state)) {
            return endpoint().isClosed() ? NtStatus.STATUS_CANCELLED : NtStatus.STATUS_DEVICE_BUSY;
        }
        before = state;
        probe.endpoint().setLocal(Datagrams.shownSource(stack(), endpoint(), localAsKnown));
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus becomeConnected() {
        endpoint().setRemote(probe.far(), probe.far());
        return endpoint().transition(ConnectionState.CONNECTING, ConnectionState.CONNECTED)
                ? NtStatus.STATUS_SUCCESS
                : NtStatus.STATUS_CANCELLED;
    }

    @Override
    void beforeOutcome(NtStatus status) {
        bind.end();
        stack().close(probe.endpoint(), true);
        if (!status.isSuccess()) {
            if (before != ConnectionState.OPEN) {
                endpoint().setConnectFailed(status);
                endpoint().transition(ConnectionState.CONNECTING, before);
            }
            stack().trace().emit(new TraceEvent.ConnectFailed(endpoint().subject(), probe.far(), status));
        }
    }
}
