package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.InboundConnection;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.record.RedirectChain;
import io.github.wfpsim.record.RedirectRecord;
import io.github.wfpsim.table.Endpoint;
import io.github.wfpsim.table.EndpointState;
import io.github.wfpsim.table.RedirectedFlow;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.FaultScope;
import io.github.wfpsim.wfp.Classification;
import io.github.wfpsim.wfp.ClassifyInput;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import org.jspecify.annotations.Nullable;

/**
 * Connecting a TCP socket: BIND_REDIRECT, RESOURCE_ASSIGNMENT, CONNECT_REDIRECT, AUTH_CONNECT, AUTH_RECV_ACCEPT at the
 * server, FLOW_ESTABLISHED at the client, then at the server (WFP-02).
 */
final class ConnectOperation {

    private final HostStack stack;
    private final Endpoint endpoint;
    private final InetSocketAddress asked;
    private @Nullable RedirectedFlow flow;
    private Classification.@Nullable Redirect redirect;
    private InetSocketAddress effective;
    private boolean sourceIsOpen;

    ConnectOperation(HostStack stack, Endpoint endpoint, InetSocketAddress asked) {
        this.stack = stack;
        this.endpoint = endpoint;
        // A dual-stack socket speaks IPv4 to a v4-mapped address; only its owner sees the mapped form (WFP-06).
        this.asked = endpoint.isV6Only() ? asked : IpAddress.unmap(asked);
        this.effective = this.asked;
    }

    NtStatus run() {
        NtStatus unfit = unfit();
        if (!unfit.isSuccess()) {
            return unfit;
        }
        EndpointState before = endpoint.state();
        boolean startable = before == EndpointState.OPEN || before == EndpointState.BOUND;
        if (!startable || !endpoint.beginConnect(before)) {
            return refusal(endpoint.state());
        }
        try (FaultScope scope = stack.verifier().enter()) {
            emit(new TraceEvent.Connecting(LayerQuestions.subjectOf(endpoint), asked));
            NtStatus status = NtStatus.STATUS_UNSUCCESSFUL;
            try {
                status = attempt(before);
            } finally {
                // Also if the far machine of the network threw: nothing half done stays behind.
                if (!status.isSuccess()) {
                    undo(before, status);
                }
            }
            return status;
        }
    }

    private static NtStatus refusal(EndpointState state) {
        return switch (state) {
            case CONNECTED -> NtStatus.STATUS_CONNECTION_ACTIVE;
            case CONNECTING -> NtStatus.STATUS_DEVICE_BUSY;
            case OPEN, BINDING, BOUND, LISTENING, CLOSED -> NtStatus.STATUS_INVALID_DEVICE_STATE;
        };
    }

    private void undo(EndpointState before, NtStatus status) {
        stack.table().disconnect(endpoint, before == EndpointState.BOUND);
        endpoint.transition(EndpointState.CONNECTING, before);
        emit(new TraceEvent.ConnectFailed(LayerQuestions.subjectOf(endpoint), asked, status));
    }

    private NtStatus unfit() {
        if (endpoint.type() != SocketType.SOCK_STREAM) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        if (!BindOperation.isOfFamily(endpoint, asked)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return asked.getPort() == 0 || asked.getAddress().isAnyLocalAddress()
                ? NtStatus.STATUS_INVALID_ADDRESS_COMPONENT
                : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus attempt(EndpointState before) {
        NtStatus bound =
                before == EndpointState.OPEN ? stack.binding().bindImplicitly(endpoint) : NtStatus.STATUS_SUCCESS;
        if (!bound.isSuccess()) {
            return bound;
        }
        if (!stack.table().claimTuple(endpoint, asked)) {
            return before == EndpointState.OPEN
                    ? NtStatus.STATUS_INSUFFICIENT_RESOURCES
                    : NtStatus.STATUS_ADDRESS_ALREADY_EXISTS;
        }
        NtStatus redirected = redirect();
        return redirected.isSuccess() ? route() : redirected;
    }

    /** CONNECT_REDIRECT, and what its answer means for the destination. */
    private NtStatus redirect() {
        RedirectChain inherited = endpoint.inherited();
        RedirectRecord newest = inherited.newest();
        int hopDepth = 1 + (newest == null ? stack.table().deepestHop(endpoint.owner()) : newest.hopDepth());
        Classification answer = stack.questions().connectRedirect(endpoint, asked, hopDepth);
        redirect = answer.redirect();
        if (redirect != null) {
            effective = IpAddress.unmap(redirect.remote());
            flow = new RedirectedFlow(
                    redirect.local() ? redirect.chain() : RedirectChain.empty(),
                    endpoint.lineage(),
                    redirect.ownRecords(),
                    stack.contexts());
            stack.table().originates(endpoint, flow);
        }
        InetSocketAddress local = answer.local();
        if (local != null) {
            endpoint.setLocal(
                    new InetSocketAddress(local.getAddress(), endpoint.local().getPort()));
        }
        if (!answer.isPermitted()) {
            return NtStatus.STATUS_ACCESS_DENIED;
        }
        if (answer.refused()) {
            return NtStatus.STATUS_CONNECTION_REFUSED;
        }
        return redirect != null && new LoopGuard(stack, endpoint).stops(redirect, hopDepth)
                ? NtStatus.STATUS_CONNECTION_ABORTED
                : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus route() {
        InetAddress from = IpAddress.unmap(endpoint.local().getAddress());
        InetAddress to = effective.getAddress();
        if (!BindOperation.speaks(endpoint, to)) {
            return NtStatus.STATUS_NETWORK_UNREACHABLE;
        }
        if (from.isAnyLocalAddress()) {
            sourceIsOpen = true;
            InetAddress source = stack.addresses().sourceFor(to);
            if (source == null) {
                return NtStatus.STATUS_NETWORK_UNREACHABLE;
            }
            from = source;
        } else if (IpAddress.isLoopback(from) != IpAddress.isLoopback(to)
                || AddressFamily.of(from) != AddressFamily.of(to)) {
            // Loopback is reached from loopback only, and the other way round (WFP-53).
            return NtStatus.STATUS_NETWORK_UNREACHABLE;
        }
        endpoint.setLocal(new InetSocketAddress(from, endpoint.local().getPort()));
        return authorize() ? dial() : NtStatus.STATUS_ACCESS_DENIED;
    }

    /** AUTH_CONNECT: once, or for a redirect away from loopback once for each destination (WFP-68 to WFP-70). */
    private boolean authorize() {
        int flags = LayerQuestions.proxyFlag(endpoint);
        if (redirect == null) {
            return authorize(asked, flags, null);
        }
        boolean twice = !IpAddress.isLoopback(effective.getAddress())
                || stack.options().doubleAuthorization() == SimOptions.DoubleAuthorization.ALWAYS;
        if (twice && !authorize(asked, flags, null)) {
            return false;
        }
        int redirected = flags | ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();
        return authorize(effective, redirected, new ClassifyInput.Redirected(redirect.targetPid(), asked));
    }

    private boolean authorize(InetSocketAddress destination, int flags, ClassifyInput.@Nullable Redirected how) {
        return stack.questions()
                .permits(
                        Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                        endpoint,
                        sourceTowards(destination),
                        destination,
                        flags | LayerQuestions.loopbackFlag(destination),
                        how);
    }

    /** Each authorization stands for one destination, and shows the source that routing takes to it (WFP-70). */
    private InetSocketAddress sourceTowards(InetSocketAddress destination) {
        InetAddress source = sourceIsOpen ? stack.addresses().sourceFor(destination.getAddress()) : null;
        return source == null
                ? endpoint.local()
                : new InetSocketAddress(source, endpoint.local().getPort());
    }

    private NtStatus dial() {
        FiveTuple tuple = new FiveTuple(endpoint.protocol(), endpoint.local(), effective);
        try {
            InboundConnection server = stack.addresses().contains(effective.getAddress())
                    ? stack.accepting().offer(tuple.reversed(), flow)
                    : stack.network().offer(tuple);
            return establish(server);
        } catch (ConnectException refused) {
            return NtStatus.STATUS_CONNECTION_REFUSED;
        } catch (NoRouteToHostException nowhere) {
            return NtStatus.STATUS_NETWORK_UNREACHABLE;
        } catch (IOException broken) {
            return NtStatus.STATUS_CONNECTION_ABORTED;
        }
    }

    private NtStatus establish(InboundConnection server) {
        int flags = LayerQuestions.proxyFlag(endpoint) | LayerQuestions.loopbackFlag(effective);
        boolean permitted = stack.questions()
                .permits(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4, endpoint, endpoint.local(), effective, flags);
        if (!permitted) {
            server.abandon();
            return NtStatus.STATUS_CONNECTION_RESET;
        }
        endpoint.setRemote(asked, effective);
        endpoint.setStream(server.dialerEnd());
        if (!endpoint.transition(EndpointState.CONNECTING, EndpointState.CONNECTED)) {
            server.abandon();
            return NtStatus.STATUS_CANCELLED;
        }
        server.established();
        emit(new TraceEvent.Connected(
                LayerQuestions.subjectOf(endpoint),
                new FiveTuple(endpoint.protocol(), endpoint.local(), asked),
                effective));
        return NtStatus.STATUS_SUCCESS;
    }

    private void emit(TraceEvent event) {
        stack.trace().emit(event);
    }
}
