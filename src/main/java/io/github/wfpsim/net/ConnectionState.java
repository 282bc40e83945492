package io.github.wfpsim.net;

import io.github.wfpsim.stack.Endpoint;

/** The life of an endpoint. Every move goes through {@link Endpoint#transition} or {@link Endpoint#close}. */
public enum ConnectionState {
    /** Created and not bound; where every socket starts. */
    OPEN,
    /** A bind is under way on some thread. */
    BINDING,
    /** Has a local address, by bind. */
    BOUND,
    /** Takes connections; an endpoint never leaves this state but to close. */
    LISTENING,
    /** A connect is under way on some thread. */
    CONNECTING,
    /** Has a peer, by connect or by accept. */
    CONNECTED,
    /** Gone; nothing leads out of here. */
    CLOSED
}
