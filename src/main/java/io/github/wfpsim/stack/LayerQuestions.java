package io.github.wfpsim.stack;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.wfp.Classification;
import io.github.wfpsim.wfp.ClassifyInput;
import io.github.wfpsim.wfp.FilterEngine;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts what the stack knows about an endpoint into the form in which the engine is asked. */
final class LayerQuestions {

    private final FilterEngine engine;

    LayerQuestions(FilterEngine engine) {
        this.engine = engine;
    }

    static Subject subjectOf(Endpoint endpoint) {
        ProcessEntry owner = endpoint.owner();
        return new Subject(endpoint.transportHandle(), endpoint.lineage(), owner.id(), owner.imageName());
    }

    /** Whether nobody would notice if a layer and its twin of the other family were not asked. */
    boolean isIdle(Layer layer) {
        return engine.isIdle(layer.withFamily(AddressFamily.AF_INET))
                && engine.isIdle(layer.withFamily(AddressFamily.AF_INET6));
    }

    /** Asks a layer where the answer cannot be put off; true if it permits. */
    boolean permitsNow(Layer layer, Endpoint endpoint, InetSocketAddress local, InetSocketAddress remote, int flags) {
        Layer asked = layer.withFamily(AddressFamily.of(remote.getAddress()));
        return engine.isIdle(asked)
                || engine.classify(input(asked, endpoint, local, remote, flags, null))
                        .isPermitted();
    }

    /** Asks an authorization layer again after a change of policy; true if it permits still. */
    boolean permitsStill(
            Layer layer,
            Endpoint endpoint,
            InetSocketAddress local,
            InetSocketAddress remote,
            int flags,
            ClassifyInput.@Nullable Redirected redirected) {
        Layer asked = layer.withFamily(AddressFamily.of(remote.getAddress()));
        return engine.isIdle(asked)
                || engine.classify(input(asked, endpoint, local, remote, flags, redirected)
                                .again(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_POLICY_CHANGE))
                        .isPermitted();
    }

    /** Asks a layer that decides about an endpoint's addresses as they are, and goes on with whether it permits. */
    void permits(
            Operation by,
            Layer layer,
            Endpoint endpoint,
            InetSocketAddress local,
            InetSocketAddress remote,
            int flags,
            Consumer<Boolean> next) {
        permits(by, layer, endpoint, local, remote, flags, null, next, () -> {});
    }

    /** As above, with what to do if the operation ends before there is an answer. */
    void permits(
            Operation by,
            Layer layer,
            Endpoint endpoint,
            InetSocketAddress local,
            InetSocketAddress remote,
            int flags,
            Consumer<Boolean> next,
            Runnable whenDropped) {
        permits(by, layer, endpoint, local, remote, flags, null, next, whenDropped);
    }

    void permits(
            Operation by,
            Layer layer,
            Endpoint endpoint,
            InetSocketAddress local,
            InetSocketAddress remote,
            int flags,
            ClassifyInput.@Nullable Redirected redirected,
            Consumer<Boolean> next,
            Runnable whenDropped) {
        Layer asked = layer.withFamily(AddressFamily.of(remote.getAddress()));
        if (engine.isIdle(asked)) {
            next.accept(true);
            return;
        }
        ClassifyInput input = input(asked, endpoint, local, remote, flags, redirected);
        by.ask(endpoint, input, answer -> next.accept(answer.isPermitted()), whenDropped);
    }

    private static ClassifyInput input(
            Layer layer,
            Endpoint endpoint,
            InetSocketAddress local,
            InetSocketAddress remote,
            int flags,
            ClassifyInput.@Nullable Redirected redirected) {
        return new ClassifyInput(
                values(layer, endpoint, local, remote, flags),
                subjectOf(endpoint),
                endpoint.handle(),
                endpoint.parentHandle(),
                redirected,
                null);
    }

    /** Whether the redirect layers are asked at all: TCP, UDP, raw UDP over IPv4, raw ICMP (WFP-04). */
    static boolean isRedirectable(Endpoint endpoint) {
        IpProtocol protocol = endpoint.protocol();
        if (endpoint.type() != SocketType.SOCK_RAW) {
            return protocol == IpProtocol.IPPROTO_TCP || protocol == IpProtocol.IPPROTO_UDP;
        }
        return switch (protocol) {
            case IPPROTO_ICMP, IPPROTO_ICMPV6 -> true;
            case IPPROTO_UDP -> endpoint.family() == AddressFamily.AF_INET;
            default -> false;
        };
    }

    /** Asks BIND_REDIRECT, which may change the address. */
    void bindRedirect(Operation by, Endpoint endpoint, InetSocketAddress wanted, Consumer<Classification> next) {
        Layer layer = Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4.withFamily(endpoint.family());
        if (!isRedirectable(endpoint) || engine.isIdle(layer)) {
            next.accept(Classification.unchanged(ActionType.FWP_ACTION_PERMIT));
            return;
        }
        InetSocketAddress nobody = IpAddress.unspecified(endpoint.family());
        by.ask(endpoint, input(layer, endpoint, wanted, nobody, 0, null), next);
    }

    /** Asks CONNECT_REDIRECT, which may send the connection elsewhere. */
    void connectRedirect(
            Operation by,
            Endpoint endpoint,
            InetSocketAddress destination,
            int hopDepth,
            Consumer<Classification> next) {
        Layer layer = Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(endpoint.family());
        if (engine.isIdle(layer)) {
            next.accept(Classification.unchanged(ActionType.FWP_ACTION_PERMIT));
            return;
        }
        ClassifyInput input = new ClassifyInput(
                values(layer, endpoint, endpoint.local(), destination, proxyFlag(endpoint)),
                subjectOf(endpoint),
                endpoint.handle(),
                endpoint.parentHandle(),
                null,
                new ClassifyInput.Connect(endpoint.inherited(), endpoint.lineage(), hopDepth));
        by.ask(endpoint, input, next);
    }

    /** IS_PROXY_CONNECTION for a connection whose chain was installed by SET (WFP-16). */
    static int proxyFlag(Endpoint endpoint) {
        return endpoint.inherited().isEmpty() ? 0 : ConditionFlag.FWP_CONDITION_FLAG_IS_PROXY_CONNECTION.code();
    }

    static int loopbackFlag(InetSocketAddress destination) {
        return IpAddress.isLoopback(destination.getAddress()) ? ConditionFlag.FWP_CONDITION_FLAG_IS_LOOPBACK.code() : 0;
    }

    private static IncomingValues values(
            Layer layer, Endpoint endpoint, InetSocketAddress local, InetSocketAddress remote, int flags) {
        RedirectRecord oldest = endpoint.inherited().oldest();
        String original = oldest == null ? endpoint.owner().appId() : oldest.originalAppId();
        return new IncomingValues(
                layer,
                endpoint.owner(),
                endpoint.protocol(),
                asShownAt(layer, local),
                asShownAt(layer, remote),
                flags,
                0,
                original);
    }

    /** A V6 layer shows the IPv4 addresses of a dual-stack socket in their v4-mapped form (WFP-06). */
    private static InetSocketAddress asShownAt(Layer layer, InetSocketAddress address) {
        return layer.family() == AddressFamily.AF_INET6 ? IpAddress.toV4Mapped(address) : address;
    }
}
