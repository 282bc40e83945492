package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.engine.Verdict;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.stack.ConnectAuthorization.Turn;
import io.github.wfpsim.trace.DropReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The steps by which a connection, or a flow of datagrams, leaves its endpoint: CONNECT_REDIRECT, the source address,
 * AUTH_CONNECT (WFP-02, WFP-03).
 */
final class Departure {

    private final Operation by;
    private final HostStack stack;
    private final Endpoint endpoint;
    private final InetSocketAddress asked;
    private final boolean isProbe;
    private InetSocketAddress effective;
    // The redirects that the connection's records do not list.
    private @Nullable Trail before;
    private @Nullable DropReason drop;
    private @Nullable Layer dropLayer;
    private boolean sourceIsOpen;
    private int policyEpoch;

    Departure(Operation by, Endpoint endpoint, InetSocketAddress asked) {
        this(by, endpoint, asked, false);
    }

    /** Of a connect that only asks; what counts is the first send (UDP-17). */
    static Departure probe(Operation by, Endpoint endpoint, InetSocketAddress asked) {
        return new Departure(by, endpoint, asked, true);
    }

    private Departure(Operation by, Endpoint endpoint, InetSocketAddress asked, boolean isProbe) {
        this.isProbe = isProbe;
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

    /** Asks CONNECT_REDIRECT, which may send it elsewhere. */
    NtStatus askConnectRedirect() {
        before = stack.table().trailBefore(endpoint, asked);
        RedirectRecord newest = endpoint.inherited().newest();
        int depthBefore = before == null ? 0 : before.depth();
        int hopDepth = 1 + (newest == null ? depthBefore : newest.hopDepth());
        return by.ask(LayerQuestion.connectRedirect(endpoint, asked, hopDepth), this::redirected);
    }

    private NtStatus redirected(Verdict answer) {
        Verdict.Redirect applied = answer.redirect();
        Trail trail = null;
        if (applied != null) {
            effective = IpAddress.unmap(applied.remote());
            trail = keepRecords(applied);
        }
        InetSocketAddress local = answer.local();
        if (local != null) {
            endpoint.setLocal(
                    new InetSocketAddress(local.getAddress(), endpoint.local().getPort()));
        }
        if (!answer.isPermitted()) {
            return blockedAt(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(endpoint.family()));
        }
        if (answer.refused()) {
            drop = DropReason.INCOMPLETE_REDIRECT;
            return NtStatus.STATUS_ACCESS_DENIED;
        }
        return trail != null && new LoopGuard(stack, endpoint).stops(trail)
                ? NtStatus.STATUS_CONNECTION_ABORTED
                : NtStatus.STATUS_SUCCESS;
    }

    /** The chain with the record that the redirect added, for the end that accepts the connection. */
    private @Nullable Trail keepRecords(Verdict.Redirect applied) {
        Trail trail = trailOf(applied);
        RedirectedFlow flow = new RedirectedFlow(
                applied.local() ? applied.chain() : RedirectChain.empty(),
                endpoint.lineage(),
                applied.ownRecords(),
                applied.targetPid(),
                trail,
                stack.contexts());
        stack.table().originates(endpoint, flow);
        if (before != null && trail != null && !isProbe) {
            stack.table().goesOnWith(endpoint, before);
        }
        return trail;
    }

    /** Null for a redirect that named no driver's handle and leaves the machine: nothing can come back from it. */
    private @Nullable Trail trailOf(Verdict.Redirect applied) {
        if (!applied.ownRecords().isEmpty() && !applied.chain().isEmpty()) {
            return Trail.of(before, applied.chain());
        }
        return stack.addresses().contains(effective.getAddress())
                ? Trail.unrecorded(
                        before,
                        new Trail.Hop(
                                applied.driver(), endpoint.owner().id(), asked, effective, applied.targetPid(), 0))
                : null;
    }

    /** Chooses the source address towards the destination, as routing does. */
    NtStatus chooseSource() {
        InetAddress from = IpAddress.unmap(endpoint.local().getAddress());
        InetAddress to = effective.getAddress();
        if (from.isAnyLocalAddress()) {
            sourceIsOpen = true;
            from = stack.addresses().sourceFor(to);
        }
        if (from == null || !isReachable(from, to)) {
            return from == null ? NtStatus.STATUS_NETWORK_UNREACHABLE : NtStatus.STATUS_INVALID_ADDRESS_COMPONENT;
        }
        InetSocketAddress local = endpoint.local();
        InetSocketAddress source =
                from.equals(local.getAddress()) ? local : new InetSocketAddress(from, local.getPort());
        return stack.table().route(endpoint, source) ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_ADDRESS_ALREADY_EXISTS;
    }

    /** Loopback is reached from loopback only, and IPv4 from IPv4; the other way round too (WFP-53). */
    private boolean isReachable(InetAddress from, InetAddress to) {
        return Assignment.speaks(endpoint, to)
                && AddressFamily.of(from) == AddressFamily.of(to)
                && (sourceIsOpen || IpAddress.isLoopback(from) == IpAddress.isLoopback(to));
    }

    /** Asks AUTH_CONNECT what is asked in this turn, if anything is, and notes a block (WFP-68, WFP-100). */
    NtStatus askAuthConnect(Turn turn) {
        if (turn == Turn.AS_ASKED_OF_APPLICATION) { // the first
            policyEpoch = stack.engine().policyEpoch();
        }
        LayerQuestion question =
                new ConnectAuthorization(stack, endpoint, asked, effective, sourceIsOpen).question(turn);
        return question == null
                ? NtStatus.STATUS_SUCCESS
                : by.ask(
                        question,
                        answer -> answer.isPermitted() ? NtStatus.STATUS_SUCCESS : blockedAt(question.layer()));
    }

    /** Notes that a layer blocks. */
    NtStatus blockedAt(Layer layer) {
        drop = DropReason.BLOCKED_AT_SENDER;
        dropLayer = layer;
        return NtStatus.STATUS_ACCESS_DENIED;
    }

    /** Why its datagrams are dropped; null as long as nothing has refused them. */
    @Nullable
    DropReason drop() {
        return drop;
    }

    /** The layer that blocked; null if none did. */
    @Nullable
    Layer dropLayer() {
        return dropLayer;
    }
}
