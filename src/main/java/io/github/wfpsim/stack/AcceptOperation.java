package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.Dialer;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.InboundConnection;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.trace.TraceEvent;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The server's side of a connection: AUTH_RECV_ACCEPT, FLOW_ESTABLISHED, the queue, and accept itself. */
final class AcceptOperation {

    private final HostStack stack;
    private final Map<Long, Consumer<Inspection>> inspectors = new ConcurrentHashMap<>();

    AcceptOperation(HostStack stack) {
        this.stack = stack;
    }

    /** Offers a connection from this machine, as a part of the connect that makes it. */
    void offer(Operation connect, FiveTuple tuple, @Nullable RedirectedFlow flow, Dialer dialer) {
        Candidate candidate;
        try {
            candidate = candidate(tuple, flow);
        } catch (ConnectException nobody) {
            dialer.refuse(nobody);
            return;
        }
        candidate.admit(connect, dialer);
    }

    /** Offers a connection from another machine, which hears nothing of faults on this one. */
    void offerFromNetwork(FiveTuple tuple, Dialer dialer) {
        FaultScope scope = stack.verifier().enter();
        try {
            new Inbound(stack, candidate(tuple, null), dialer).launch();
        } catch (ConnectException nobody) {
            dialer.refuse(nobody);
        } finally {
            scope.defer();
        }
    }

    private Candidate candidate(FiveTuple tuple, @Nullable RedirectedFlow flow) throws ConnectException {
        Endpoint listener = stack.table().listenerFor(tuple.protocol(), tuple.local());
        AcceptQueue queue = listener == null ? null : listener.acceptQueue();
        if (listener == null || queue == null || !queue.reserve()) {
            throw new ConnectException("nobody accepts at " + tuple.local());
        }
        Endpoint child = stack.table().open(listener.owner(), listener.kind(), listener);
        child.setV6Only(listener.isV6Only());
        child.setLocal(tuple.local());
        child.setRemote(tuple.remote(), tuple.remote());
        stack.table().accepts(child, flow);
        return new Candidate(
                stack,
                queue,
                child,
                inspectors.get(listener.handle()),
                stack.engine().policyEpoch());
    }

    /** Has a listener's connections inspected before they are let in; null ends that. */
    void inspect(Endpoint listener, @Nullable Consumer<Inspection> inspector) {
        if (inspector == null) {
            inspectors.remove(listener.handle());
        } else {
            inspectors.put(listener.handle(), inspector);
        }
    }

    /** A connection that asks to be let in: an endpoint of the listener, and a place in its queue. */
    private record Candidate(
            HostStack stack,
            AcceptQueue queue,
            Endpoint child,
            @Nullable Consumer<Inspection> inspector,
            int policyEpoch) {

        void admit(Operation by, Dialer dialer) {
            if (stack.questions().isIdle(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4)) {
                judged(by, true, dialer);
                return;
            }
            InetSocketAddress remote = Objects.requireNonNull(child.remote());
            stack.questions()
                    .permits(
                            by,
                            Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4,
                            child,
                            child.local(),
                            remote,
                            LayerQuestions.loopbackFlag(remote),
                            permitted -> judged(by, permitted, dialer),
                            this::giveUp);
        }

        private void judged(Operation by, boolean permitted, Dialer dialer) {
            if (!permitted || inspector == null) {
                answer(permitted, dialer);
                return;
            }
            Inspection inspection =
                    new Inspection(child, let -> by.goOn(() -> answer(let && !child.isClosed(), dialer)));
            by.await(child, "WskInspectEvent", () -> {
                giveUp();
                inspection.abort();
            });
            inspector.accept(inspection);
        }

        private void answer(boolean permitted, Dialer dialer) {
            if (!permitted) {
                giveUp();
                dialer.refuse(new ConnectException(
                        "a filter or the server itself refuses what comes in at " + child.local()));
                return;
            }
            DuplexStream.StreamPair pair = DuplexStream.pair(stack.options().streamBufferSize());
            child.setStream(pair.right());
            dialer.letIn(new Arrival(this, pair.left()));
        }

        void giveUp() {
            queue.release();
            stack.close(child, true);
        }
    }

    /** The authorization of a connection from another machine. */
    private static final class Inbound extends Operation {

        private final Candidate candidate;
        private final Dialer dialer;

        Inbound(HostStack stack, Candidate candidate, Dialer dialer) {
            super(stack, candidate.child());
            this.candidate = candidate;
            this.dialer = dialer;
        }

        @Override
        void begin() {
            candidate.admit(this, new Dialer() {
                @Override
                public void letIn(InboundConnection connection) {
                    dialer.letIn(new FromNetwork(stack(), connection));
                    finish(NtStatus.STATUS_SUCCESS);
                }

                @Override
                public void refuse(java.io.IOException why) {
                    dialer.refuse(why);
                    finish(NtStatus.STATUS_CONNECTION_REFUSED);
                }
            });
        }

        @Override
        void beforeOutcome(NtStatus status) {
            if (status == NtStatus.STATUS_CANCELLED) {
                dialer.refuse(new ConnectException("the server at " + endpoint().local() + " is gone"));
            }
        }
    }

    /** A connection between its authorization and its place in the queue. */
    private record Arrival(Candidate candidate, DuplexStream dialerEnd) implements InboundConnection {

        @Override
        public void established() {
            HostStack stack = candidate.stack();
            Endpoint child = candidate.child();
            InetSocketAddress remote = Objects.requireNonNull(child.remote());
            boolean permitted = stack.questions()
                    .permitsNow(
                            Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                            child,
                            child.local(),
                            remote,
                            LayerQuestions.loopbackFlag(remote));
            child.setConnectedAt(stack.clock().nanos());
            boolean alive = child.transition(ConnectionState.OPEN, ConnectionState.CONNECTED);
            if (!permitted || !alive) {
                candidate.giveUp();
                DuplexStream stream = child.stream();
                if (stream != null) {
                    // A close by another thread may have come before the stream was there to be reset.
                    stream.reset();
                }
            } else if (!candidate.queue().offer(child)) {
                stack.close(child, true);
            } else {
                stack.reauthorization().catchUp(child, candidate.policyEpoch());
            }
        }

        @Override
        public void abandon() {
            candidate.giveUp();
        }
    }

    /** Keeps faults of this machine from the one that dials. */
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

    NtStatus accept(Endpoint listener, Deadline deadline, Out<HostSocket> accepted) throws InterruptedException {
        AcceptQueue queue = listener.acceptQueue();
        if (listener.state() != ConnectionState.LISTENING || queue == null) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        return accepted(listener, queue, queue.take(deadline), accepted);
    }

    NtStatus tryAccept(Endpoint listener, Out<HostSocket> accepted) {
        AcceptQueue queue = listener.acceptQueue();
        return listener.state() != ConnectionState.LISTENING || queue == null
                ? NtStatus.STATUS_INVALID_DEVICE_STATE
                : accepted(listener, queue, queue.poll(), accepted);
    }

    private NtStatus accepted(
            Endpoint listener, AcceptQueue queue, @Nullable Endpoint child, Out<HostSocket> accepted) {
        if (child == null) {
            return queue.isClosed() ? NtStatus.STATUS_CANCELLED : NtStatus.STATUS_DEVICE_NOT_READY;
        }
        accepted.set(new HostSocket(child));
        InetSocketAddress remote = child.remote();
        if (stack.trace().isListening() && remote != null) {
            FiveTuple tuple = new FiveTuple(child.protocol(), child.local(), remote);
            stack.trace().emit(new TraceEvent.Accepted(LayerQuestions.subjectOf(child), listener.handle(), tuple));
        }
        return NtStatus.STATUS_SUCCESS;
    }
}
