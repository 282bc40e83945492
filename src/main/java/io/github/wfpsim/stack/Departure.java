package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.wfp.Classification;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Where a connection or datagram flow goes and whether it may: CONNECT_REDIRECT, the route, AUTH_CONNECT (WFP-02, WFP-03). */
final class Departure {

    private final Operation by;
    private final HostStack stack;
    private final Endpoint endpoint;
    private final InetSocketAddress asked;
    private InetSocketAddress effective;
    private boolean sourceIsOpen;
    private int policyEpoch;

    Departure(Operation by, Endpoint endpoint, InetSocketAddress asked) {
        this.by = by;
        this.stack = by.stack();
        this.endpoint = endpoint;
        this.asked = asked;
        this.effective = asked;
    }

    /** Where the bytes really go, once redirected. */
    InetSocketAddress effective() {
        return effective;
    }

    /** The epoch of policy under which it was authorized. */
    int policyEpoch() {
        return policyEpoch;
    }

    /** Asks CONNECT_REDIRECT and applies the answer. */
    void redirect(Consumer<NtStatus> next) {
        RedirectRecord newest = endpoint.inherited().newest();
        int hopDepth = 1 + (newest == null ? stack.table().deepestHop(endpoint.owner()) : newest.hopDepth());
        stack.questions()
                .connectRedirect(by, endpoint, asked, hopDepth, answer -> next.accept(redirected(answer, hopDepth)));
    }

    private NtStatus redirected(Classification answer, int hopDepth) {
        Classification.Redirect applied = answer.redirect();
        if (applied != null) {
            effective = IpAddress.unmap(applied.remote());
            RedirectedFlow flow = new RedirectedFlow(
                    applied.local() ? applied.chain() : RedirectChain.empty(),
                    endpoint.lineage(),
                    applied.ownRecords(),
                    applied.targetPid(),
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
        return applied != null && new LoopGuard(stack, endpoint).stops(applied, hopDepth)
                ? NtStatus.STATUS_CONNECTION_ABORTED
                : NtStatus.STATUS_SUCCESS;
    }

    /** Chooses the source address and asks AUTH_CONNECT. */
    void authorize(Consumer<NtStatus> next) {
        InetAddress from = IpAddress.unmap(endpoint.local().getAddress());
        InetAddress to = effective.getAddress();
        if (from.isAnyLocalAddress()) {
            sourceIsOpen = true;
            from = stack.addresses().sourceFor(to);
        }
        if (from == null || !isReachable(from, to)) {
            next.accept(NtStatus.STATUS_NETWORK_UNREACHABLE);
            return;
        }
        InetSocketAddress local = endpoint.local();
        InetSocketAddress source =
                from.equals(local.getAddress()) ? local : new InetSocketAddress(from, local.getPort());
        if (!stack.table().route(endpoint, source)) {
            next.accept(NtStatus.STATUS_ADDRESS_ALREADY_EXISTS);
            return;
        }
        policyEpoch = stack.engine().policyEpoch();
        if (stack.questions().isIdle(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)) {
            next.accept(NtStatus.STATUS_SUCCESS);
            return;
        }
        new ConnectAuthorization(stack, endpoint, asked, effective, sourceIsOpen)
                .ask(by, permitted -> next.accept(permitted ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_ACCESS_DENIED));
    }

    /** Loopback is reached from loopback only, and the other way round (WFP-53). */
    private boolean isReachable(InetAddress from, InetAddress to) {
        return Assignment.speaks(endpoint, to)
                && AddressFamily.of(from) == AddressFamily.of(to)
                && (sourceIsOpen || IpAddress.isLoopback(from) == IpAddress.isLoopback(to));
    }
}
