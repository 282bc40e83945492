package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.fabric.Dialer;
import io.github.wfpsim.fabric.InboundConnection;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.trace.TraceEvent;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The server's side of connections: who may come to which listener, connections from other machines, accept itself. */
final class Accepting {

    private final HostStack stack;
    private final Map<Long, Consumer<Inspection>> inspectors = new ConcurrentHashMap<>();

    Accepting(HostStack stack) {
        this.stack = stack;
    }

    /** Takes a place for a connection, as its receiver sees it; null if nobody listens there, or the queue is full. */
    @Nullable
    Candidate candidate(FiveTuple tuple, @Nullable RedirectedFlow flow) {
        Endpoint listener = stack.table().listenerFor(tuple.protocol(), tuple.local());
        AcceptQueue queue = listener == null ? null : listener.acceptQueue();
        if (listener == null || queue == null || !queue.reserve()) {
            return null;
        }
        Endpoint child = stack.table().make(listener.owner(), listener.kind(), listener);
        child.setV6Only(listener.isV6Only());
        child.setLocal(tuple.local());
        child.setRemote(tuple.remote(), tuple.remote());
        stack.table().accepts(child, flow);
        stack.table().add(child);
        stack.control().tellIfNotTarget(child, flow);
        return new Candidate(stack, queue, child, tuple, inspectors.get(listener.handle()));
    }

    /** Has a listener's connections inspected before they are let in; null ends that. */
    void inspect(Endpoint listener, @Nullable Consumer<Inspection> inspector) {
        if (inspector == null) {
            inspectors.remove(listener.handle());
        } else {
            inspectors.put(listener.handle(), inspector);
        }
    }

    // ---- from another machine

    /** Offers a connection from another machine, which hears nothing of faults on this one. */
    void offerFromNetwork(FiveTuple tuple, Dialer dialer) {
        FaultScope scope = stack.verifier().enter();
        try {
            Candidate candidate = candidate(tuple, null);
            if (candidate == null) {
                dialer.refuse(new ConnectException("nobody accepts at " + IpAddress.text(tuple.local())));
            } else {
                new Inbound(stack, candidate, dialer).launch();
            }
        } finally {
            scope.defer();
        }
    }

    /** A connection from another machine, which has asked its own layers. */
    private static final class Inbound extends Operation {

        private static final Steps<Inbound> STEPS = Steps.of(
                Inbound.class,
                inbound -> inbound.candidate.askAuthRecvAccept(inbound),
                inbound -> inbound.candidate.askInspector(inbound),
                Inbound::tellOfLettingIn);

        private final Candidate candidate;
        private final Dialer dialer;
        private boolean told;

        Inbound(HostStack stack, Candidate candidate, Dialer dialer) {
            super(stack, candidate.child(), STEPS);
            this.candidate = candidate;
            this.dialer = dialer;
        }

        /** The dialler goes on, and establishes or abandons the connection. */
        private NtStatus tellOfLettingIn() {
            told = true;
            dialer.letIn(new FromNetwork(stack(), candidate));
            return NtStatus.STATUS_SUCCESS;
        }

        @Override
        void beforeOutcome(NtStatus status) {
            if (!told) {
                candidate.abandon();
                String at = IpAddress.text(endpoint().local());
                dialer.refuse(new ConnectException(
                        status == NtStatus.STATUS_CANCELLED
                                ? "the server at " + at + " is gone"
                                : "a filter or the server itself refuses what comes in at " + at));
            }
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

    // ---- accept

    NtStatus accept(Endpoint listener, Deadline deadline, Out<HostSocket> accepted) throws InterruptedException {
        AcceptQueue queue = listener.acceptQueue();
        if (listener.state() != ConnectionState.LISTENING || queue == null) {
            return listener.unlessLost(NtStatus.STATUS_INVALID_DEVICE_STATE);
        }
        return accepted(listener, queue, queue.take(deadline), null, accepted);
    }

    /** Takes a connection that waits, for a socket that is there already or, with null, for a new one. */
    NtStatus tryAccept(Endpoint listener, @Nullable Endpoint fresh, Out<HostSocket> accepted) {
        AcceptQueue queue = listener.acceptQueue();
        return listener.state() != ConnectionState.LISTENING || queue == null
                ? listener.unlessLost(NtStatus.STATUS_INVALID_DEVICE_STATE)
                : accepted(listener, queue, queue.poll(), fresh, accepted);
    }

    private NtStatus accepted(
            Endpoint listener,
            AcceptQueue queue,
            @Nullable Endpoint child,
            @Nullable Endpoint fresh,
            Out<HostSocket> accepted) {
        if (child == null) {
            return queue.isClosed() ? NtStatus.STATUS_CANCELLED : NtStatus.STATUS_DEVICE_NOT_READY;
        }
        if (fresh != null) {
            child.setTakenFor(fresh);
        }
        accepted.set(new HostSocket(child));
        InetSocketAddress remote = child.remote();
        if (stack.trace().isListening() && remote != null) {
            FiveTuple tuple = new FiveTuple(child.protocol(), child.local(), remote);
            stack.trace().emit(new TraceEvent.Accepted(child.subject(), listener.handle(), child.handle(), tuple));
        }
        return NtStatus.STATUS_SUCCESS;
    }
}
