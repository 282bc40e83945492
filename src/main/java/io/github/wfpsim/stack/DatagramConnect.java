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

    private final DatagramFlow probe;
    private final InetSocketAddress localAsKnown;
    private final ImplicitBind bind;
    private ConnectionState before = ConnectionState.OPEN;

    DatagramConnect(HostStack stack, Endpoint socket, DatagramPort port, InetSocketAddress peer) {
        super(stack, socket);
        this.probe = stack.table().openFlow(socket, peer);
        this.localAsKnown = socket.local();
        this.bind = new ImplicitBind(this, socket, port);
    }

    @Override
    void begin() {
        stack().trace().emit(new TraceEvent.Connecting(LayerQuestions.subjectOf(endpoint()), probe.far()));
        bind.ensure(bound -> {
            if (bound.isSuccess()) {
                redirect();
            } else {
                finish(bound);
            }
        });
    }

    private void redirect() {
        before = endpoint().state();
        boolean bound = before == ConnectionState.BOUND || before == ConnectionState.CONNECTED;
        if (!bound || !endpoint().beginConnect(before)) {
            before = ConnectionState.OPEN;
            finish(endpoint().isClosed() ? NtStatus.STATUS_CANCELLED : NtStatus.STATUS_DEVICE_BUSY);
            return;
        }
        probe.endpoint().setLocal(localAsKnown);
        // What the answer changes counts for the probe alone; only a refusal keeps the socket from its peer.
        new Departure(this, probe.endpoint(), probe.far()).redirect(this::connected);
    }

    private void connected(NtStatus status) {
        if (status.isSuccess()) {
            endpoint().setRemote(probe.far(), probe.far());
        }
        boolean connects =
                status.isSuccess() && endpoint().transition(ConnectionState.CONNECTING, ConnectionState.CONNECTED);
        finish(status.isSuccess() && !connects ? NtStatus.STATUS_CANCELLED : status);
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
            stack().trace()
                    .emit(new TraceEvent.ConnectFailed(LayerQuestions.subjectOf(endpoint()), probe.far(), status));
        }
    }
}
