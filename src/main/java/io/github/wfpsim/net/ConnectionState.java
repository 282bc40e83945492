package io.github.wfpsim.net;

/** Where a socket is in its life. A failed bind or connect leads back; else it moves down this list. */
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
