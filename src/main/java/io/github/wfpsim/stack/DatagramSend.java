package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.stack.ConnectAuthorization.Turn;
import io.github.wfpsim.trace.DropReason;
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
            send -> send.departure.askAuthConnect(Turn.AS_ASKED_OF_APPLICATION),
            send -> send.departure.askAuthConnect(Turn.AS_ASKED_OF_OWNER),
            send -> send.departure.askAuthConnect(Turn.AS_REDIRECTED_OF_APPLICATION),
            send -> send.departure.askAuthConnect(Turn.AS_REDIRECTED_OF_OWNER),
            // The flow is there, and the packet goes.
            DatagramSend::askFlowEstablished,
            DatagramSend::becomeEstablished,
            DatagramSend::transmit);

    private final DatagramFlow flow;
    private final InetSocketAddress localAsKnown;
    private final ByteBuffer payload;
    private final boolean plain;
    private final ImplicitBind bind;
    private final Departure departure;

    /**
     * Sends the packet that creates a flow.
     *
     * @param plain whether the caller left the address out
     */
    DatagramSend(HostStack stack, DatagramFlow flow, DatagramPort port, ByteBuffer payload, boolean plain) {
        super(stack, flow.endpoint(), STEPS);
        this.flow = flow;
        this.localAsKnown = flow.socket().local();
        this.payload = payload;
        this.plain = plain;
        this.bind = new ImplicitBind(this, flow.socket(), port);
        this.departure = new Departure(this, flow.endpoint(), flow.far());
    }

    private NtStatus tellOfBegin() {
        stack().trace().emit(new TraceEvent.FlowStarting(endpoint().subject(), flow.far()));
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus hideSource() {
        endpoint().setLocal(Datagrams.shownSource(stack(), flow.socket(), localAsKnown));
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus takePortOfSocket() {
        int port = flow.socket().local().getPort();
        endpoint().setLocal(new InetSocketAddress(endpoint().local().getAddress(), port));
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus askFlowEstablished() {
        LayerQuestion question = LayerQuestion.flowEstablished(endpoint(), departure.effective());
        return question.isPermittedBy(stack().engine())
                ? NtStatus.STATUS_SUCCESS
                : departure.blockedAt(question.layer());
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
        return endpoint.isClosed()
                ? departure.blockedAt(LayerQuestion.authConnectLayer(effective))
                : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus transmit() {
        Datagram packet = new Datagram(endpoint().local(), departure.effective(), payload);
        return stack().datagrams().transmit(flow, packet, plain);
    }

    /** A flow that no packet has left by does not stay. */
    @Override
    void beforeOutcome(NtStatus status) {
        bind.end();
        if (!status.isSuccess()) {
            DropReason drop = departure.drop();
            if (drop != null && status == NtStatus.STATUS_ACCESS_DENIED) {
                flow.refuse(new DatagramFlow.Refusal(departure.effective(), drop, departure.dropLayer()));
            }
            stack().trace().emit(new TraceEvent.SendFailed(endpoint().subject(), flow.far(), status));
        }
        // Before the flow is closed, which would settle it as cancelled.
        flow.authorization().settle(status);
        if (!status.isSuccess()) {
            stack().close(endpoint(), true);
        }
    }

    @Override
    NtStatus heard(NtStatus status) {
        return stack().datagrams().heard(flow, payload, status);
    }
}
