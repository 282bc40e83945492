package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.Classification;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How an endpoint gets its local address: BIND_REDIRECT, RESOURCE_ASSIGNMENT, a reserved port (WFP-02, WFP-03). */
final class Assignment {

    private final Operation by;
    private final Endpoint endpoint;
    private final InetSocketAddress wanted;
    private final boolean implicit;
    private final Consumer<NtStatus> next;

    /** By a bind that asks for an address, or implicitly by a connect of a socket that was never bound. */
    Assignment(Operation by, Endpoint endpoint, InetSocketAddress wanted, boolean implicit, Consumer<NtStatus> next) {
        this.by = by;
        this.endpoint = endpoint;
        this.wanted = wanted;
        this.implicit = implicit;
        this.next = next;
    }

    /** Whether nobody would notice if an implicit assignment asked nothing; the connect takes its port all the same. */
    static boolean isIdle(LayerQuestions questions) {
        return questions.isIdle(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4)
                && questions.isIdle(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4);
    }

    void begin() {
        by.stack().questions().bindRedirect(by, endpoint, wanted, this::redirected);
    }

    private void redirected(Classification answer) {
        InetSocketAddress changed = answer.local();
        InetSocketAddress address = changed == null ? wanted : changed;
        if ((changed != null || !implicit) && !(isOfFamily(endpoint, address) && isOwn(address))) {
            next.accept(NtStatus.STATUS_INVALID_ADDRESS_COMPONENT);
        } else if (!answer.isPermitted()) {
            next.accept(NtStatus.STATUS_ACCESS_DENIED);
        } else {
            assign(implicit ? address : inTable(address), changed);
        }
    }

    private void assign(InetSocketAddress address, @Nullable InetSocketAddress changed) {
        by.stack()
                .questions()
                .permits(
                        by,
                        Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4,
                        endpoint,
                        address,
                        IpAddress.unspecified(endpoint.family()),
                        flags(address),
                        permitted -> {
                            if (!permitted) {
                                next.accept(NtStatus.STATUS_ACCESS_DENIED);
                            } else if (implicit && changed == null) {
                                // The connect takes its port together with its five-tuple.
                                next.accept(NtStatus.STATUS_SUCCESS);
                            } else {
                                next.accept(reserve(inTable(address)));
                            }
                        });
    }

    private int flags(InetSocketAddress address) {
        int wildcard =
                address.getAddress().isAnyLocalAddress() ? ConditionFlag.FWP_CONDITION_FLAG_IS_WILDCARD_BIND.code() : 0;
        int raw = endpoint.type() == SocketType.SOCK_RAW ? ConditionFlag.FWP_CONDITION_FLAG_IS_RAW_ENDPOINT.code() : 0;
        return wildcard | raw;
    }

    private NtStatus reserve(InetSocketAddress address) {
        if (by.stack().table().reserve(endpoint, address) != null) {
            endpoint.markAssigned();
            return NtStatus.STATUS_SUCCESS;
        }
        return address.getPort() == 0 ? NtStatus.STATUS_INSUFFICIENT_RESOURCES : NtStatus.STATUS_ADDRESS_ALREADY_EXISTS;
    }

    /** Tells RESOURCE_RELEASE, once, that the endpoint's port is about to be given back (WFP-05). */
    static void release(HostStack stack, Endpoint endpoint) {
        if (endpoint.giveUpAssignment()) {
            InetSocketAddress nobody = IpAddress.unspecified(endpoint.family());
            stack.questions()
                    .permitsNow(Layer.FWPS_LAYER_ALE_RESOURCE_RELEASE_V4, endpoint, endpoint.local(), nobody, 0);
        }
    }

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
