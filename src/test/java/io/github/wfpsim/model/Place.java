package io.github.wfpsim.model;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses to bind and connect to; what callouts do with the ports of the origin says {@link Redirects}. */
enum Place {
    NULL(null, 0),
    /** Where the first proxy listens. */
    A("127.0.0.1", 8001),
    /** Where the second proxy listens. */
    B("127.0.0.1", 8002),
    /** Redirected by both vendors, the first before the second. */
    ORIGIN_80("192.0.2.2", 80),
    /** Redirected by the first vendor, who names the wrong process. */
    ORIGIN_81("192.0.2.2", 81),
    /** Redirected by the first vendor with its other handle and without context. */
    ORIGIN_82("192.0.2.2", 82),
    /** Blocked at AUTH_CONNECT. */
    ORIGIN_83("192.0.2.2", 83),
    /** Left alone. */
    ORIGIN_84("192.0.2.2", 84),
    ANY_80("0.0.0.0", 80),
    ANY_84("0.0.0.0", 84),
    ANY_7000("0.0.0.0", 7000),
    LOOPBACK_7000("127.0.0.1", 7000),
    OWN_7000("192.0.2.2", 7000),
    ANY_0("0.0.0.0", 0),
    LOOPBACK_0("127.0.0.1", 0),
    OWN_0("192.0.2.2", 0),
    /** An address that nobody has. */
    FOREIGN_80("203.0.113.10", 80),
    FOREIGN_84("203.0.113.10", 84),
    IPV6_80("2001:db8::2", 80);

    final String ip;
    final int port;

    Place(String ip, int port) {
        this.ip = ip;
        this.port = port;
    }

    InetSocketAddress address() {
        if (ip == null) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(ip), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
