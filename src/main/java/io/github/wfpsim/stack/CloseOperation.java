package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import org.jspecify.annotations.Nullable;

/**
 * Closing: ENDPOINT_CLOSURE, RESOURCE_RELEASE, and everything that the endpoint held. A callout that holds the closure
 * keeps the port, not the socket (WFP-05).
 */
final class CloseOperation extends Operation {

    private static final Steps<CloseOperation> STEPS = Steps.of(
            CloseOperation.class,
            CloseOperation::endBytes,
            CloseOperation::endDatagrams,
            CloseOperation::askEndpointClosure,
            CloseOperation::releasePort);

    private final ConnectionState left;
    private final boolean abortive;
    // As the socket was before it left its flow; null if nobody is to hear.
    private final @Nullable Subject subject;

    private CloseOperation(HostStack stack, Endpoint endpoint, ConnectionState left, boolean abortive, boolean told) {
        super(stack, endpoint, STEPS);
        this.left = left;
        this.abortive = abortive;
        this.subject = told && stack.trace().isListening() ? endpoint.subject() : null;
    }

    static void run(HostStack stack, Endpoint endpoint, boolean abortive) {
        run(stack, endpoint, abortive, true);
    }

    /** Closes an endpoint whose socket goes on with another one. */
    static void drop(HostStack stack, Endpoint endpoint) {
        run(stack, endpoint, false, false);
    }

    private static void run(HostStack stack, Endpoint endpoint, boolean abortive, boolean told) {
        ConnectionState left = endpoint.close();
        if (left == ConnectionState.CLOSED) {
            return;
        }
        for (Endpoint.Hold hold : endpoint.holds()) {
            hold.cancel();
        }
        new CloseOperation(stack, endpoint, left, abortive, told).launch();
    }

    @Override
    boolean endsWithEndpoint() {
        return false;
    }

    private NtStatus endBytes() {
        AcceptQueue queue = endpoint().acceptQueue();
        if (queue != null) {
            queue.close().forEach(orphan -> stack().close(orphan, true));
        }
        DuplexStream stream = endpoint().stream();
        if (stream != null && abortive) {
            stream.reset();
        } else if (stream != null) {
            stream.close();
        }
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus endDatagrams() {
        DatagramPort port = endpoint().datagramPort();
        if (port != null) {
            stack().datagrams().close(endpoint(), port);
        }
        DatagramFlow flow = endpoint().datagramFlow();
        if (flow != null) {
            Datagrams.ended(flow);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /** Whatever the answer, the socket is closed. */
    private NtStatus askEndpointClosure() {
        if (!hasClosure()) {
            return NtStatus.STATUS_SUCCESS;
        }
        NtStatus asked = ask(LayerQuestion.endpointClosure(endpoint()), whatever -> NtStatus.STATUS_SUCCESS);
        if (asked == NtStatus.STATUS_PENDING) {
            stack().table().retire(endpoint());
        }
        return asked;
    }

    /** A connection, a listener or a datagram socket; not a stream socket that is bound only or was let in by nobody. */
    private boolean hasClosure() {
        return hasPort()
                && (left == ConnectionState.CONNECTED
                        || left == ConnectionState.LISTENING
                        || endpoint().datagramPort() != null);
    }

    /** The layers of closing a flow are those of its socket (WFP-05). */
    private boolean hasPort() {
        return endpoint().datagramFlow() == null && endpoint().local().getPort() != 0;
    }

    private NtStatus releasePort() {
        if (hasPort()) {
            Assignment.release(stack(), endpoint());
        }
        return NtStatus.STATUS_SUCCESS;
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
