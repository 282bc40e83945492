package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks the authorization layers about live flows again when policy changes, and cuts what they block (WFP-73, WFP-74). */
final class Reauthorization {

    /** How often live flows are asked about because of changes that callouts make while they are asked. */
    private static final int MOST_WALKS = 8;

    private final HostStack stack;

    /** Layers that callouts changed while they were asked again on this thread; null when none is. */
    @SuppressWarnings("ThreadLocalUsage") // One for each machine: two machines never share a walk.
    private final ThreadLocal<@Nullable Set<Layer>> changedMeanwhile = new ThreadLocal<>();

    Reauthorization(HostStack stack) {
        this.stack = stack;
    }

    /** The filters of some layers have changed. */
    void policyChanged(Set<Layer> layers) {
        Set<Layer> noted = changedMeanwhile.get();
        if (noted == null) {
            inOneWalk(() -> walk(layers));
        } else {
            noted.addAll(layers);
        }
    }

    /** Asks about a flow that came up while policy changed. */
    void catchUp(Endpoint endpoint, int authorizedUnder) {
        if (stack.engine().policyEpoch() == authorizedUnder) {
            return;
        }
        Set<Layer> noted = changedMeanwhile.get();
        if (noted == null) {
            inOneWalk(() -> reauthorize(endpoint));
        } else {
            // A callout that is being asked again has made this flow: the next walk asks about it.
            noted.add(layerOf(endpoint));
        }
    }

    /** A callout that changes filters whenever it is asked would otherwise be asked for ever. */
    private void inOneWalk(Runnable first) {
        Set<Layer> noted = EnumSet.noneOf(Layer.class);
        changedMeanwhile.set(noted);
        try (FaultScope scope = stack.verifier().enter()) {
            first.run();
            for (int more = 0; more < MOST_WALKS && !noted.isEmpty(); more++) {
                Set<Layer> changed = EnumSet.copyOf(noted);
                noted.clear();
                walk(changed);
            }
        } finally {
            changedMeanwhile.remove();
        }
    }

    private void walk(Set<Layer> layers) {
        for (Endpoint endpoint : stack.table().endpoints()) {
            boolean live = endpoint.state() == ConnectionState.CONNECTED && endpoint.datagramPort() == null;
            if (live && isAskedAtOneOf(layers, endpoint)) {
                reauthorize(endpoint);
            }
        }
    }

    private void reauthorize(Endpoint endpoint) {
        boolean permitted = endpoint.isAcceptor()
                ? acceptStands(endpoint)
                : new ConnectAuthorization(stack, endpoint).isStillPermitted();
        if (!permitted) {
            stack.trace().emit(new TraceEvent.FlowCut(endpoint.subject(), layerOf(endpoint)));
            cut(endpoint);
        }
    }

    private boolean acceptStands(Endpoint endpoint) {
        return endpoint.remote() == null
                || LayerQuestion.authRecvAccept(endpoint).isStillPermittedBy(stack.engine());
    }

    /** A redirect may have led a dual-stack socket to the other family: both destinations were authorized (WFP-68). */
    private static boolean isAskedAtOneOf(Set<Layer> layers, Endpoint endpoint) {
        return layers.contains(layerOf(endpoint)) || layers.contains(layerFor(endpoint, endpoint.remote()));
    }

    private static Layer layerOf(Endpoint endpoint) {
        return layerFor(endpoint, endpoint.effectiveRemote());
    }

    private static Layer layerFor(Endpoint endpoint, @Nullable InetSocketAddress far) {
        AddressFamily family = far == null ? endpoint.family() : AddressFamily.of(far.getAddress());
        return (endpoint.isAcceptor() ? Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 : Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                .withFamily(family);
    }

    /** Both ends see a reset; those of this machine are closed, with their closure layers. */
    private void cut(Endpoint endpoint) {
        DuplexStream stream = endpoint.stream();
        if (stream != null) {
            stream.cut();
        }
        Endpoint peer = stack.table().peerOf(endpoint);
        close(endpoint);
        if (peer != null) {
            close(peer);
        }
    }

    private void close(Endpoint endpoint) {
        endpoint.markCut();
        stack.close(endpoint, true);
    }
}
