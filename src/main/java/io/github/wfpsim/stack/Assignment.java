package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.engine.Verdict;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The steps by which an endpoint gets its local address: BIND_REDIRECT, RESOURCE_ASSIGNMENT, a reserved port (WFP-02,
 * WFP-03). They have nothing to do for an endpoint that has one.
 */
final class Assignment {

    private final Operation by;
    private final Endpoint endpoint;
    private final InetSocketAddress wanted;
    private final boolean withConnect;
    private @Nullable InetSocketAddress changed;

    private Assignment(Operation by, Endpoint endpoint, InetSocketAddress wanted, boolean withConnect) {
        this.by = by;
        this.endpoint = endpoint;
        this.wanted = wanted;
        this.withConnect = withConnect;
    }

    /** By a bind that asks for an address. */
    static Assignment ofBind(Operation by, Endpoint endpoint, InetSocketAddress wanted) {
        return new Assignment(by, endpoint, wanted, false);
    }

    /** By a connect of a socket that may never have been bound, and takes its port together with its five-tuple. */
    static Assignment ofConnect(Operation by, Endpoint endpoint) {
        return new Assignment(by, endpoint, endpoint.local(), true);
    }

    private boolean isDone() {
        return endpoint.local().getPort() != 0;
    }

    /** Asks BIND_REDIRECT, which may change the address. */
    NtStatus askBindRedirect() {
        if (isDone()) {
            return NtStatus.STATUS_SUCCESS;
        }
        return LayerQuestion.isRedirectable(endpoint)
                ? by.ask(LayerQuestion.bindRedirect(endpoint, wanted), this::redirected)
                : fit();
    }

    private NtStatus redirected(Verdict answer) {
        changed = answer.local();
        NtStatus fit = fit();
        return fit.isSuccess() && !answer.isPermitted() ? NtStatus.STATUS_ACCESS_DENIED : fit;
    }

    private NtStatus fit() {
        InetSocketAddress address = address();
        boolean asked = changed != null || !withConnect;
        return asked && !(isOfFamily(endpoint, address) && isOwn(address))
                ? NtStatus.STATUS_INVALID_ADDRESS_COMPONENT
                : NtStatus.STATUS_SUCCESS;
    }

    private InetSocketAddress address() {
        return changed == null ? wanted : changed;
    }

    /** Asks RESOURCE_ASSIGNMENT. */
    NtStatus askResourceAssignment() {
        if (isDone()) {
            return NtStatus.STATUS_SUCCESS;
        }
        InetSocketAddress address = withConnect ? address() : inTable(address());
        return by.ask(LayerQuestion.resourceAssignment(endpoint, address));
    }

    /** Takes the port, unless a connect will take one. */
    NtStatus takePort() {
        if (isDone() || (withConnect && changed == null)) {
            return NtStatus.STATUS_SUCCESS;
        }
        InetSocketAddress address = inTable(address());
        NtStatus reserved = by.stack().table().reserve(endpoint, address);
        if (reserved.isSuccess()) {
            endpoint.markAssigned();
        }
        return reserved;
    }

    /** The bind is over: BINDING becomes BOUND, and packets find a datagram socket from now on. */
    NtStatus becomeBound() {
        if (!endpoint.transition(ConnectionState.BINDING, ConnectionState.BOUND)) {
            // Closed by another thread meanwhile: what was reserved would have no owner.
            release(by.stack(), endpoint);
            by.stack().table().releaseBound(endpoint);
            return NtStatus.STATUS_CANCELLED;
        }
        if (endpoint.datagramPort() != null) {
            by.stack().table().listen(endpoint);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /** Tells RESOURCE_RELEASE, once, that the endpoint's port is about to be given back (WFP-05). */
    static void release(HostStack stack, Endpoint endpoint) {
        if (endpoint.giveUpAssignment()) {
            LayerQuestion.resourceRelease(endpoint).isPermittedBy(stack.engine());
        }
    }

    // ---- which addresses fit

    /** The table knows the v4-mapped addresses of dual-stack sockets by their IPv4 form. */
    private InetSocketAddress inTable(InetSocketAddress address) {
        return endpoint.isV6Only() ? address : IpAddress.unmap(address);
    }

    private boolean isOwn(InetSocketAddress address) {
        boolean ours = address.getAddress().isAnyLocalAddress()
                || by.stack().addresses().contains(address.getAddress());
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
