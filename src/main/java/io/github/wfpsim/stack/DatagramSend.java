package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The packet that creates a flow (WFP-03). {@link #STEPS} says what happens, in its order. */
final class DatagramSend extends Operation {

    private static final Steps<DatagramSend> STEPS = Steps.of(
            DatagramSend.class,
            DatagramSend::tellOfBegin,
            // A local address, for a socket that was never bound.
            send -> send.bind.begin(),
            send -> send.bind.assignment().askBindRedirect(),
            send -> send.bind.assignment().askResourceAssignment(),
            send -> send.bind.assignment().takePort(),
            send -> send.bind.complete(),
            // Where to.
            DatagramSend::hideSource,
            send -> send.departure.askConnectRedirect(),
            DatagramSend::takePortOfSocket,
            send -> send.departure.chooseSource(),
            // Twice for a redirect to elsewhere, each of them twice if it carries records.
            send -> send.departure.askAuthConnectAsAskedOfApplication(),
            send -> send.departure.askAuthConnectAsAsked(),
            send -> send.departure.askAuthConnectOfApplication(),
            send -> send.departure.askAuthConnect(),
            // The flow is there, and the packet goes.
            DatagramSend::askFlowEstablished,
            DatagramSend::becomeEstablished,
            DatagramSend::transmit);

    private final DatagramFlow flow;
    private final InetSocketAddress localAsKnown;
    private final ByteBuffer payload;
    private final ImplicitBind bind;
    private final Departure departure;

    DatagramSend(HostStack stack, DatagramFlow flow, DatagramPort port, ByteBuffer payload) {
        super(stack, flow.endpoint(), STEPS);
        this.flow = flow;
        this.localAsKnown = flow.socket().local();
        this.payload = payload;
        this.bind = new ImplicitBind(this, flow.socket(), port);
        this.departure = new Departure(this, flow.endpoint(), flow.far());
    }

    private NtStatus tellOfBegin() {
        stack().trace().emit(new TraceEvent.FlowStarting(endpoint().subject(), flow.far()));
        return NtStatus.STATUS_SUCCESS;
    }

    /** A source that the owner did not choose is not known to callouts before routing (WFP-14). */
    private NtStatus hideSource() {
        endpoint().setLocal(localAsKnown);
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus takePortOfSocket() {
        int port = flow.socket().local().getPort();
        endpoint().setLocal(new InetSocketAddress(endpoint().local().getAddress(), port));
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus askFlowEstablished() {
        return LayerQuestion.flowEstablished(endpoint(), departure.effective()).isPermittedBy(stack().engine())
                ? NtStatus.STATUS_SUCCESS
                : NtStatus.STATUS_ACCESS_DENIED;
    }

    private NtStatus becomeEstablished() {
        Endpoint endpoint = endpoint();
        InetSocketAddress effective = departure.effective();
        endpoint.setRemote(flow.far(), effective);
        if (!endpoint.transition(ConnectionState.OPEN, ConnectionState.CONNECTED)) {
            return NtStatus.STATUS_CANCELLED;
        }
        FiveTuple tuple = new FiveTuple(endpoint.protocol(), endpoint.local(), flow.far());
        stack().trace().emit(new TraceEvent.FlowStarted(endpoint.subject(), tuple, effective));
        stack().reauthorization().catchUp(endpoint, departure.policyEpoch());
        return endpoint.isClosed() ? NtStatus.STATUS_ACCESS_DENIED : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus transmit() {
        Datagram packet = new Datagram(endpoint().local(), departure.effective(), payload);
        return stack().datagrams().transmit(flow, packet);
    }

    /** A flow that no packet has left by does not stay. */
    @Override
    void beforeOutcome(NtStatus status) {
        bind.end();
        if (!status.isSuccess()) {
            stack().trace().emit(new TraceEvent.SendFailed(endpoint().subject(), flow.far(), status));
            stack().close(endpoint(), true);
        }
        flow.authorization().settle(status);
    }
}
