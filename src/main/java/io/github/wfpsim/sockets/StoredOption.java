package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.winsock.Winsock;
import org.jspecify.annotations.Nullable;

/**
 * Options that only tune the transport: they are kept and can be read back, and change nothing here (WSA-61).
 *
 * <p>Source: SOL_SOCKET Socket Options, IPPROTO_TCP Socket Options, IPPROTO_IP Socket Options, IPPROTO_IPV6 Socket Options
 * (SDK).
 */
enum StoredOption {
    KEEPALIVE(Winsock.SOL_SOCKET, Winsock.SO_KEEPALIVE, SocketType.SOCK_STREAM, true),
    NODELAY(IpProtocol.IPPROTO_TCP.code(), Winsock.TCP_NODELAY, SocketType.SOCK_STREAM, true),
    STREAM_RECEIVE_BUFFER(Winsock.SOL_SOCKET, Winsock.SO_RCVBUF, SocketType.SOCK_STREAM, false),
    TYPE_OF_SERVICE(IpProtocol.IPPROTO_IP.code(), Winsock.IP_TOS, null, false),
    UNICAST_INTERFACE(IpProtocol.IPPROTO_IP.code(), Winsock.IP_UNICAST_IF, null, false),
    UNICAST_INTERFACE_V6(IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_UNICAST_IF, null, false);

    private static final StoredOption[] ALL = values();
    private static final int DEFAULT_BUFFER = 65_536;
    private static final int MOST_OF_A_BYTE = 0xFF;

    private final int level;
    private final int option;
    private final @Nullable SocketType only;
    private final boolean isBool;

    StoredOption(int level, int option, @Nullable SocketType only, boolean isBool) {
        this.level = level;
        this.option = option;
        this.only = only;
        this.isBool = isBool;
    }

    /** The stored option that a level and number are on a socket, or null. */
    static @Nullable StoredOption of(HostSocket kernel, int level, int option) {
        for (StoredOption known : ALL) {
            if (known.level == level && known.option == option && known.isFor(kernel)) {
                return known;
            }
        }
        return null;
    }

    private boolean isFor(HostSocket kernel) {
        boolean v6 = kernel.family() == AddressFamily.AF_INET6;
        boolean speaks = switch (this) {
            case TYPE_OF_SERVICE, UNICAST_INTERFACE -> !v6 || !kernel.isV6Only();
            case UNICAST_INTERFACE_V6 -> v6;
            case KEEPALIVE, NODELAY, STREAM_RECEIVE_BUFFER -> true;
        };
        return speaks && (only == null || only == kernel.type());
    }

    int atFirst() {
        return this == STREAM_RECEIVE_BUFFER ? DEFAULT_BUFFER : 0;
    }

    /** Whether the option can have a value: a type of service is one byte. */
    boolean takes(int value) {
        return this != TYPE_OF_SERVICE || (value & ~MOST_OF_A_BYTE) == 0;
    }

    /** What is read back: of a BOOL TRUE or FALSE, of IP_UNICAST_IF the index in host byte order, which set has in network order. */
    int kept(int value) {
        if (this == UNICAST_INTERFACE) {
            return Integer.reverseBytes(value);
        }
        return isBool && value != 0 ? 1 : value;
    }
}
