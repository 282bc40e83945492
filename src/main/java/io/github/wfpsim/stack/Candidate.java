package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.fabric.InboundConnection;
import io.github.wfpsim.fabric.PipeStream;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection that asks to be let in: an endpoint of the listener, and a place in its queue. The methods stand in the
 * order in which they are called; {@link #abandon} may come instead of any.
 */
final class Candidate implements InboundConnection {

    private final HostStack stack;
    private final AcceptQueue queue;
    private final Endpoint child;
    private final FiveTuple tuple;
    private final @Nullable Consumer<Inspection> inspector;
    private final int policyEpoch;
    private @Nullable DuplexStream dialerEnd;
    private boolean hasPlace = true;

    Candidate(
            HostStack stack,
            AcceptQueue queue,
            Endpoint child,
            FiveTuple tuple,
            @Nullable Consumer<Inspection> inspector) {
        this.stack = stack;
        this.queue = queue;
        this.child = child;
        this.tuple = tuple;
        this.inspector = inspector;
        this.policyEpoch = stack.engine().policyEpoch();
    }

    Endpoint child() {
        return child;
    }

    /** A step of whoever connects: asks AUTH_RECV_ACCEPT. */
    NtStatus askAuthRecvAccept(Operation by) {
        return by.ask(
                LayerQuestion.authRecvAccept(child),
                answer -> answer.isPermitted() ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_CONNECTION_REFUSED);
    }

    /** A step of whoever connects: asks the server itself, if it wants to be asked, and lets the connection in. */
    NtStatus askInspector(Operation by) {
        if (inspector == null) {
            return letIn();
        }
        Inspection inspection = new Inspection(
                child, let -> by.resume(() -> let && !child.isClosed() ? letIn() : NtStatus.STATUS_CONNECTION_REFUSED));
        by.await(child, "WskInspectEvent", () -> {
            abandon();
            inspection.abort();
        });
        inspector.accept(inspection);
        return NtStatus.STATUS_PENDING;
    }

    private NtStatus letIn() {
        PipeStream.Pair pair = PipeStream.pair(stack.options().streamBufferSize(), stack.waits(), tuple);
        child.setStream(pair.right());
        dialerEnd = pair.left();
        return NtStatus.STATUS_SUCCESS;
    }

    @Override
    public DuplexStream dialerEnd() {
        return Objects.requireNonNull(dialerEnd, "not let in yet");
    }

    /** The connection is there: asks FLOW_ESTABLISHED at the server, and puts it into the queue. */
    @Override
    public void established() {
        boolean permitted = LayerQuestion.flowEstablished(child, Objects.requireNonNull(child.remote()))
                .isPermittedBy(stack.engine());
        child.setConnectedAt(stack.clock().nanos());
        boolean alive = child.transition(ConnectionState.OPEN, ConnectionState.CONNECTED);
        if (!permitted || !alive) {
            abandon();
            DuplexStream stream = child.stream();
            if (stream != null) {
                // A close by another thread may have come before the stream was there to be reset.
                stream.reset();
            }
            return;
        }
        hasPlace = false;
        if (queue.offer(child)) {
            stack.reauthorization().catchUp(child, policyEpoch);
        } else {
            stack.close(child, true);
        }
    }

    @Override
    public void abandon() {
        if (hasPlace) {
            hasPlace = false;
            queue.release();
            stack.close(child, true);
        }
    }
}
