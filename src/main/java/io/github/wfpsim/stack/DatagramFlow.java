package io.github.wfpsim.stack;

import java.net.InetSocketAddress;

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

    DatagramFlow(Endpoint socket, Endpoint endpoint, InetSocketAddress far) {
        this.socket = socket;
        this.endpoint = endpoint;
        this.far = far;
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

    /** Virtual time of the last packet, in nanoseconds. */
    long lastUse() {
        return lastUse;
    }

    void used(long now) {
        this.lastUse = now;
    }
}
