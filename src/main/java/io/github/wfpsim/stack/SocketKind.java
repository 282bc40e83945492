package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a socket was created as. Sockets that are alike share one object.
 *
 * @param family address family
 * @param type socket type
 * @param protocol transport protocol
 */
public record SocketKind(AddressFamily family, SocketType type, IpProtocol protocol) {

    private static final ConcurrentHashMap<SocketKind, SocketKind> SHARED = new ConcurrentHashMap<>();

    /** The kind with these parameters of the socket function. */
    public static SocketKind of(AddressFamily family, SocketType type, IpProtocol protocol) {
        SocketKind kind = new SocketKind(family, type, protocol);
        SocketKind shared = SHARED.putIfAbsent(kind, kind);
        return shared == null ? kind : shared;
    }
}
