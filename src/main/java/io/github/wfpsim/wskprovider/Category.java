package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientDatagramDispatch;
import io.github.wfpsim.wsk.WskClientDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch;
import io.github.wfpsim.wsk.WskClientStreamDispatch;
import io.github.wfpsim.wsk.WskFlags;
import org.jspecify.annotations.Nullable;

/** The categories of WSK sockets. Source: Winsock Kernel Socket Categories (WDK). Requirement: WSKS-05. */
enum Category {
    BASIC(WskFlags.WSK_FLAG_BASIC_SOCKET),
    LISTEN(WskFlags.WSK_FLAG_LISTEN_SOCKET),
    CONNECTION(WskFlags.WSK_FLAG_CONNECTION_SOCKET),
    DATAGRAM(WskFlags.WSK_FLAG_DATAGRAM_SOCKET),
    STREAM(WskFlags.WSK_FLAG_STREAM_SOCKET);

    private final int flag;

    Category(int flag) {
        this.flag = flag;
    }

    /** The category that flags name; null if they name none or several. */
    static @Nullable Category of(int flags) {
        for (Category category : values()) {
            if (category.flag == flags) {
                return category;
            }
        }
        return null;
    }

    /** Whether type and protocol suit the category; a basic socket takes any that go together. */
    boolean fits(int type, int protocol) {
        boolean tcp = type == SocketType.SOCK_STREAM.code() && protocol == IpProtocol.IPPROTO_TCP.code();
        boolean udp = type == SocketType.SOCK_DGRAM.code() && protocol == IpProtocol.IPPROTO_UDP.code();
        return switch (this) {
            case BASIC -> tcp || udp || isRaw(type, protocol);
            case LISTEN, CONNECTION, STREAM -> tcp;
            case DATAGRAM -> udp || isRaw(type, protocol);
        };
    }

    /** Whether a table of callbacks is of the type that goes with the category; none always is. */
    boolean fits(@Nullable WskClientDispatch dispatch) {
        return dispatch == null
                || switch (this) {
                    case BASIC -> false;
                    case LISTEN -> dispatch instanceof WskClientListenDispatch;
                    case CONNECTION -> dispatch instanceof WskClientConnectionDispatch;
                    case DATAGRAM -> dispatch instanceof WskClientDatagramDispatch;
                    case STREAM -> dispatch instanceof WskClientStreamDispatch;
                };
    }

    private static boolean isRaw(int type, int protocol) {
        return type == SocketType.SOCK_RAW.code()
                && IpProtocol.fromCode(protocol).isPresent();
    }
}
