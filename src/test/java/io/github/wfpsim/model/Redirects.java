package io.github.wfpsim.model;

import java.util.List;

/**
 * One callout of the machine under test: to whom it sends the connections to one port, in whose name, and with which
 * context.
 *
 * @param port the port that it redirects
 * @param handle the redirect handle that it uses
 * @param proxy where it sends connections
 * @param target the process that it names
 * @param context the context that it attaches; empty for none
 */
record Redirects(int port, String handle, Place proxy, Actor target, String context) {

    /** In the order in which the callouts are asked. */
    static final List<Redirects> ALL = List.of(
            new Redirects(80, "A", Place.A, Actor.PROXY_A, "context of A"),
            new Redirects(80, "B", Place.B, Actor.PROXY_B, "b!"),
            new Redirects(81, "A", Place.A, Actor.PROXY_B, ""),
            new Redirects(82, "A2", Place.A, Actor.PROXY_A, ""));

    /** The port that a filter blocks at AUTH_CONNECT. */
    static final int BLOCKED_PORT = 83;

    static final int LOOP_LIMIT = 3;

    /** Bytes that each direction of a connection holds. */
    static final int WINDOW = 48;
}
