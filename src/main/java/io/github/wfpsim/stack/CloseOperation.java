package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Closing: ENDPOINT_CLOSURE, RESOURCE_RELEASE, and everything that the endpoint held. A callout that holds the closure
 * keeps the port, not the socket (WFP-05).
 */
final class CloseOperation extends Operation {

    private final ConnectionState left;
    private final boolean abortive;
    // As the socket was before it left its flow; null if nobody listens.
    private final @Nullable Subject subject;

    private CloseOperation(HostStack stack, Endpoint endpoint, ConnectionState left, boolean abortive) {
        super(stack, endpoint);
        this.left = left;
        this.abortive = abortive;
        this.subject = stack.trace().isListening() ? LayerQuestions.subjectOf(endpoint) : null;
    }

    static void run(HostStack stack, Endpoint endpoint, boolean abortive) {
        ConnectionState left = endpoint.close();
        if (left == ConnectionState.CLOSED) {
            return;
        }
        for (Hold hold : endpoint.holds()) {
            hold.cancel();
        }
        new CloseOperation(stack, endpoint, left, abortive).launch();
    }

    @Override
    boolean endsWithEndpoint() {
        return false;
    }

    @Override
    void begin() {
        AcceptQueue queue = endpoint().acceptQueue();
        if (queue != null) {
            queue.close().forEach(orphan -> stack().close(orphan, true));
        }
        DuplexStream stream = endpoint().stream();
        if (stream != null) {
            end(stream);
        }
        DatagramPort port = endpoint().datagramPort();
        if (port != null) {
            stack().datagrams().close(port);
        }
        DatagramFlow flow = endpoint().datagramFlow();
        if (flow != null) {
            // The layers of closing are those of the socket (WFP-05).
            Datagrams.ended(flow);
        }
        if (flow != null || endpoint().local().getPort() == 0) {
            finish(NtStatus.STATUS_SUCCESS);
            return;
        }
        if (hasClosure()) {
            askClosure();
        } else {
            released();
        }
        stack().table().retire(endpoint());
    }

    /** A connection, a listener or a datagram socket; not a stream socket that is bound only or was let in by nobody. */
    private boolean hasClosure() {
        return left == ConnectionState.CONNECTED
                || left == ConnectionState.LISTENING
                || endpoint().datagramPort() != null;
    }

    private void askClosure() {
        if (stack().questions().isIdle(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4)) {
            released();
            return;
        }
        InetSocketAddress remote = endpoint().remote();
        stack().questions()
                .permits(
                        this,
                        Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4,
                        endpoint(),
                        endpoint().local(),
                        remote == null ? IpAddress.unspecified(endpoint().family()) : remote,
                        0,
                        whatever -> released());
    }

    private void end(DuplexStream stream) {
        if (abortive) {
            stream.reset();
        } else {
            stream.close();
        }
    }

    private void released() {
        Assignment.release(stack(), endpoint());
        finish(NtStatus.STATUS_SUCCESS);
    }

    @Override
    void beforeOutcome(NtStatus status) {
        stack().table().remove(endpoint());
        stack().engine().flowEnded(endpoint().handle());
        if (subject != null && endpoint().datagramFlow() == null) {
            stack().trace().emit(new TraceEvent.Closed(subject, abortive));
        }
    }
}
