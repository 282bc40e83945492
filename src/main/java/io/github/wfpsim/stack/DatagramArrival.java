package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.trace.TraceEvent;

/** The receiver's side of a packet that creates a flow: AUTH_RECV_ACCEPT, FLOW_ESTABLISHED (WFP-03). */
final class DatagramArrival extends Operation {

    private static final Steps<DatagramArrival> STEPS = Steps.of(
            DatagramArrival.class,
            DatagramArrival::askAuthRecvAccept,
            DatagramArrival::askFlowEstablished,
            DatagramArrival::becomeEstablished);

    private final DatagramFlow flow;
    private final int policyEpoch;

    DatagramArrival(HostStack stack, DatagramFlow flow) {
        super(stack, flow.endpoint(), STEPS);
        this.flow = flow;
        this.policyEpoch = stack.engine().policyEpoch();
    }

    private NtStatus askAuthRecvAccept() {
        return ask(LayerQuestion.authRecvAccept(endpoint()));
    }

    private NtStatus askFlowEstablished() {
        return LayerQuestion.flowEstablished(endpoint(), flow.far()).isPermittedBy(stack().engine())
                ? NtStatus.STATUS_SUCCESS
                : NtStatus.STATUS_ACCESS_DENIED;
    }

    private NtStatus becomeEstablished() {
        Endpoint endpoint = endpoint();
        if (!endpoint.transition(ConnectionState.OPEN, ConnectionState.CONNECTED)) {
            return NtStatus.STATUS_CANCELLED;
        }
        FiveTuple tuple = new FiveTuple(endpoint.protocol(), endpoint.local(), flow.far());
        stack().trace().emit(new TraceEvent.FlowArrived(endpoint.subject(), tuple));
        stack().reauthorization().catchUp(endpoint, policyEpoch);
        return endpoint.isClosed() ? NtStatus.STATUS_ACCESS_DENIED : NtStatus.STATUS_SUCCESS;
    }

    @Override
    void beforeOutcome(NtStatus status) {
        // Before the flow is closed, which would settle it as cancelled.
        flow.authorization().settle(status);
        if (!status.isSuccess()) {
            stack().close(endpoint(), true);
        }
    }
}
