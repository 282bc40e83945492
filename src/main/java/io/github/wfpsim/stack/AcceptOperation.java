package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.InboundConnection;
import io.github.wfpsim.table.AcceptQueue;
import io.github.wfpsim.table.Endpoint;
import io.github.wfpsim.table.EndpointState;
import io.github.wfpsim.table.RedirectedFlow;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.FaultScope;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The server's side of a connection: AUTH_RECV_ACCEPT, FLOW_ESTABLISHED, the queue, and accept itself. */
final class AcceptOperation {

    private final HostStack stack;

    AcceptOperation(HostStack stack) {
        this.stack = stack;
    }

    /** Lets a connection in, or throws what the dialler sees. */
    InboundConnection offer(FiveTuple tuple, @Nullable RedirectedFlow flow) throws ConnectException {
        Endpoint listener = stack.table().listenerFor(tuple.protocol(), tuple.local());
        AcceptQueue queue = listener == null ? null : listener.acceptQueue();
        if (listener == null || queue == null || !queue.reserve()) {
            throw new ConnectException("nobody accepts at " + tuple.local());
        }
        Endpoint child = stack.table()
                .open(new Endpoint.Identity(
                        0,
                        listener.handle(),
                        listener.owner(),
                        listener.family(),
                        listener.type(),
                        listener.protocol()));
        child.setV6Only(listener.isV6Only());
        child.setLocal(tuple.local());
        child.setRemote(tuple.remote(), tuple.remote());
        stack.table().accepts(child, flow);
        if (!permits(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, child)) {
            queue.release();
            stack.closing().close(child, true);
            throw new ConnectException("a filter blocks what comes in at " + tuple.local());
        }
        DuplexStream.StreamPair pair = DuplexStream.pair(stack.options().streamBufferSize());
        child.setStream(pair.right());
        return new Arrival(stack, queue, child, pair.left());
    }

    private boolean permits(Layer layer, Endpoint child) {
        InetSocketAddress remote = child.remote();
        return remote != null
                && stack.questions().permits(layer, child, child.local(), remote, LayerQuestions.loopbackFlag(remote));
    }

    /** A connection between its authorization and its place in the queue. */
    private record Arrival(HostStack stack, AcceptQueue queue, Endpoint child, DuplexStream dialerEnd)
            implements InboundConnection {

        @Override
        public void established() {
            boolean permitted = stack.accepting().permits(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4, child);
            boolean alive = child.transition(EndpointState.OPEN, EndpointState.CONNECTED);
            if (!permitted || !alive) {
                queue.release();
                stack.closing().close(child, true);
                // A close by another thread may have come before the stream was there to be reset.
                dialerEnd.reset();
            } else if (!queue.offer(child)) {
                stack.closing().close(child, true);
            }
        }

        @Override
        public void abandon() {
            queue.release();
            stack.closing().close(child, true);
        }
    }

    NtStatus accept(Endpoint listener, Deadline deadline, Out<KernelSocket> accepted) throws InterruptedException {
        AcceptQueue queue = listener.acceptQueue();
        if (listener.state() != EndpointState.LISTENING || queue == null) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        Endpoint child = queue.take(deadline);
        if (child == null) {
            return queue.isClosed() ? NtStatus.STATUS_CANCELLED : NtStatus.STATUS_DEVICE_NOT_READY;
        }
        accepted.set(new KernelSocket(child));
        InetSocketAddress remote = child.remote();
        if (stack.trace().isListening() && remote != null) {
            FiveTuple tuple = new FiveTuple(child.protocol(), child.local(), remote);
            stack.trace().emit(new TraceEvent.Accepted(LayerQuestions.subjectOf(child), listener.handle(), tuple));
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /** A connection from another machine of the network, which hears nothing of faults on this one. */
    InboundConnection offerFromNetwork(FiveTuple tuple) throws ConnectException {
        FaultScope scope = stack.verifier().enter();
        try {
            return new FromNetwork(stack, offer(tuple, null));
        } finally {
            scope.defer();
        }
    }

    private record FromNetwork(HostStack stack, InboundConnection arrival) implements InboundConnection {

        @Override
        public DuplexStream dialerEnd() {
            return arrival.dialerEnd();
        }

        @Override
        public void established() {
            deferringFaults(arrival::established);
        }

        @Override
        public void abandon() {
            deferringFaults(arrival::abandon);
        }

        private void deferringFaults(Runnable step) {
            FaultScope scope = stack.verifier().enter();
            try {
                step.run();
            } finally {
                scope.defer();
            }
        }
    }
}
