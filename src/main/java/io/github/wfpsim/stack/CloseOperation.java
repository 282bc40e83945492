package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.table.AcceptQueue;
import io.github.wfpsim.table.Endpoint;
import io.github.wfpsim.table.EndpointState;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.FaultScope;
import java.net.InetSocketAddress;

/** Closing: ENDPOINT_CLOSURE, RESOURCE_RELEASE, and everything that the endpoint held. */
final class CloseOperation {

    private final HostStack stack;

    CloseOperation(HostStack stack) {
        this.stack = stack;
    }

    void close(Endpoint endpoint, boolean abortive) {
        EndpointState before = endpoint.close();
        if (before == EndpointState.CLOSED) {
            return;
        }
        try (FaultScope scope = stack.verifier().enter()) {
            Subject subject = LayerQuestions.subjectOf(endpoint);
            AcceptQueue queue = endpoint.acceptQueue();
            if (queue != null) {
                queue.close().forEach(orphan -> close(orphan, true));
            }
            DuplexStream stream = endpoint.stream();
            if (stream != null) {
                end(stream, abortive);
            }
            askLayers(endpoint);
            stack.table().remove(endpoint);
            stack.trace().emit(new TraceEvent.Closed(subject, abortive));
        }
    }

    private static void end(DuplexStream stream, boolean abortive) {
        if (abortive) {
            stream.reset();
        } else {
            stream.close();
        }
    }

    private void askLayers(Endpoint endpoint) {
        InetSocketAddress remote = endpoint.remote();
        InetSocketAddress peer =
                remote == null ? new InetSocketAddress(IpAddress.wildcard(endpoint.family()), 0) : remote;
        if (endpoint.local().getPort() == 0) {
            return;
        }
        LayerQuestions questions = stack.questions();
        questions.permits(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, endpoint, endpoint.local(), peer, 0);
        if (!endpoint.isAcceptor()) {
            InetSocketAddress nobody = new InetSocketAddress(IpAddress.wildcard(endpoint.family()), 0);
            questions.permits(Layer.FWPS_LAYER_ALE_RESOURCE_RELEASE_V4, endpoint, endpoint.local(), nobody, 0);
        }
    }
}
