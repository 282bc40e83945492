package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.engine.FilterEngine;
import io.github.wfpsim.engine.FixedValues;
import io.github.wfpsim.engine.Question;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the stack asks a layer about an endpoint: one method for each layer, with the values that it is shown.
 *
 * @param layer the layer, of the family that fits
 * @param endpoint whom it is about
 * @param actor the process that is shown: the endpoint's owner, or the application that its records lead back to
 * @param local the local address
 * @param remote the far end; unspecified where there is none
 * @param flags the condition flags
 * @param redirected how the connection was redirected, for the authorization of its new destination; else null
 * @param connect what CONNECT_REDIRECT has to know; null at other layers
 */
record LayerQuestion(
        Layer layer,
        Endpoint endpoint,
        ProcessEntry actor,
        InetSocketAddress local,
        InetSocketAddress remote,
        int flags,
        Question.@Nullable Redirected redirected,
        Question.@Nullable Connect connect) {

    // ---- a local address

    /** May it bind to an address? The answer may change it. */
    static LayerQuestion bindRedirect(Endpoint endpoint, InetSocketAddress wanted) {
        return withoutPeer(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, endpoint, wanted, 0);
    }

    /** May it have an address? */
    static LayerQuestion resourceAssignment(Endpoint endpoint, InetSocketAddress address) {
        int wildcard =
                address.getAddress().isAnyLocalAddress() ? ConditionFlag.FWP_CONDITION_FLAG_IS_WILDCARD_BIND.code() : 0;
        int raw = endpoint.type() == SocketType.SOCK_RAW ? ConditionFlag.FWP_CONDITION_FLAG_IS_RAW_ENDPOINT.code() : 0;
        return withoutPeer(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4, endpoint, address, wildcard | raw);
    }

    /** Its port is about to be given back. */
    static LayerQuestion resourceRelease(Endpoint endpoint) {
        return withoutPeer(Layer.FWPS_LAYER_ALE_RESOURCE_RELEASE_V4, endpoint, endpoint.local(), 0);
    }

    // ---- a connection, or a flow of datagrams

    /** May it take connections? */
    static LayerQuestion authListen(Endpoint endpoint) {
        return withoutPeer(Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4, endpoint, endpoint.local(), 0);
    }

    /** May it connect? The answer may send it elsewhere. */
    static LayerQuestion connectRedirect(Endpoint endpoint, InetSocketAddress destination, int hopDepth) {
        return new LayerQuestion(
                Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(endpoint.family()),
                endpoint,
                endpoint.owner(),
                endpoint.local(),
                destination,
                proxyFlag(endpoint),
                null,
                new Question.Connect(endpoint.inherited(), endpoint.lineage(), hopDepth));
    }

    /** May somebody connect to where the endpoint was headed, or to where a redirect sends it? */
    static LayerQuestion authConnect(
            Endpoint endpoint,
            ProcessEntry actor,
            InetSocketAddress source,
            InetSocketAddress destination,
            int moreFlags,
            Question.@Nullable Redirected redirected) {
        return new LayerQuestion(
                towards(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, destination),
                endpoint,
                actor,
                source,
                destination,
                moreFlags | proxyFlag(endpoint) | loopbackFlag(destination),
                redirected,
                null);
    }

    /** The layer that authorizes what goes to a destination. */
    static Layer authConnectLayer(InetSocketAddress destination) {
        return towards(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, destination);
    }

    /** May its peer connect to it? */
    static LayerQuestion authRecvAccept(Endpoint endpoint) {
        InetSocketAddress peer = Objects.requireNonNull(endpoint.remote());
        return new LayerQuestion(
                towards(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, peer),
                endpoint,
                endpoint.owner(),
                endpoint.local(),
                peer,
                loopbackFlag(peer),
                null,
                null);
    }

    /** Its connection to where the bytes really go, or come from, is about to be there. */
    static LayerQuestion flowEstablished(Endpoint endpoint, InetSocketAddress effective) {
        return new LayerQuestion(
                towards(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4, effective),
                endpoint,
                endpoint.owner(),
                endpoint.local(),
                effective,
                proxyFlag(endpoint) | loopbackFlag(effective),
                null,
                null);
    }

    /** It closes. */
    static LayerQuestion endpointClosure(Endpoint endpoint) {
        InetSocketAddress peer = endpoint.remote();
        InetSocketAddress remote = peer == null ? IpAddress.unspecified(endpoint.family()) : peer;
        return new LayerQuestion(
                towards(Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4, remote),
                endpoint,
                endpoint.owner(),
                endpoint.local(),
                remote,
                0,
                null,
                null);
    }

    private static LayerQuestion withoutPeer(Layer layer, Endpoint endpoint, InetSocketAddress local, int flags) {
        InetSocketAddress nobody = IpAddress.unspecified(endpoint.family());
        return new LayerQuestion(
                layer.withFamily(endpoint.family()), endpoint, endpoint.owner(), local, nobody, flags, null, null);
    }

    private static Layer towards(Layer layer, InetSocketAddress remote) {
        return layer.withFamily(AddressFamily.of(remote.getAddress()));
    }

    /** IS_PROXY_CONNECTION for a connection whose chain was installed by SET (WFP-16). */
    private static int proxyFlag(Endpoint endpoint) {
        return endpoint.inherited().isEmpty() ? 0 : ConditionFlag.FWP_CONDITION_FLAG_IS_PROXY_CONNECTION.code();
    }

    private static int loopbackFlag(InetSocketAddress destination) {
        return IpAddress.isLoopback(destination.getAddress()) ? ConditionFlag.FWP_CONDITION_FLAG_IS_LOOPBACK.code() : 0;
    }

    // ---- asking

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

    /** Whether nobody would notice if it was not asked. */
    boolean isIdle(FilterEngine engine) {
        return engine.isIdle(layer);
    }

    /** Asks where the answer cannot be put off; true if the layer permits. */
    boolean isPermittedBy(FilterEngine engine) {
        return isIdle(engine) || engine.classify(input(engine)).isPermitted();
    }

    /** Asks again after a change of policy; true if the layer permits still. */
    boolean isStillPermittedBy(FilterEngine engine) {
        return isIdle(engine)
                || engine.classify(
                                input(engine).again(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_POLICY_CHANGE))
                        .isPermitted();
    }

    /** The form in which the engine is asked. */
    Question input(FilterEngine engine) {
        RedirectRecord oldest = endpoint.inherited().oldest();
        FixedValues values = new FixedValues(
                layer,
                actor,
                endpoint.protocol(),
                asShown(local),
                asShown(remote),
                flags,
                0,
                oldest == null ? endpoint.owner().appId() : oldest.originalAppId(),
                engine.net(),
                engine.compartmentId());
        return new Question(
                values,
                endpoint.subjectAs(actor),
                endpoint.transportHandle(),
                endpoint.handle(),
                endpoint.parentHandle(),
                redirected,
                connect);
    }

    /** A V6 layer shows the IPv4 addresses of a dual-stack socket in their v4-mapped form (WFP-06). */
    private InetSocketAddress asShown(InetSocketAddress address) {
        return layer.family() == AddressFamily.AF_INET6 ? IpAddress.toV4Mapped(address) : address;
    }
}
