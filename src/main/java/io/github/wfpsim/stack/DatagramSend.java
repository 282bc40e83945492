package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * The packet that creates a flow: CONNECT_REDIRECT, AUTH_CONNECT, FLOW_ESTABLISHED at the sender, then the packet goes
 * (WFP-03). The steps stand in their order.
 */
final class DatagramSend extends Operation {

    private final DatagramFlow flow;
    private final InetSocketAddress localAsKnown;
    private final ByteBuffer payload;
    private final ImplicitBind bind;
    private final Departure departure;

    DatagramSend(HostStack stack, DatagramFlow flow, DatagramPort port, ByteBuffer payload) {
        super(stack, flow.endpoint());
        this.flow = flow;
        this.localAsKnown = flow.socket().local();
        this.payload = payload;
        this.bind = new ImplicitBind(this, flow.socket(), port);
        this.departure = new Departure(this, flow.endpoint(), flow.far());
    }

    @Override
    void begin() {
        stack().trace().emit(new TraceEvent.FlowStarting(LayerQuestions.subjectOf(endpoint()), flow.far()));
        bind.ensure(bound -> {
            if (bound.isSuccess()) {
                // A source that the owner did not choose is not known to callouts before routing (WFP-14).
                endpoint().setLocal(localAsKnown);
                departure.redirect(this::redirected);
            } else {
                finish(bound);
            }
        });
    }

    private void redirected(NtStatus status) {
        if (!status.isSuccess()) {
            finish(status);
            return;
        }
        int port = flow.socket().local().getPort();
        endpoint().setLocal(new InetSocketAddress(endpoint().local().getAddress(), port));
        departure.authorize(authorized -> {
            if (authorized.isSuccess()) {
                establish();
            } else {
                finish(authorized);
            }
        });
    }

    private void establish() {
        Endpoint endpoint = endpoint();
        InetSocketAddress effective = departure.effective();
        boolean permitted = stack().questions()
                .permitsNow(
                        Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                        endpoint,
                        endpoint.local(),
                        effective,
                        LayerQuestions.proxyFlag(endpoint) | LayerQuestions.loopbackFlag(effective));
        if (!permitted) {
            finish(NtStatus.STATUS_ACCESS_DENIED);
            return;
        }
        endpoint.setRemote(flow.far(), effective);
        if (!endpoint.transition(ConnectionState.OPEN, ConnectionState.CONNECTED)) {
            finish(NtStatus.STATUS_CANCELLED);
            return;
        }
        FiveTuple tuple = new FiveTuple(endpoint.protocol(), endpoint.local(), flow.far());
        stack().trace().emit(new TraceEvent.FlowStarted(LayerQuestions.subjectOf(endpoint), tuple, effective));
        stack().reauthorization().catchUp(endpoint, departure.policyEpoch());
        finish(
                endpoint.isClosed()
                        ? NtStatus.STATUS_ACCESS_DENIED
                        : stack().datagrams().transmit(flow, new Datagram(endpoint.local(), effective, payload)));
    }

    /** A flow that no packet has left by does not stay. */
    @Override
    void beforeOutcome(NtStatus status) {
        bind.end();
        if (!status.isSuccess()) {
            stack().trace().emit(new TraceEvent.SendFailed(LayerQuestions.subjectOf(endpoint()), flow.far(), status));
            stack().close(endpoint(), true);
        }
        flow.authorization().settle(status);
    }
}
