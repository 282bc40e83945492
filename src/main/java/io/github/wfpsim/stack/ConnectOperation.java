package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.fabric.InboundConnection;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.stack.ConnectAuthorization.Turn;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Connecting a TCP socket (WFP-02). {@link #STEPS} says what happens, in its order. */
final class ConnectOperation extends Operation {

    private static final Steps<ConnectOperation> STEPS = Steps.of(
            ConnectOperation.class,
            ConnectOperation::tellOfBegin,
            // A local address, for a socket that was never bound.
            connect -> connect.assignment.askBindRedirect(),
            connect -> connect.assignment.askResourceAssignment(),
            connect -> connect.assignment.takePort(),
            ConnectOperation::claimTuple,
            // Where to: a redirect adds its record to the chain.
            connect -> connect.departure.askConnectRedirect(),
            connect -> connect.departure.chooseSource(),
            // Twice for a redirect to elsewhere, each of them twice if it carries records.
            connect -> connect.departure.askAuthConnect(Turn.AS_ASKED_OF_APPLICATION),
            connect -> connect.departure.askAuthConnect(Turn.AS_ASKED_OF_OWNER),
            connect -> connect.departure.askAuthConnect(Turn.AS_REDIRECTED_OF_APPLICATION),
            connect -> connect.departure.askAuthConnect(Turn.AS_REDIRECTED_OF_OWNER),
            // The server, if it is on this machine; another machine asks its own layers.
            ConnectOperation::knock,
            ConnectOperation::askAuthRecvAccept,
            ConnectOperation::askInspector,
            // Both sides, the client first; then the listener queues it for accept.
            ConnectOperation::askFlowEstablished,
            ConnectOperation::becomeConnected,
            ConnectOperation::handOver,
            ConnectOperation::tellOfEnd);

    private final InetSocketAddress asked;
    private final Assignment assignment;
    private final Departure departure;
    private ConnectionState before = ConnectionState.OPEN;
    // The server on this machine that the connection is knocking at; null before, and if it is on another one.
    private @Nullable Candidate candidate;
    // The server's side, from when it lets the connection in until it hears that there is one.
    private @Nullable InboundConnection letIn;

    ConnectOperation(HostStack stack, Endpoint endpoint, InetSocketAddress asked) {
        super(stack, endpoint, STEPS);
        // A dual-stack socket speaks IPv4 to a v4-mapped address; only its owner sees the mapped form (WFP-06).
        this.asked = endpoint.isV6Only() ? asked : IpAddress.unmap(asked);
        this.assignment = Assignment.ofConnect(this, endpoint);
        this.departure = new Departure(this, endpoint, this.asked);
    }

    // ---- before the steps

    @Override
    @Nullable
    NtStatus enter() {
        NtStatus unfit = unfit();
        if (!unfit.isSuccess()) {
            return unfit;
        }
        before = endpoint().state();
        boolean startable = before == ConnectionState.OPEN || before == ConnectionState.BOUND;
        return startable && endpoint().beginConnect(before)
                ? null
                : refusal(endpoint().state());
    }

    private NtStatus unfit() {
        if (endpoint().type() != SocketType.SOCK_STREAM) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        if (!Assignment.isOfFamily(endpoint(), asked)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return asked.getPort() == 0 || asked.getAddress().isAnyLocalAddress()
                ? NtStatus.STATUS_INVALID_ADDRESS_COMPONENT
                : NtStatus.STATUS_SUCCESS;
    }

    private static NtStatus refusal(ConnectionState state) {
        return switch (state) {
            case CONNECTED -> NtStatus.STATUS_CONNECTION_ACTIVE;
            case CONNECTING -> NtStatus.STATUS_DEVICE_BUSY;
            case OPEN, BINDING, BOUND, LISTENING, CLOSED -> NtStatus.STATUS_INVALID_DEVICE_STATE;
        };
    }

    // ---- the steps

    private NtStatus tellOfBegin() {
        if (stack().trace().isListening()) {
            stack().trace().emit(new TraceEvent.Connecting(endpoint().subject(), asked));
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /** Makes the five-tuple unique, with a port of the dynamic range if there is none yet. */
    private NtStatus claimTuple() {
        boolean fresh = before == ConnectionState.OPEN;
        if (!stack().table().claimTuple(endpoint(), asked)) {
            return fresh ? NtStatus.STATUS_INSUFFICIENT_RESOURCES : NtStatus.STATUS_ADDRESS_ALREADY_EXISTS;
        }
        if (fresh) {
            endpoint().markAssigned();
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /** Takes a place at the listener of this machine, or offers the connection to the network. */
    private NtStatus knock() {
        FiveTuple tuple = new FiveTuple(endpoint().protocol(), endpoint().local(), departure.effective());
        if (!stack().addresses().contains(departure.effective().getAddress())) {
            return dial(tuple, this::letIn, StreamStatus::ofConnect);
        }
        candidate = stack().accepting().candidate(tuple.reversed(), endpoint().flow());
        letIn = candidate;
        return candidate == null ? NtStatus.STATUS_CONNECTION_REFUSED : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus letIn(InboundConnection connection) {
        letIn = connection;
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus askAuthRecvAccept() {
        return candidate == null ? NtStatus.STATUS_SUCCESS : candidate.askAuthRecvAccept(this);
    }

    private NtStatus askInspector() {
        return candidate == null ? NtStatus.STATUS_SUCCESS : candidate.askInspector(this);
    }

    /** FLOW_ESTABLISHED at the client. */
    private NtStatus askFlowEstablished() {
        return LayerQuestion.flowEstablished(endpoint(), departure.effective()).isPermittedBy(stack().engine())
                ? NtStatus.STATUS_SUCCESS
                : NtStatus.STATUS_CONNECTION_RESET;
    }

    private NtStatus becomeConnected() {
        endpoint().setRemote(asked, departure.effective());
        endpoint().setStream(Objects.requireNonNull(letIn).dialerEnd());
        endpoint().setConnectedAt(stack().clock().nanos());
        return endpoint().transition(ConnectionState.CONNECTING, ConnectionState.CONNECTED)
                ? NtStatus.STATUS_SUCCESS
                : NtStatus.STATUS_CANCELLED;
    }

    /** From here on the connection is the server's too: FLOW_ESTABLISHED there, and a place in the queue. */
    private NtStatus handOver() {
        InboundConnection server = Objects.requireNonNull(letIn);
        letIn = null;
        server.established();
        return NtStatus.STATUS_SUCCESS;
    }

    private NtStatus tellOfEnd() {
        InetSocketAddress effective = departure.effective();
        if (stack().trace().isListening()) {
            FiveTuple tuple = new FiveTuple(endpoint().protocol(), endpoint().local(), asked);
            stack().trace().emit(new TraceEvent.Connected(endpoint().subject(), tuple, effective));
        }
        stack().reauthorization().catchUp(endpoint(), departure.policyEpoch());
        return NtStatus.STATUS_SUCCESS;
    }

    // ---- failing

    /** Nothing half done stays behind: neither place, address nor flow, and the socket can be used again. */
    @Override
    void beforeOutcome(NtStatus status) {
        if (status.isSuccess()) {
            return;
        }
        if (letIn != null) {
            letIn.abandon();
        }
        if (before == ConnectionState.OPEN) {
            Assignment.release(stack(), endpoint());
        }
        stack().table().disconnect(endpoint(), before == ConnectionState.BOUND);
        endpoint().setConnectFailed(status);
        endpoint().transition(ConnectionState.CONNECTING, before);
        // FLOW_ESTABLISHED may have tied contexts to it before somebody blocked.
        stack().engine().flowEnded(endpoint().handle());
        if (stack().trace().isListening()) {
            stack().trace().emit(new TraceEvent.ConnectFailed(endpoint().subject(), asked, status));
        }
    }
}
