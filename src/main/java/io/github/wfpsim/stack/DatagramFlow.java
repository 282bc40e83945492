package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.trace.DropReason;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A UDP five-tuple of one socket (UDP-11): the endpoint that stands for it in the table, whether it is authorized, and
 * when it was used last. Safe for use by many threads.
 */
final class DatagramFlow {

    private final Endpoint socket;
    private final Endpoint endpoint;
    private final InetSocketAddress far;
    private final Settlement authorization = new Settlement();
    private volatile long lastUse;
    private volatile @Nullable Refusal refusal;
    private final AtomicBoolean toldOfNobody = new AtomicBoolean();

    /**
     * Why packets may not leave by the flow.
     *
     * @param effective where they would go
     * @param reason why they do not
     * @param layer the layer that blocked; null if none did
     */
    record Refusal(
            InetSocketAddress effective,
            DropReason reason,
            @Nullable Layer layer) {}

    DatagramFlow(Endpoint socket, Endpoint endpoint, InetSocketAddress far, long now) {
        this.socket = socket;
        this.endpoint = endpoint;
        this.far = far;
        this.lastUse = now;
    }

    /** The socket whose flow it is. */
    Endpoint socket() {
        return socket;
    }

    /** What stands for the flow in the table; its own handle is the flow's. */
    Endpoint endpoint() {
        return endpoint;
    }

    /** The far end as the owner sees it. */
    InetSocketAddress far() {
        return far;
    }

    /** STATUS_SUCCESS once packets may pass; the reason if none may. */
    Settlement authorization() {
        return authorization;
    }

    /** Whether a redirect sends its packets to this machine, with a record. */
    boolean isRedirectedHere() {
        RedirectedFlow redirected = endpoint.flow();
        return redirected != null && redirected.newest() != null && !endpoint.isAcceptor();
    }

    /** Notes why packets may not leave; before the authorization is settled. */
    void refuse(Refusal why) {
        this.refusal = why;
    }

    /** Why packets may not leave; null if nothing has refused them. */
    @Nullable
    Refusal refusal() {
        return refusal;
    }

    /** Whether this is the first time that a packet is redirected to nobody. */
    boolean tellsOfNobody() {
        return toldOfNobody.compareAndSet(false, true);
    }

    /** Virtual time of the last packet, in nanoseconds. */
    long lastUse() {
        return lastUse;
    }

    void used(long now) {
        this.lastUse = now;
    }
}
