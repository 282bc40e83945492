package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.OutUlong;
import org.jspecify.annotations.Nullable;

/** A pointer to WSASendMsg (LPFN_WSASENDMSG); the function is {@link Winsock#wsaSendMsg} under its other name. */
@FunctionalInterface
public interface LpfnWsaSendMsg {

    /**
     * Does what {@link OverlappedWinsock#wsaSendMsg} does.
     *
     * @param s the socket
     * @param lpMsg what to send
     * @param dwFlags 0
     * @param lpNumberOfBytesSent receives the count if the call succeeds at once; may be null with OVERLAPPED
     * @param lpOverlapped the structure; null to wait
     * @param lpCompletionRoutine hears of the end; null for none
     * @return 0, or {@link Winsock#SOCKET_ERROR}
     */
    int wsaSendMsg(
            SocketHandle s,
            @Nullable WsaMsg lpMsg,
            int dwFlags,
            @Nullable OutUlong lpNumberOfBytesSent,
            @Nullable WsaOverlapped lpOverlapped,
            @Nullable WsaOverlappedCompletionRoutine lpCompletionRoutine);

    /**
     * Does what {@link Winsock#wsaSendMsg} does.
     *
     * @param s the socket
     * @param lpMsg what to send
     * @param dwFlags 0
     * @param lpNumberOfBytesSent receives the number of bytes
     * @return 0, or {@link Winsock#SOCKET_ERROR}
     */
    default int wsaSendMsg(
            SocketHandle s, @Nullable WsaMsg lpMsg, int dwFlags, @Nullable OutUlong lpNumberOfBytesSent) {
        return wsaSendMsg(s, lpMsg, dwFlags, lpNumberOfBytesSent, null, null);
    }
}
