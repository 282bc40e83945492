package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.OutUlong;
import org.jspecify.annotations.Nullable;

/** A pointer to WSASendMsg (LPFN_WSASENDMSG); the function is {@link Winsock#wsaSendMsg} under its other name. */
@FunctionalInterface
public interface LpfnWsaSendMsg {

    /**
     * Does what {@link Winsock#wsaSendMsg} does.
     *
     * @param s the socket
     * @param lpMsg what to send
     * @param dwFlags 0
     * @param lpNumberOfBytesSent receives the number of bytes
     * @return 0, or {@link Winsock#SOCKET_ERROR}
     */
    int wsaSendMsg(SocketHandle s, @Nullable WsaMsg lpMsg, int dwFlags, @Nullable OutUlong lpNumberOfBytesSent);
}
