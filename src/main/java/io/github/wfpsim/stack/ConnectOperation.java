package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.Dialer;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.InboundConnection;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.TraceEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Connecting a TCP socket: BIND_REDIRECT, RESOURCE_ASSIGNMENT, CONNECT_REDIRECT, AUTH_CONNECT, AUTH_RECV_ACCEPT at the
 * server, FLOW_ESTABLISHED at the client, then at the server (WFP-02). The steps stand in their order.
 */
final class ConnectOperation extends Operation {

    private final InetSocketAddress asked;
    private ConnectionState before = ConnectionState.OPEN;
    private final Departure departure;

    ConnectOperation(HostStack stack, Endpoint endpoint, InetSocketAddress asked) {
        super(stack, endpoint);
        // A dual-stack socket speaks IPv4 to a v4-mapped address; only its owner sees the mapped form (WFP-06).
        this.asked = endpoint.isV6Only() ? asked : IpAddress.unmap(asked);
        this.departure = new Departure(this, endpoint, this.asked);
    }

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

    @Override
    void begin() {
        if (stack().trace().isListening()) {
            emit(new TraceEvent.Connecting(LayerQuestions.subjectOf(endpoint()), asked));
        }
        if (before == ConnectionState.BOUND || Assignment.isIdle(stack().questions())) {
            claim();
            return;
        }
        new Assignment(this, endpoint(), endpoint().local(), true, assigned -> {
                    if (assigned.isSuccess()) {
                        claim();
                    } else {
                        finish(assigned);
                    }
                })
                .begin();
    }

    private void claim() {
        if (stack().table().claimTuple(endpoint(), asked)) {
            if (before == ConnectionState.OPEN) {
                endpoint().markAssigned();
            }
            departure.redirect(this::redirected);
        } else {
            finish(
                    before == ConnectionState.OPEN
                            ? NtStatus.STATUS_INSUFFICIENT_RESOURCES
                            : NtStatus.STATUS_ADDRESS_ALREADY_EXISTS);
        }
    }

    private void redirected(NtStatus status) {
        if (status.isSuccess()) {
            departure.authorize(authorized -> {
                if (authorized.isSuccess()) {
                    dial();
                } else {
                    finish(authorized);
                }
            });
        } else {
            finish(status);
        }
    }

    // ---- the far end

    private void dial() {
        FiveTuple tuple = new FiveTuple(endpoint().protocol(), endpoint().local(), departure.effective());
        if (!stack().addresses().contains(departure.effective().getAddress())) {
            dial(tuple, this::establish, this::refused);
            return;
        }
        stack().accepting().offer(this, tuple.reversed(), endpoint().flow(), new Dialer() {
            @Override
            public void letIn(InboundConnection connection) {
                establish(connection);
            }

            @Override
            public void refuse(IOException why) {
                refused(why);
            }
        });
    }

    private void refused(IOException why) {
        finish(StreamStatus.ofConnect(why));
    }

    private void establish(InboundConnection server) {
        InetSocketAddress effective = departure.effective();
        boolean permitted = stack().questions()
                .permitsNow(
                        Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                        endpoint(),
                        endpoint().local(),
                        effective,
                        LayerQuestions.proxyFlag(endpoint()) | LayerQuestions.loopbackFlag(effective));
        if (!permitted) {
            server.abandon();
            finish(NtStatus.STATUS_CONNECTION_RESET);
            return;
        }
        endpoint().setRemote(asked, effective);
        endpoint().setStream(server.dialerEnd());
        endpoint().setConnectedAt(stack().clock().nanos());
        if (!endpoint().transition(ConnectionState.CONNECTING, ConnectionState.CONNECTED)) {
            server.abandon();
            finish(NtStatus.STATUS_CANCELLED);
            return;
        }
        server.established();
        if (stack().trace().isListening()) {
            emit(new TraceEvent.Connected(
                    LayerQuestions.subjectOf(endpoint()),
                    new FiveTuple(endpoint().protocol(), endpoint().local(), asked),
                    effective));
        }
        stack().reauthorization().catchUp(endpoint(), departure.policyEpoch());
        finish(NtStatus.STATUS_SUCCESS);
    }

    // ---- failing

    /** Nothing half done stays behind: neither address nor flow, and the socket can be used again. */
    @Override
    void beforeOutcome(NtStatus status) {
        if (!status.isSuccess()) {
            if (before == ConnectionState.OPEN) {
                Assignment.release(stack(), endpoint());
            }
            stack().table().disconnect(endpoint(), before == ConnectionState.BOUND);
            endpoint().setConnectFailed(status);
            endpoint().transition(ConnectionState.CONNECTING, before);
            // FLOW_ESTABLISHED may have tied contexts to it before somebody blocked.
            stack().engine().flowEnded(endpoint().handle());
            emit(new TraceEvent.ConnectFailed(LayerQuestions.subjectOf(endpoint()), asked, status));
        }
    }

    private void emit(TraceEvent event) {
        stack().trace().emit(event);
    }
}
