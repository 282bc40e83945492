package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.table.AcceptQueue;
import io.github.wfpsim.table.Endpoint;
import io.github.wfpsim.table.EndpointState;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.FaultScope;
import io.github.wfpsim.wfp.Classification;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Binding and listening: BIND_REDIRECT, RESOURCE_ASSIGNMENT, AUTH_LISTEN (WFP-02, WFP-03). */
final class BindOperation {

    private final HostStack stack;

    BindOperation(HostStack stack) {
        this.stack = stack;
    }

    NtStatus bind(Endpoint endpoint, InetSocketAddress wanted) {
        if (!isOfFamily(endpoint, wanted)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        try (FaultScope scope = stack.verifier().enter()) {
            if (!endpoint.transition(EndpointState.OPEN, EndpointState.BINDING)) {
                return NtStatus.STATUS_INVALID_DEVICE_STATE;
            }
            NtStatus status = askAndReserve(endpoint, wanted);
            if (!status.isSuccess()) {
                endpoint.transition(EndpointState.BINDING, EndpointState.OPEN);
            } else if (!endpoint.transition(EndpointState.BINDING, EndpointState.BOUND)) {
                // Closed by another thread meanwhile: what was reserved would have no owner.
                stack.table().releaseBound(endpoint);
            } else if (stack.trace().isListening()) {
                stack.trace().emit(new TraceEvent.Bound(LayerQuestions.subjectOf(endpoint), endpoint.local()));
            }
            return status;
        }
    }

    private NtStatus askAndReserve(Endpoint endpoint, InetSocketAddress wanted) {
        Classification answer = stack.questions().bindRedirect(endpoint, wanted);
        InetSocketAddress changed = answer.local();
        InetSocketAddress address = inTable(endpoint, changed == null ? wanted : changed);
        if (!isOfFamily(endpoint, address) || !isOwn(endpoint, address)) {
            return NtStatus.STATUS_INVALID_ADDRESS_COMPONENT;
        }
        if (!answer.isPermitted() || !assigns(endpoint, address)) {
            return NtStatus.STATUS_ACCESS_DENIED;
        }
        return reserve(endpoint, address);
    }

    /** The layers of a bind that a connect does for a socket that was never bound. */
    NtStatus bindImplicitly(Endpoint endpoint) {
        InetSocketAddress any = endpoint.local();
        Classification answer = stack.questions().bindRedirect(endpoint, any);
        InetSocketAddress changed = answer.local();
        if (changed != null && (!isOfFamily(endpoint, changed) || !isOwn(endpoint, changed))) {
            return NtStatus.STATUS_INVALID_ADDRESS_COMPONENT;
        }
        if (!answer.isPermitted() || !assigns(endpoint, changed == null ? any : changed)) {
            return NtStatus.STATUS_ACCESS_DENIED;
        }
        if (changed == null) {
            return NtStatus.STATUS_SUCCESS;
        }
        return reserve(endpoint, inTable(endpoint, changed));
    }

    private NtStatus reserve(Endpoint endpoint, InetSocketAddress address) {
        if (stack.table().reserve(endpoint, address) != null) {
            return NtStatus.STATUS_SUCCESS;
        }
        return address.getPort() == 0 ? NtStatus.STATUS_INSUFFICIENT_RESOURCES : NtStatus.STATUS_ADDRESS_ALREADY_EXISTS;
    }

    private boolean assigns(Endpoint endpoint, InetSocketAddress address) {
        InetSocketAddress nobody = new InetSocketAddress(IpAddress.wildcard(endpoint.family()), 0);
        return stack.questions().permits(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4, endpoint, address, nobody, 0);
    }

    NtStatus listen(Endpoint endpoint, int backlog) {
        if (endpoint.type() != SocketType.SOCK_STREAM) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        try (FaultScope scope = stack.verifier().enter()) {
            if (endpoint.state() == EndpointState.LISTENING) {
                return NtStatus.STATUS_SUCCESS;
            }
            InetSocketAddress nobody = new InetSocketAddress(IpAddress.wildcard(endpoint.family()), 0);
            if (endpoint.state() == EndpointState.BOUND
                    && !stack.questions()
                            .permits(Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4, endpoint, endpoint.local(), nobody, 0)) {
                return NtStatus.STATUS_ACCESS_DENIED;
            }
            if (!endpoint.transition(EndpointState.BOUND, EndpointState.LISTENING)) {
                return endpoint.state() == EndpointState.CONNECTED
                        ? NtStatus.STATUS_CONNECTION_ACTIVE
                        : NtStatus.STATUS_INVALID_DEVICE_STATE;
            }
            AcceptQueue queue = new AcceptQueue(Math.max(1, backlog));
            endpoint.setAcceptQueue(queue);
            stack.table().listen(endpoint);
            if (endpoint.state() == EndpointState.CLOSED) {
                // Closed by another thread meanwhile, which did not see the queue.
                queue.close().forEach(orphan -> stack.closing().close(orphan, true));
            }
            if (stack.trace().isListening()) {
                stack.trace().emit(new TraceEvent.Listening(LayerQuestions.subjectOf(endpoint), endpoint.local()));
            }
            return NtStatus.STATUS_SUCCESS;
        }
    }

    /** The table knows the v4-mapped addresses of dual-stack sockets by their IPv4 form. */
    private static InetSocketAddress inTable(Endpoint endpoint, InetSocketAddress address) {
        return endpoint.isV6Only() ? address : IpAddress.unmap(address);
    }

    private boolean isOwn(Endpoint endpoint, InetSocketAddress address) {
        boolean ours =
                address.getAddress().isAnyLocalAddress() || stack.addresses().contains(address.getAddress());
        return ours && speaks(endpoint, address.getAddress());
    }

    /** An AF_INET6 socket speaks IPv4, v4-mapped or not, only if it is dual-stack. */
    static boolean speaks(Endpoint endpoint, InetAddress address) {
        boolean v4 = AddressFamily.of(IpAddress.unmap(address)) == AddressFamily.AF_INET;
        return endpoint.family() == AddressFamily.AF_INET ? v4 : !v4 || !endpoint.isV6Only();
    }

    static boolean isOfFamily(Endpoint endpoint, InetSocketAddress address) {
        if (address.isUnresolved()) {
            return false;
        }
        AddressFamily family = AddressFamily.of(address.getAddress());
        return family == endpoint.family() || (endpoint.family() == AddressFamily.AF_INET6 && !endpoint.isV6Only());
    }
}
