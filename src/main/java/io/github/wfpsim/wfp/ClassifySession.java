package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.record.RedirectChain;
import io.github.wfpsim.record.RedirectRecord;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.Verifier;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One classification while it runs: the versions of the request and the live chain. Guarded by its private lock, which
 * is never held while a callout runs.
 */
final class ClassifySession {

    private final Verifier verifier;
    private final ClassifyInput input;
    private final Object lock = new Object();

    private @Nullable ConnectRequest connectRequest;
    private @Nullable BindRequest bindRequest;
    private RedirectChain chain;
    private RedirectChain delivered;
    private final List<Long> ownRecords = new ArrayList<>(0);
    private boolean redirected;
    private boolean local;
    private boolean refused;
    private volatile boolean ended;

    ClassifySession(Verifier verifier, ClassifyInput input) {
        this.verifier = verifier;
        this.input = input;
        ClassifyInput.Connect connect = input.connect();
        this.chain = connect == null ? RedirectChain.empty() : connect.inherited();
        this.delivered = chain;
        IncomingValues values = input.values();
        if (connect != null) {
            this.connectRequest = new ConnectRequest(values.local(), values.remote());
        } else if (isBindRedirect(values.layer())) {
            this.bindRequest = new BindRequest(values.local());
        }
    }

    private static boolean isBindRedirect(Layer layer) {
        return layer == Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4 || layer == Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V6;
    }

    ClassifyInput input() {
        return input;
    }

    void fault(Fault fault, String object, String detail) {
        verifier.fault(input.subject(), fault, object, detail);
    }

    boolean isStale() {
        return ended;
    }

    void end() {
        ended = true;
    }

    RedirectChain chain() {
        synchronized (lock) {
            return chain;
        }
    }

    /** The chain that the acceptor of a local redirect may query; null if there is no such redirect. */
    @Nullable
    RedirectChain queryableChain() {
        synchronized (lock) {
            return redirected && local && !ownRecords.isEmpty() ? delivered : null;
        }
    }

    /** A private copy of the request for a callout, or null where the layer has none (WFP-44). */
    @Nullable
    Object writableCopy(long filterId) {
        synchronized (lock) {
            if (connectRequest != null) {
                return new ConnectRequest(connectRequest, filterId);
            }
            return bindRequest == null ? null : new BindRequest(bindRequest, filterId);
        }
    }

    void applyBind(BindRequest request) {
        synchronized (lock) {
            request.freeze();
            bindRequest = request;
        }
    }

    /** Makes an edited request the newest version; {@code record} is what it adds to the chain, if anything. */
    void applyConnect(ConnectRequest request, @Nullable RedirectRecord record, boolean isLocal, boolean replaces) {
        synchronized (lock) {
            boolean moved = record != null
                    || !request.remoteAddressAndPort().equals(input.values().remote());
            connectRequest = request;
            redirected = moved;
            local = isLocal;
            if (record != null) {
                chain = replaces ? chain.replaceNewest(record) : chain.append(record);
                if (replaces) {
                    ownRecords.remove(ownRecords.size() - 1);
                }
                ownRecords.add(record.id());
                // A redirect to a foreign address shows only in state queries of this connection (REC-11).
                if (isLocal) {
                    delivered = replaces ? delivered.replaceNewest(record) : delivered.append(record);
                }
            }
        }
    }

    /** The newest record that this connection itself added, or null. */
    @Nullable
    RedirectRecord ownNewest() {
        synchronized (lock) {
            return ownRecords.isEmpty() ? null : chain.newest();
        }
    }

    void refuse() {
        synchronized (lock) {
            refused = true;
        }
    }

    Classification.@Nullable Redirect redirect() {
        synchronized (lock) {
            ConnectRequest request = connectRequest;
            if (!redirected || request == null) {
                return null;
            }
            return new Classification.Redirect(
                    request.remoteAddressAndPort(),
                    request.localRedirectTargetPid(),
                    local ? delivered : chain,
                    List.copyOf(ownRecords),
                    local && !ownRecords.isEmpty());
        }
    }

    /** The local address to use instead of the one that was asked for, or null. */
    @Nullable
    InetSocketAddress changedLocal() {
        synchronized (lock) {
            InetSocketAddress wanted = connectRequest != null
                    ? connectRequest.localAddressAndPort()
                    : bindRequest == null ? null : bindRequest.localAddressAndPort();
            return wanted == null || wanted.equals(input.values().local()) ? null : wanted;
        }
    }

    boolean isRefused() {
        synchronized (lock) {
            return refused;
        }
    }
}
