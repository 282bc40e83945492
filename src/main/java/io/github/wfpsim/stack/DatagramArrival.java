package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;

/** The receiver's side of a packet that creates a flow: AUTH_RECV_ACCEPT, FLOW_ESTABLISHED (WFP-03). */
final class DatagramArrival extends Operation {

    private final DatagramFlow flow;
    private final int policyEpoch;

    DatagramArrival(HostStack stack, DatagramFlow flow) {
        super(stack, flow.endpoint());
        this.flow = flow;
        this.policyEpoch = stack.engine().policyEpoch();
    }

    @Override
    void begin() {
        InetSocketAddress source = flow.far();
        stack().questions()
                .permits(
                        this,
                        Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4,
                        endpoint(),
                        endpoint().local(),
                        source,
                        LayerQuestions.loopbackFlag(source),
                        permitted -> {
                            if (permitted) {
                                establish(source);
                            } else {
                                finish(NtStatus.STATUS_ACCESS_DENIED);
                            }
                        });
    }

    private void establish(InetSocketAddress source) {
        Endpoint endpoint = endpoint();
        boolean permitted = stack().questions()
                .permitsNow(
                        Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                        endpoint,
                        endpoint.local(),
                        source,
                        LayerQuestions.loopbackFlag(source));
        if (!permitted) {
            finish(NtStatus.STATUS_ACCESS_DENIED);
        } else if (!endpoint.transition(ConnectionState.OPEN, ConnectionState.CONNECTED)) {
            finish(NtStatus.STATUS_CANCELLED);
        } else {
            FiveTuple tuple = new FiveTuple(endpoint.protocol(), endpoint.local(), source);
            stack().trace().emit(new TraceEvent.FlowArrived(LayerQuestions.subjectOf(endpoint), tuple));
            stack().reauthorization().catchUp(endpoint, policyEpoch);
            finish(endpoint.isClosed() ? NtStatus.STATUS_ACCESS_DENIED : NtStatus.STATUS_SUCCESS);
        }
    }

    @Override
    void beforeOutcome(NtStatus status) {
        if (!status.isSuccess()) {
            stack().close(endpoint(), true);
        }
        flow.authorization().settle(status);
    }
}
